"""What goes in and what comes out: turns, threads, requests and replies. Knows no platform and no model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

Intent = Literal["sentiment", "translate", "ask", "summarize", "chat", "help", "unsure"]
Side = Literal["negative", "positive"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a thread. `link` leads to it on its platform, where there is one."""

    speaker: str
    text: str
    at: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """Messages in order.

    `missing` counts those that are known but were not read; `more` says that there are others, nobody knows how many.
    `files` counts what is attached to the messages, which is never read.
    """

    turns: tuple[Turn, ...] = ()
    missing: int = 0
    more: bool = False
    files: int = 0

    def __len__(self) -> int:
        return len(self.turns)

    def coverage(self, read: int | None = None) -> Coverage:
        """What an answer tells of how much it is based on; `read` where not every turn could be."""
        return Coverage(len(self) if read is None else read, len(self) + self.missing, self.more, self.files)


@dataclass(frozen=True, slots=True)
class Slots:
    """What was said beside the intent: a target language (ISO 639-1), a number of points, the text or question itself."""

    target: str | None = None
    sentences: int | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One message to the bot, and what it can be about.

    `text` is what was written to the bot, `quoted` the message it replies to or quotes, `thread` where it was written.
    `languages` are the reader's likely languages, most likely first. `intent` is set once the request is routed.
    """

    text: str
    thread: Thread = Thread()
    quoted: Turn | None = None
    languages: Sequence[str] = ()
    intent: Intent | None = None
    slots: Slots = field(default_factory=Slots)

    def routed(self, intent: Intent, slots: Slots) -> Request:
        """The same request with its intent known."""
        return replace(self, intent=intent, slots=slots)


@dataclass(frozen=True, slots=True)
class Text:
    """Plain words of the bot or of a model; never markup."""

    text: str


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a summary, with the turns (indices into the thread) that it comes from."""

    text: str
    turns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Points:
    """A list of points, in thread order; `written` where they are a model's words about the turns, not the turns' own."""

    points: tuple[Point, ...]
    written: bool = False

    @property
    def turns(self) -> tuple[int, ...]:
        """The turns that they come from."""
        return tuple(turn for point in self.points for turn in point.turns)


@dataclass(frozen=True, slots=True)
class Quote:
    """A turn cited as evidence; `start` and `end` mark the telling characters in the turn's text."""

    turn: int
    speaker: str
    text: str
    start: int
    end: int
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """A label and the probability of each label."""

    label: str
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Turning:
    """The turn (an index into the thread) from which on the mood is on another side than before."""

    turn: int
    side: Side


@dataclass(frozen=True, slots=True)
class Chart:
    """The mood of a thread, turn by turn, without who wrote what.

    `valence` is each turn's, from -1 (negative) to 1 (positive), and `curve` the same smoothed; both are None for a turn
    that could not be read. `text` says what a chart of it shows.
    """

    valence: tuple[float | None, ...]
    curve: tuple[float | None, ...]
    turning: tuple[Turning, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many turns of the thread were read, of how many; `more` and `files` as a thread has them."""

    read: int
    total: int
    more: bool = False
    files: int = 0


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Things the reader could write instead."""

    examples: tuple[str, ...]


Part = Text | Points | Quote | Score | Chart | Coverage | Suggestions


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an answer comes from: model names with revisions, and the languages it went through ("pt>en").

    `generated` where a model chose the words itself: they may be wrong.
    """

    models: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    generated: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: parts in reading order, and where they come from. `intent` is what it answers, None where it could not."""

    parts: tuple[Part, ...]
    provenance: Provenance = Provenance()
    intent: Intent | None = None

    @property
    def cited(self) -> frozenset[int]:
        """The turns of which it shows words."""
        points = (turn for part in self.parts if isinstance(part, Points) for turn in part.turns)
        return frozenset((*points, *(part.turn for part in self.parts if isinstance(part, Quote))))
