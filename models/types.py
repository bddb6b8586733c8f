"""The contracts between what the bot does and how text goes through a network. Imports nothing heavy.

Errors:
    EngineError
    ├── Overloaded        the waiting room is full; nothing was started
    ├── DeadlinePassed    the answer did not come in time
    ├── Stopped           the engine is shutting down
    ├── TextRefused       this text cannot be read by this model; says why in `reason`
    ├── PairUnsupported   no model translates between these two languages
    ├── ModelUnavailable  a weight file is missing, damaged or not of the pinned checksum
    └── ModelFailed       the model raised; only the request that caused it is affected
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol


class EngineError(Exception):
    """Raised by every method of an `Engine` when it has no result."""


class Overloaded(EngineError):
    """Raised when the waiting room is full; try again later."""


class DeadlinePassed(EngineError):
    """Raised when a request's time is over, whether it was still waiting or already running."""


class Stopped(EngineError):
    """Raised for a request that a shutdown overtook."""


class TextRefused(EngineError):
    """Raised when a text holds nothing to read ("empty") or more than the model takes ("long")."""

    def __init__(self, reason: Literal["empty", "long"], *, limit: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.limit = reason, limit


class PairUnsupported(EngineError):
    """Raised when no model translates from `source` to `target` (ISO 639-1)."""

    def __init__(self, source: str, target: str) -> None:
        super().__init__(f"{source}->{target}")
        self.source, self.target = source, target


class ModelUnavailable(EngineError):
    """Raised when a model's files are missing or damaged; `cause` is a sentence that names the file and what to do."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class ModelFailed(EngineError):
    """Raised when a model broke on this request; the underlying exception is its `__cause__`."""


@dataclass(frozen=True, slots=True)
class Classification:
    """A label with every label's probability; they sum to one."""

    label: str
    scores: Mapping[str, float]
    model: str


@dataclass(frozen=True, slots=True)
class Extraction:
    """The best answer's character span in the context, or None when the context does not answer.

    `score` is the probability that the context answers the question as given in the span; for None, that of "no answer".
    `best` is the most likely span either way, and `margin` its log-odds against "no answer" (above zero: it answers).
    """

    span: tuple[int, int] | None
    score: float
    best: tuple[int, int]
    margin: float
    model: str


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What can be quoted of a thread, a sentence or a short turn: characters `start` to `end` of turn `turn`.

    `score` says how much it tells of the thread (log-odds; higher is more), `vector` is its unit-length embedding.
    """

    turn: int
    start: int
    end: int
    score: float
    vector: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Salience:
    """The excerpts of a thread in thread order; of a very long thread only the most telling ones."""

    excerpts: tuple[Excerpt, ...]
    model: str


@dataclass(frozen=True, slots=True)
class Translation:
    """A translated text; `source` and `target` are ISO 639-1 codes, and so is the `pivot` that it went through, if any.

    `model` names each model that took part.
    """

    text: str
    source: str
    target: str
    model: str
    pivot: str | None = None

    @property
    def route(self) -> str:
        """The languages it went through: "en>pt", or "pt>en>de"."""
        return ">".join(filter(None, (self.source, self.pivot, self.target)))


@dataclass(frozen=True, slots=True)
class Summary:
    """A thread in a model's own words: what it wrote of each of the `windows` that it was read in, in order.

    `text` is all of it, a line for each draft; `turns` is how many turns were read.
    """

    text: str
    drafts: tuple[str, ...]
    turns: int
    windows: int
    model: str


@dataclass(frozen=True, slots=True)
class Message:
    """What was said in a conversation with a model, and as whom."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(slots=True)
class Generation:
    """An answer while it is written.

    Attributes:
        pieces: joined they are the answer; each can be shown at once. Raises `EngineError` where it cannot go on; closed
            early (`aclose`), the model stops at its next step.
        model: what writes it.
        read: how many messages it is based on, the latest of those given.
        cut: once the pieces are over, whether the answer was longer than it may be.
    """

    pieces: AsyncGenerator[str, None]
    model: str
    read: int
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Detection:
    """The language of a text (ISO 639-1), or None where it cannot be told; `score` lies in 0..1."""

    language: str | None
    score: float


class Engine(Protocol):
    """What handlers may ask of the models. Each call is one request; the engine batches those that wait together."""

    async def sentiment(self, text: str) -> Classification:
        """Classify as negative, neutral or positive."""

    async def intent(self, text: str) -> Classification:
        """Classify what the writer wants of the bot: sentiment, translate, ask, summarize, help or unsure."""

    async def extract(self, question: str, context: str) -> Extraction:
        """Find the answer to `question` in `context`, or that there is none. Long contexts are read in windows."""

    async def salience(self, turns: Sequence[str]) -> Salience:
        """Weigh what one thread says, given its turns in order. Turns that hold no words have no excerpts."""

    async def translate(self, text: str, *, source: str, target: str) -> Translation:
        """Translate; code, links, mentions, emoji, spacing and line breaks stay as they are."""

    async def summarize(self, turns: Sequence[str]) -> Summary:
        """Summarize a thread in new words, given its turns in order ("Name: text"). Long ones are read in windows."""

    async def generate(self, messages: Sequence[Message]) -> Generation:
        """Answer a conversation, the last message of which is the user's. The oldest ones are left out if not all fit."""

    async def language(self, text: str, *, hints: Sequence[str] = ()) -> Detection:
        """Identify the language. `hints` are likely languages (the reader's, the thread's), most likely first."""

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """The (source, target) pairs that `translate` accepts."""

    @property
    def writes(self) -> frozenset[str]:
        """Which of "summarize" and "generate" there is a model for; without one they raise `ModelUnavailable`."""
