"""The three phases of a task. Requests are cut into pieces, and pieces of many requests share a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar


class Piece(Protocol):
    """What one row of a batch holds, e.g. a sentence to translate or a window of a long context."""

    @property
    def size(self) -> int:
        """Its length in tokens; a batch costs its longest piece times its number of pieces."""


Item = TypeVar("Item", contravariant=True)
P = TypeVar("P", bound=Piece)
Raw = TypeVar("Raw")
Result = TypeVar("Result", covariant=True)


class Task(Protocol[Item, P, Raw, Result]):
    """One model and one way of calling it: pieces of the same task may share a call, others may not.

    `prepare` and `finish` run on CPU threads, beside the device; `run` runs on the device's thread alone.
    """

    def prepare(self, item: Item, /) -> Sequence[P]:
        """Cut a request into pieces (one or more). Raises `TextRefused` for a text that cannot be read."""

    def run(self, pieces: Sequence[P], /) -> Sequence[Raw]:
        """Compute a batch: one raw result for each piece, in order."""

    def finish(self, item: Item, pieces: Sequence[P], raw: Sequence[Raw], /) -> Result:
        """Join the pieces' raw results into the request's result."""
