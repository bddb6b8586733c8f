"""Summaries in the thread's own words: its most telling excerpts, no two alike, in thread order, with the coverage.

Where the profile has a model that writes summaries, its sentences come instead, each with the turns that bear it out.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from handlers import pivot
from handlers.base import NothingToRead
from handlers.conversation import Coverage, Intent, Part, Point, Points, Provenance, Reply, Request, Thread, Turn
from handlers.grounding import grounded
from handlers.pace import each
from handlers.pivot import Reading
from models.types import Engine, Excerpt, TextRefused

FEWEST, MOST, EACH = 3, 10, 4
"""Points of a summary, unless a number is asked for: one more for every `EACH` turns."""

REPETITION = 2.0
"""What an excerpt loses (log-odds) for saying quite the same as one that is in already; Carbonell and Goldstein 1998."""

ALIKE = 0.9
"""Cosine from which an excerpt repeats another and is left out."""

LONG = 600
"""Characters from which a quoted message is summarized itself, and not the thread it was quoted in."""

WORD = re.compile(r"[^\W\d_]{2,}")
"""What a turn must have to say anything."""

SHOWN = 400
"""Characters that are shown of a message in another language, which is quoted whole."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Points in thread order, and the same as a `text` with a line for each speaker's turn to speak.

    `languages` are the translations that it needed ("pt>en"). `model` is what weighed the excerpts or wrote the points,
    `models` are all that took part. `generated` where the points are that model's words.
    """

    text: str
    points: tuple[Point, ...]
    coverage: Coverage
    model: str
    models: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    generated: bool = False


@dataclass(frozen=True, slots=True)
class _Quote:
    """A chosen excerpt as the reader gets it; `pair` and `model` tell how it was translated for that."""

    turn: int
    text: str
    pair: str | None = None
    model: str | None = None


class Summarization:
    """Answers `summarize`: of the text given or quoted, else of the whole thread."""

    intent: Intent = "summarize"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def summarize(self, thread: Thread, *, sentences: int | None = None, languages: Sequence[str] = ()) -> Summary:
        """Summarize in at most `sentences` points, by default as many as suit the thread's length.

        Turns in a language that can be translated are read in English. Points are quoted as they were written, unless
        the reader's language (the first of `languages`) is another one and can be translated to. A model's own sentences
        that the thread does not bear out are left out; with none left, the thread is quoted.
        Raises `NothingToRead` when no turn holds words, and `EngineError` as the engine does.
        """
        readings = await self._read(thread, languages)
        if "summarize" in self._engine.writes and (written := await self._written(thread, readings, sentences, languages)):
            return written
        found = await self._engine.salience([reading.text for reading in readings])
        if not found.excerpts:
            raise NothingToRead
        reader = languages[0] if languages else None
        chosen = choose(found.excerpts, sentences or suitable(len(thread)))
        told = await asyncio.gather(*(self._tell(s, thread.turns[s.turn], readings[s.turn], reader) for s in chosen))
        quotes = list({(quote.turn, quote.text): quote for quote in told}.values())
        used: list[Reading | _Quote] = [*readings, *quotes]
        return Summary(
            _joined(thread, quotes),
            tuple(Point(quote.text, (quote.turn,)) for quote in quotes),
            thread.coverage(),
            found.model,
            tuple(dict.fromkeys([found.model, *(step.model for step in used if step.model)])),
            tuple(dict.fromkeys(step.pair for step in used if step.pair)),
        )

    async def handle(self, request: Request, /) -> Reply:
        """The points; for a thread with the turns they come from and the coverage."""
        text = _single(request)
        thread = Thread((text,)) if text else request.thread
        if not thread.turns:
            raise NothingToRead
        found = await self.summarize(thread, sentences=request.slots.sentences, languages=request.languages)
        provenance = Provenance(found.models, found.languages, found.generated)
        points = Points(found.points, found.generated)
        if text:  # which is no turn of the request's thread
            return Reply((replace(points, points=tuple(Point(point.text, ()) for point in found.points)),), provenance)
        parts: tuple[Part, ...] = (points, found.coverage)
        return Reply(parts, provenance)

    async def _written(
        self, thread: Thread, readings: Sequence[Reading], sentences: int | None, languages: Sequence[str]
    ) -> Summary | None:
        """A summary in a model's words; None where there is nothing in it that the thread bears out."""
        turns = [
            f"{turn.speaker}: {reading.text}" if turn.speaker and reading.text.strip() else reading.text
            for turn, reading in zip(thread.turns, readings, strict=True)
        ]
        if not any(WORD.search(reading.text) for reading in readings):
            raise NothingToRead
        made = await self._engine.summarize(turns)
        points = grounded(made.text, turns)[:sentences]
        if not points:
            return None
        told = [await self._retold(point, languages[0] if languages else None) for point in points]
        used = [*readings, *(quote for _, quote in told if quote)]
        points = tuple(point for point, _ in told)
        return Summary(
            " ".join(point.text for point in points),
            points,
            thread.coverage(made.turns),
            made.model,
            tuple(dict.fromkeys([made.model, *(step.model for step in used if step.model)])),
            tuple(dict.fromkeys(step.pair for step in used if step.pair)),
            generated=True,
        )

    async def _retold(self, point: Point, reader: str | None) -> tuple[Point, Reading | None]:
        """A sentence in the reader's language, and how it came to that."""
        if not reader or ("en", reader) not in self._engine.pairs:
            return point, None
        if (await self._engine.language(point.text)).language != "en":
            return point, None
        told = await self._engine.translate(point.text, source="en", target=reader)
        return replace(point, text=told.text), Reading(told.text, f"en>{reader}", told.model)

    async def _read(self, thread: Thread, hints: Sequence[str]) -> list[Reading]:
        """Every turn in English, as far as it can be translated."""

        async def read(text: str) -> Reading:
            try:
                return await pivot.english(self._engine, text, hints=hints)
            except TextRefused:
                return Reading(text)

        return await each(read, [turn.text for turn in thread.turns])

    async def _tell(self, excerpt: Excerpt, turn: Turn, reading: Reading, reader: str | None) -> _Quote:
        """The excerpt for this reader: as it was written, or translated."""
        english = reading.text[excerpt.start : excerpt.end]
        if reader and ("en", reader) in self._engine.pairs and await self._foreign(english, reading, reader):
            told = await self._engine.translate(english, source="en", target=reader)
            return _Quote(excerpt.turn, told.text, f"en>{reader}", told.model)
        if reader == "en" or not reading.pair:
            return _Quote(excerpt.turn, english)
        # The offsets are those of the translation, so that a message that went through one is quoted from its start.
        return _Quote(excerpt.turn, _shown(turn.text))

    async def _foreign(self, english: str, reading: Reading, reader: str) -> bool:
        """Whether an excerpt is in English by now, and was not written in the reader's language."""
        if reading.pair:
            return not reading.pair.startswith(f"{reader}>")
        return (await self._engine.language(english)).language == "en"


def suitable(turns: int) -> int:
    """How many points a thread of so many turns gets."""
    return max(FEWEST, min(MOST, 1 + turns // EACH))


def choose(excerpts: Sequence[Excerpt], count: int) -> list[Excerpt]:
    """The `count` most telling excerpts, each less so the more it resembles one chosen before (MMR), in thread order."""
    scores = np.array([excerpt.score for excerpt in excerpts])
    vectors = np.array([excerpt.vector for excerpt in excerpts])
    likeness = np.zeros(len(excerpts))
    chosen: list[int] = []
    while len(chosen) < count and (likeness < ALIKE).any():
        best = int(np.where(likeness < ALIKE, scores - REPETITION * likeness, -np.inf).argmax())
        chosen.append(best)
        likeness = np.maximum(likeness, vectors @ vectors[best])
        likeness[best] = 1.0
    return [excerpts[i] for i in sorted(chosen)]


def _single(request: Request) -> Turn | None:
    """The one text that the request is about, if it is not about a thread."""
    if request.slots.text:
        return Turn("", request.slots.text)
    quoted = request.quoted
    return quoted if quoted and (len(quoted.text) >= LONG or not request.thread.turns) else None


def _joined(thread: Thread, quotes: Sequence[_Quote]) -> str:
    """A line for each run of points by one speaker, who is named at its start."""
    lines = []
    for speaker, run in groupby(quotes, key=lambda quote: thread.turns[quote.turn].speaker):
        said = " ".join(" ".join(quote.text.split()) for quote in run)
        lines.append(f"{speaker}: {said}" if speaker else said)
    return "\n".join(lines)


def _shown(text: str) -> str:
    text = text.strip()
    return text if len(text) <= SHOWN else text[: text.rfind(" ", 1, SHOWN)] + "…"
