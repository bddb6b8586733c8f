"""What a way of doing a task is. The ways of a task answer the same texts with the same weights."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from models.catalog import Catalog
from models.engine import LocalEngine


class Answer(NamedTuple):
    """What a way makes of a text: a label with its probability, or a translation."""

    text: str
    score: float | None = None

    def __str__(self) -> str:
        return self.text if self.score is None else f"{self.text} {self.score:.1%}"


Run = Callable[[Sequence[str]], Awaitable[list[Answer]]]
"""Answers texts, in their order."""

Open = Callable[[LocalEngine, Catalog], Awaitable[Run]]
"""Makes a way ready to run on the engine's device thread, which is the only one that may compute. Raises `EngineError`."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way of doing a task.

    Attributes:
        name: short.
        numbers: what the linear layers, where nearly all weights are, compute with.
        does: who does what, as a sentence.
        open: how to make it ready; None where it no longer exists.
        gone: what became of it then, in a few words.
    """

    name: str
    numbers: str
    does: str
    open: Open | None
    gone: str = ""


@dataclass(frozen=True, slots=True)
class Network:
    """What the ways have in common: `stored` is bytes on disk."""

    name: str
    parameters: int
    stored: int


@dataclass(frozen=True, slots=True)
class Subject:
    """A task that is done in several ways; `network` reads what they share, `texts` gives some to try them on."""

    name: str
    ways: tuple[Way, ...]
    network: Callable[[Catalog], Network]
    texts: Callable[[], Sequence[str]]
