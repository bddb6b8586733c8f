"""A team's own examples, read from CSV or JSON lines. What is wrong with a file is said with its line and its column."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SUFFIXES = (".csv", ".jsonl")

Span = tuple[int, int]


class DataError(ValueError):
    """Raised for a file that cannot be used; its text is a sentence that names the file and the place."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and what it is, with the line where that stands."""

    text: str
    label: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a context, and the accepted answers as character spans: none where it has no answer."""

    question: str
    context: str
    spans: tuple[Span, ...]
    line: int = field(default=0, compare=False)

    @property
    def answers(self) -> tuple[str, ...]:
        """The accepted answers' words."""
        return tuple(self.context[start:end] for start, end in self.spans)


@dataclass(frozen=True, slots=True)
class Translated:
    """A text, its language and that of the translations to compare with (ISO 639-1)."""

    text: str
    source: str
    target: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a CSV file, or one object of a file of JSON lines; `line` is where it begins."""

    path: Path
    line: int
    fields: Mapping[str, Any]

    def wrong(self, column: str, why: str) -> DataError:
        """An error at one of the columns."""
        return DataError(f'{self.path}, line {self.line}, column "{column}": {why}')

    def text(self, column: str) -> str:
        """A string with something in it."""
        value = self.optional(column)
        if not value or not value.strip():
            raise self.wrong(column, "it is empty." if column in self.fields else "it is missing.")
        return value

    def optional(self, column: str) -> str | None:
        """A string, or None where there is none."""
        value = self.fields.get(column)
        if value is not None and not isinstance(value, str):
            raise self.wrong(column, f"it must be a string, not {json.dumps(value)[:40]}.")
        return value

    def texts(self, column: str) -> tuple[str, ...]:
        """The strings of a list, or a single one; empty ones do not count."""
        value = self.fields.get(column)
        listed = value if isinstance(value, list) else [value]
        if not all(one is None or isinstance(one, str) for one in listed):
            raise self.wrong(column, "it must be a string or a list of strings.")
        return tuple(one for one in listed if one and one.strip())

    def numbers(self, column: str) -> tuple[int, ...]:
        """Whole numbers from 0 up, or a single one."""
        value = self.fields.get(column)
        try:
            found = tuple(int(one) for one in (value if isinstance(value, list) else [value]) if one not in (None, ""))
        except (TypeError, ValueError):
            found = (-1,)
        if any(one < 0 for one in found):
            raise self.wrong(column, f"{json.dumps(value)[:40]} is no whole number from 0 up.")
        return found


def records(path: Path, *columns: str) -> Iterator[Record]:
    """The rows of a file, all of which have these columns. Raises `DataError`."""
    if path.suffix not in SUFFIXES:
        raise DataError(f"{path} must be a CSV file or JSON lines, named *.csv or *.jsonl.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            found = _rows(path, file, columns) if path.suffix == ".csv" else _objects(path, file)
            for record in found:
                if missing := [column for column in columns if column not in record.fields]:
                    raise record.wrong(missing[0], "it is missing.")
                yield record
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8; save it as UTF-8.") from error


def labelled(path: Path, *, among: Sequence[str] | None = None, least: int = 1) -> list[Labelled]:
    """The rows of `text` and `label`, each once, with `least` examples of each label. Raises `DataError`.

    `among` are the labels that may and must occur; by default any, as long as there are two.
    """
    found: dict[Labelled, None] = {}
    for record in records(path, "text", "label"):
        text, label = record.text("text"), record.text("label").strip()
        if among is not None and label not in among:
            raise record.wrong("label", f"{label!r} is none of {', '.join(among)}.")
        found.setdefault(Labelled(text, label, record.line))
    counts = Counter(row.label for row in found)
    if among is None and len(counts) == 1:
        raise DataError(f"{path}: every example is {next(iter(counts))!r}; a classifier needs two labels or more.")
    _enough(path, {label: counts[label] for label in among or sorted(counts)}, least)
    return list(found)


def _enough(path: Path, counts: Mapping[str, int], least: int) -> None:
    if not counts:
        raise DataError(f"{path} holds no examples.")
    label = min(counts, key=counts.__getitem__)
    if counts[label] < least:
        raise DataError(f"{path}: of {label!r} there are only {counts[label]} different examples; {least} are needed.")


def asked(path: Path, *, least: int = 1) -> list[Asked]:
    """The questions of `question`, `context`, `answer` and perhaps `start`. Raises `DataError`.

    `answer` stands in the context word for word, at the character `start` (from 0) where there are several places; it is
    empty where the context has no answer. The same question of the same context may come again with another answer.
    """
    found: dict[tuple[str, str], set[Span]] = {}
    lines: dict[tuple[str, str], int] = {}
    for record in records(path, "question", "context", "answer"):
        key = record.text("question"), record.text("context")
        found.setdefault(key, set()).update(_spans(record, key[1]))
        lines.setdefault(key, record.line)
    if len(found) < least:
        raise DataError(f"{path}: there are only {len(found)} different questions; {least} are needed.")
    return [Asked(*key, tuple(sorted(spans)), lines[key]) for key, spans in found.items()]


def _spans(record: Record, context: str) -> Iterator[Span]:
    """Where the answers of a row stand."""
    answers, starts = record.texts("answer"), record.numbers("start")
    if starts and len(starts) != len(answers):
        raise record.wrong("start", f"there are {len(starts)} numbers for {len(answers)} answers.")
    for at, answer in enumerate(answers):
        places = [place for place in _places(context, answer) if not starts or place == starts[at]]
        if not places and starts:
            raise record.wrong("start", f"{answer[:60]!r} does not begin at character {starts[at]} of the context.")
        if not places:
            raise record.wrong("answer", f"{answer[:60]!r} does not stand in the context word for word.")
        yield from ((place, place + len(answer)) for place in places)


def _places(context: str, answer: str) -> Iterator[int]:
    """Where `answer` begins in the context."""
    at = context.find(answer)
    while at >= 0:
        yield at
        at = context.find(answer, at + 1)


def translated(path: Path, language: Callable[[str], str | None]) -> list[Translated]:
    """The rows of `text`, `source`, `target` and `translation`; `language` gives a name's code. Raises `DataError`."""
    found = []
    for record in records(path, "text", "source", "target", "translation"):
        source, target = (_language(record, column, language) for column in ("source", "target"))
        if not (references := record.texts("translation")):
            raise record.wrong("translation", "it is empty.")
        found.append(Translated(record.text("text"), source, target, references))
    if not found:
        raise DataError(f"{path} holds no translations.")
    return found


def _language(record: Record, column: str, language: Callable[[str], str | None]) -> str:
    name = record.text(column).strip()
    if (code := language(name)) is None:
        raise record.wrong(column, f"{name!r} is no language, such as pt.")
    return code


def _rows(path: Path, file: Iterator[str], columns: Sequence[str]) -> Iterator[Record]:
    rows, line = csv.DictReader(file, strict=True), 1
    try:
        header = rows.fieldnames or []
        if missing := [column for column in columns if column not in header]:
            raise DataError(f'{path}, line 1: there is no column "{missing[0]}", only {", ".join(header) or "nothing"}.')
        line = rows.line_num + 1
        for row in rows:
            if None in row:
                raise DataError(f"{path}, line {line}: it has more values than there are columns; quote those with commas.")
            yield Record(path, line, row)
            line = rows.line_num + 1
    except csv.Error as error:
        raise DataError(f"{path}, line {line}: this is not valid CSV: {error}.") from error


def _objects(path: Path, file: Iterator[str]) -> Iterator[Record]:
    for line, written in enumerate(file, 1):
        if not written.strip():
            continue
        try:
            fields = json.loads(written)
        except (ValueError, RecursionError) as error:
            at = f" at column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
            raise DataError(f"{path}, line {line}: this is not valid JSON{at}.") from error
        if not isinstance(fields, dict):
            raise DataError(f'{path}, line {line}: it must be an object such as {{"text": "..."}}.')
        yield Record(path, line, fields)
