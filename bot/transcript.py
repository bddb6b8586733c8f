"""Reads a conversation from a file: a JSON array, JSON lines, or plain lines such as "Maya: looking into it"."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from handlers.conversation import Thread, Turn

_ARRAY = re.compile(r'\s*\[\s*([{"\]]|$)')
_OBJECT = re.compile(r"\s*\{")
_BETWEEN_OBJECTS = re.compile(r"[\s,\[\]]*")
_SAID = re.compile(r"(?:\[(?P<at>[^\]]{1,30})\]\s*)?(?P<speaker>[^\s:<>][^:<>]{0,39}?)\s*:(?:\s+(?P<text>.*))?")


class TranscriptError(Exception):
    """Raised when a conversation cannot be read; its text is one sentence that says where and why."""


def read(path: Path) -> Thread:
    """Read a file. Raises `TranscriptError`."""
    try:
        return parse(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise TranscriptError(f"{path} is not a text file in UTF-8.") from None
    except OSError as error:
        raise TranscriptError(f"{path} cannot be read: {(error.strerror or 'no reason given').lower()}.") from None
    except TranscriptError as error:
        raise TranscriptError(f"{path}, {error}") from None


def parse(text: str) -> Thread:
    """Read a text. Raises `TranscriptError`."""
    if _ARRAY.match(text):
        turns = tuple(_array_turns(text))
    elif _OBJECT.match(text):
        turns = tuple(_object_turns(text.split("\n")))
    else:
        turns = tuple(_plain_turns(text.splitlines()))
    if not turns:
        raise TranscriptError("line 1: there is no message here.")
    return Thread(turns)


def turn(value: Any) -> Turn:
    """A turn from a JSON value. Raises `TranscriptError` for anything but an object with a speaker and a text."""
    if not isinstance(value, dict):
        raise TranscriptError('a message must be an object such as {"speaker": "Maya", "text": "Hello"}.')
    for name in ("speaker", "text"):
        if value.get(name) is None:
            raise TranscriptError(f'a message has no "{name}".')
    for name in ("speaker", "text", "at", "link"):
        if not isinstance(value.get(name), str | None):
            raise TranscriptError(f'the "{name}" of a message must be a string.')
    return Turn(value["speaker"], value["text"], value.get("at"), value.get("link"))


def _decode(text: str, first_line: int) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {first_line + error.lineno - 1}"
        raise TranscriptError(f"{where}: this is not valid JSON at column {error.colno}.") from None
    except (ValueError, RecursionError):
        raise TranscriptError(f"line {first_line}: this JSON cannot be read.") from None


def _array_turns(text: str) -> Iterator[Turn]:
    """The turns of a JSON array. Each is decoded a second time on its own, which tells where it starts."""
    decoder, place = json.JSONDecoder(), 0
    for value in _decode(text, 1):
        gap = _BETWEEN_OBJECTS.match(text, place)
        start = gap.end() if gap else place
        try:
            yield turn(value)
        except TranscriptError as error:
            raise TranscriptError(f"line {text.count(chr(10), 0, start) + 1}: {error}") from None
        _, place = decoder.raw_decode(text, start)


def _object_turns(lines: Iterable[str]) -> Iterator[Turn]:
    """The turns of JSON lines; blank lines are skipped."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        value = _decode(line, number)
        try:
            yield turn(value)
        except TranscriptError as error:
            raise TranscriptError(f"line {number}: {error}") from None


def _plain_turns(lines: Iterable[str]) -> Iterator[Turn]:
    """The turns of "Name: text" lines, with an optional [time] in front; other and indented lines go on with the last."""
    messages: list[tuple[re.Match[str], list[str]]] = []
    for number, line in enumerate(lines, 1):
        if begin := _SAID.fullmatch(line.rstrip()):
            messages.append((begin, [begin["text"] or ""]))
        elif messages:
            messages[-1][1].append(line.rstrip())
        elif line.strip():
            raise TranscriptError(f'line {number}: a message must start with its speaker, as in "Maya: hello".')
    for begin, said in messages:
        yield Turn(begin["speaker"], "\n".join(said).strip(), begin["at"])
