"""Answers to questions, quoted from the thread, or none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from handlers import pivot
from handlers.base import NothingToRead, QuestionMissing
from handlers.conversation import Intent, Part, Provenance, Quote, Reply, Request, Text, Thread, Turn
from handlers.pace import each
from models.types import Engine, Extraction

CLEAR = 0.0
"""Log-odds above which a thread counts as answering. People talk around what they do not say, as no paragraph does."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where an answer stands: characters `start` to `end` of the text of turn `turn`."""

    turn: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in the words of the thread, or None when it does not answer. `score` is the probability of either."""

    answer: str | None
    score: float
    evidence: tuple[Evidence, ...]
    model: str
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    """A turn as it stands in the context: its text starts at `at`; `exact` when offsets in it are those of the turn."""

    start: int
    at: int
    end: int
    exact: bool


class Answering:
    """Answers `ask` from the thread, or from the message that was quoted if there is no thread."""

    intent: Intent = "ask"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def answer(
        self, question: str, *, context: str | None = None, thread: Thread | None = None, hints: Sequence[str] = ()
    ) -> Answer:
        """Answer `question` from a `context` (evidence in turn 0) or from the turns of a `thread`.

        Raises `QuestionMissing`, `NothingToRead`, and `EngineError` as the engine does.
        """
        if not question.strip():
            raise QuestionMissing
        turns = thread.turns if thread else (Turn("", context or ""),)
        if not any(turn.text.strip() for turn in turns):
            raise NothingToRead
        asked, *read = await each(
            lambda text: pivot.english(self._engine, text, hints=hints), [question, *(turn.text for turn in turns)]
        )
        text, lines = _join(turns, read)
        found = await self._engine.extract(asked.text, text)
        pairs = dict.fromkeys(reading.pair for reading in (asked, *read) if reading.pair)
        passed = tuple(filter(None, pairs))
        span, score = _clear(found) if thread else (found.span, found.score)
        if span is None:
            return Answer(None, score, (), found.model, passed)
        start, end = span
        at = max(i for i, line in enumerate(lines) if line.start <= start)
        end = min(end, lines[at].end)
        return Answer(text[start:end], score, (_evidence(at, lines[at], turns[at], start, end),), found.model, passed)

    async def handle(self, request: Request, /) -> Reply:
        """The answer with the turn that holds it; says plainly when the thread does not answer."""
        question = request.slots.text or request.text
        thread = request.thread if request.thread.turns else Thread((request.quoted,) if request.quoted else ())
        found = await self.answer(question, thread=thread, hints=request.languages)
        coverage = thread.coverage()
        provenance = Provenance((found.model,), found.languages)
        if found.answer is None:
            return Reply((Text("This thread does not answer that."), coverage), provenance)
        quotes: list[Part] = []
        for evidence in found.evidence:
            turn = thread.turns[evidence.turn]
            quotes.append(Quote(evidence.turn, turn.speaker, turn.text, evidence.start, evidence.end, turn.link))
        return Reply((Text(found.answer), *quotes, coverage), provenance)


def _clear(found: Extraction) -> tuple[tuple[int, int] | None, float]:
    """The span and the score as a thread needs them."""
    chance = 1 / (1 + math.exp(min(60.0, max(-60.0, CLEAR - found.margin))))
    return (found.span, chance) if chance > 0.5 else (None, 1 - chance)


def _join(turns: Sequence[Turn], read: Sequence[pivot.Reading]) -> tuple[str, list[_Line]]:
    """The turns as one text, a line each with its speaker, and where each lies in it."""
    text, lines = "", []
    for turn, reading in zip(turns, read, strict=True):
        start = len(text)
        text += f"{turn.speaker}: " if turn.speaker else ""
        at = len(text)
        text += reading.text
        lines.append(_Line(start, at, len(text), reading.pair is None))
        text += "\n"
    return text, lines


def _evidence(index: int, line: _Line, turn: Turn, start: int, end: int) -> Evidence:
    """The characters of the turn; all of them where the answer is its speaker or comes from a translation of it."""
    if not line.exact or start < line.at:
        return Evidence(index, 0, len(turn.text))
    return Evidence(index, start - line.at, end - line.at)
