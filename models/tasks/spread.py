"""A batch's rows on several cores side by side.

Rows know nothing of each other, so that cores which each take some of them need not wait for one another after every
operation, as they do where they share each operation.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, wait
from typing import Generic, TypeVar

from models.device import one_core
from models.tasks.base import Item, Piece, Raw, Result, Task

LEAST = 32
"""Tokens that are worth a core of their own."""

P = TypeVar("P", bound=Piece)


class Spread(Generic[Item, P, Raw, Result]):
    """A task for the CPU whose batches are computed in up to `cores` parts, on the device's thread and on `others`."""

    def __init__(self, task: Task[Item, P, Raw, Result], *, cores: int, others: Executor) -> None:
        self._task, self._cores, self._others = task, cores, others
        self.prepare, self.finish = task.prepare, task.finish

    def run(self, pieces: Sequence[P], /) -> list[Raw]:
        """Compute a batch: one raw result for each piece, in order. Raises what the task raises, once all parts are done."""
        first, *rest = shares(pieces, self._cores)
        with one_core(when=bool(rest)):
            elsewhere = [self._others.submit(self._task.run, part) for part in rest]
            try:
                found = list(self._task.run(first))
            finally:
                wait(elsewhere)
        return [*found, *(raw for part in elsewhere for raw in part.result())]


def shares(pieces: Sequence[P], parts: int) -> list[Sequence[P]]:
    """At most so many runs of neighbouring pieces, with about as many tokens each; fewer where there is little to do."""
    total = sum(piece.size for piece in pieces)
    parts = max(1, min(parts, len(pieces), total // LEAST))
    cuts, seen = [0], 0
    for place, piece in enumerate(pieces, 1):
        seen += piece.size
        left = len(pieces) - place
        if len(cuts) < parts and (seen * parts >= total * len(cuts) or left == parts - len(cuts)):
            cuts.append(place)
    return [pieces[start:end] for start, end in zip(cuts, [*cuts[1:], len(pieces)], strict=True)]
