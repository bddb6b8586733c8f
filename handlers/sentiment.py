"""How a text sounds, and the mood of a thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handlers import curve, pivot
from handlers.base import NothingToRead
from handlers.conversation import Chart, Intent, Part, Provenance, Quote, Reply, Request, Score, Side, Text, Thread
from handlers.pace import each
from models.types import Classification, Engine, TextRefused

SPEAKERS = 4
"""Fewest people whose mood is charted: among fewer, a chart of all would tell on each."""

READ = curve.FEWEST + 1
"""Fewest turns that make a chart: with less, each value of the curve would be the mean of them all."""


@dataclass(frozen=True, slots=True)
class Mood:
    """The sentiment of a thread: each turn's (None where there is nothing to read), their mean, and the commonest label."""

    label: str
    scores: Mapping[str, float]
    turns: tuple[Classification | None, ...]
    languages: tuple[str, ...]

    @property
    def counts(self) -> Counter[str]:
        """How many turns have each label."""
        return Counter(turn.label for turn in self.turns if turn)

    @property
    def valence(self) -> list[float | None]:
        """Each turn's probability of being positive less that of being negative; None where there is nothing to read."""
        return [turn.scores["positive"] - turn.scores["negative"] if turn else None for turn in self.turns]

    def sharpest(self, label: str) -> int | None:
        """The turn that has this label with the highest probability, if any has it."""
        having = [i for i, turn in enumerate(self.turns) if turn and turn.label == label]
        return max(having, key=lambda i: self.turns[i].scores[label], default=None)  # type: ignore[union-attr]


class Sentiment:
    """Answers `sentiment`: of the text that was quoted or given, else of the whole thread."""

    intent: Intent = "sentiment"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def classify(self, text: str, *, hints: Sequence[str] = ()) -> Classification:
        """The sentiment of one text."""
        return (await self._read(text, hints))[0]

    async def mood(self, thread: Thread, *, hints: Sequence[str] = ()) -> Mood:
        """The sentiment of every turn, and what they come to. Raises `NothingToRead` when no turn can be read."""
        found = await each(lambda turn: self._turn(turn.text, hints), thread.turns)
        turns = tuple(one[0] if one else None for one in found)
        read = [turn for turn in turns if turn]
        if not read:
            raise NothingToRead
        scores = {label: sum(turn.scores[label] for turn in read) / len(read) for label in read[0].scores}
        counts = Counter(turn.label for turn in read)
        label = max(counts, key=lambda name: (counts[name], scores[name]))
        pairs = dict.fromkeys(one[1].pair for one in found if one and one[1].pair)
        return Mood(label, scores, turns, tuple(filter(None, pairs)))

    async def handle(self, request: Request, /) -> Reply:
        """Score with probabilities; for a thread also the counts, the sharpest turns and, where many wrote, a chart."""
        text = request.slots.text or (request.quoted.text if request.quoted else None)
        if text is not None:
            found, reading = await self._read(text, request.languages)
            passed = tuple(filter(None, (reading.pair,)))
            models = tuple(filter(None, (found.model, reading.model)))
            return Reply((Score(found.label, found.scores),), Provenance(models, passed))
        if not request.thread.turns:
            raise NothingToRead
        return _mood_reply(request.thread, await self.mood(request.thread, hints=request.languages))

    async def _read(self, text: str, hints: Sequence[str]) -> tuple[Classification, pivot.Reading]:
        reading = await pivot.english(self._engine, text, hints=hints)
        return await self._engine.sentiment(reading.text), reading

    async def _turn(self, text: str, hints: Sequence[str]) -> tuple[Classification, pivot.Reading] | None:
        try:
            return await self._read(text, hints)
        except TextRefused:
            return None


def _mood_reply(thread: Thread, mood: Mood) -> Reply:
    counts = mood.counts
    tally = ", ".join(f"{counts[label]} {label}" for label in sorted(counts, key=lambda label: -counts[label]))
    parts: list[Part] = [Text(f"Mostly {mood.label}: {tally}."), Score(mood.label, mood.scores)]
    parts += _charts(thread, mood)
    sides: tuple[Side, ...] = ("negative", "positive")
    for label in sides:
        at = mood.sharpest(label)
        if at is not None:
            turn = thread.turns[at]
            parts.append(Quote(at, turn.speaker, turn.text, 0, len(turn.text), turn.link))
    parts.append(thread.coverage(sum(turn is not None for turn in mood.turns)))
    models = tuple(dict.fromkeys(turn.model for turn in mood.turns if turn))
    return Reply(tuple(parts), Provenance(models, mood.languages))


def _charts(thread: Thread, mood: Mood) -> list[Chart]:
    """The chart of a mood, where it makes one that tells of no one person."""
    read = [turn for turn, found in zip(thread.turns, mood.turns, strict=True) if found]
    if len(read) < READ or len({turn.speaker for turn in read}) < SPEAKERS:
        return []
    return [curve.chart(mood.valence)]
