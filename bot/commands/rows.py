"""The tasks of `parley batch`: which fields a row needs, and which it gets."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bot import transcript
from bot.wiring import Parley
from handlers import languages
from handlers.conversation import Request, Thread

Row = dict[str, Any]


class RowRefused(Exception):
    """Raised for a row that cannot be read; its text is one sentence."""


class Fields:
    """A row's fields by type. Each method raises `RowRefused` for a field of another type; `in` is false for null."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self._row = row

    def __contains__(self, name: str) -> bool:
        return self._row.get(name) is not None

    def text(self, name: str) -> str:
        """A string that must be there."""
        if name not in self._row:
            raise RowRefused(f'The field "{name}" is missing.')
        return _sound(self._row[name], name)

    def language(self, name: str) -> str:
        """A language as ISO 639-1; it may be named in any common way."""
        written = self.text(name)
        code = written if re.fullmatch("[a-z]{2}", written) else languages.find(written)
        if code is None:
            raise RowRefused(f'The field "{name}" must be a language, such as "pt".')
        return code

    def count(self, name: str) -> int | None:
        """A whole number from 1 up, or None where the field is missing or null."""
        value = self._row.get(name)
        if value is not None and (type(value) is not int or value < 1):
            raise RowRefused(f'The field "{name}" must be a whole number from 1 up.')
        return value

    def thread(self) -> Thread:
        """The thread in "turns"."""
        turns = self._row.get("turns")
        if not isinstance(turns, list):
            raise RowRefused('The field "turns" must be a list of objects such as {"speaker": "Maya", "text": "Hello"}.')
        try:
            thread = Thread(tuple(transcript.turn(value) for value in turns))
        except transcript.TranscriptError as error:
            raise RowRefused(f'In "turns", {error}') from None
        for turn in thread.turns:
            _sound(turn.speaker + turn.text, "turns")
        return thread


def _sound(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise RowRefused(f'The field "{name}" must be a string.')
    try:
        value.encode()
    except UnicodeEncodeError:
        raise RowRefused(f'The field "{name}" holds half a character (a lone surrogate).') from None
    return value


async def _sentiment(parley: Parley, row: Fields) -> Row:
    found = await parley.handlers.sentiment.classify(row.text("text"))
    return {"label": found.label, "scores": dict(found.scores), "model": found.model}


async def _translate(parley: Parley, row: Fields) -> Row:
    text, target = row.text("text"), row.language("target")
    source = row.language("source") if "source" in row else None
    made = await parley.handlers.translating.translate(text, target=target, source=source)
    return {"translation": made.text, "source": made.source, "target": made.target, "model": made.model}


async def _ask(parley: Parley, row: Fields) -> Row:
    if ("context" in row) == ("turns" in row):
        raise RowRefused('A question needs either the field "context" or the field "turns".')
    question, answer = row.text("question"), parley.handlers.answering.answer
    if "context" in row:
        found = await answer(question, context=row.text("context"))
    else:
        found = await answer(question, thread=row.thread())
    return {
        "answer": found.answer,
        "score": found.score,
        "evidence": list(map(asdict, found.evidence)),
        "model": found.model,
    }


async def _summarize(parley: Parley, row: Fields) -> Row:
    thread, sentences = row.thread(), row.count("sentences")
    made = await parley.handlers.summarization.summarize(thread, sentences=sentences)
    points, coverage = list(map(asdict, made.points)), {"read": made.coverage.read, "total": made.coverage.total}
    return {"summary": made.text, "points": points, "coverage": coverage, "model": made.model}


async def _route(parley: Parley, row: Fields) -> Row:
    route = await parley.router.route(Request(row.text("text")))
    slots = {name: value for name, value in asdict(route.slots).items() if value is not None}
    return {"intent": route.intent, "slots": slots, "score": route.score}


async def _language(parley: Parley, row: Fields) -> Row:
    found = await parley.engine.language(row.text("text"))
    return {"language": found.language, "score": found.score}


@dataclass(frozen=True, slots=True)
class Task:
    """What is done with a row: the fields that it reads, which do not come back, and the fields it gives."""

    reads: frozenset[str]
    run: Callable[[Parley, Fields], Awaitable[Row]]


TASKS: Mapping[str, Task] = {
    "sentiment": Task(frozenset({"text"}), _sentiment),
    "translate": Task(frozenset({"text", "target", "source"}), _translate),
    "ask": Task(frozenset({"question", "context", "turns"}), _ask),
    "summarize": Task(frozenset({"turns", "sentences"}), _summarize),
    "route": Task(frozenset({"text"}), _route),
    "language": Task(frozenset({"text"}), _language),
}
