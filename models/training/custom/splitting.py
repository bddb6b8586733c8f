"""Which examples teach, and which are held out to see how much was learned."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TypeVar

from models.examples import Asked, Labelled

Row = TypeVar("Row", Labelled, Asked)
Parts = tuple[list[Row], list[Row]]


def by_label(rows: Sequence[Labelled], *, held: float, seed: int) -> Parts[Labelled]:
    """(rows that teach, rows held out): of each label a share `held`, one at least, in the order of the file."""
    rng, kept = random.Random(seed), set[int]()
    for group in _groups(rows, lambda row: row.label):
        kept.update(rng.sample(group, max(1, round(held * len(group)))))
    return _parted(rows, kept)


def by_context(rows: Sequence[Asked], *, held: float, seed: int) -> Parts[Asked]:
    """(questions that teach, questions held out), all questions of a context on one side unless there is but one context."""
    rng, kept, wanted = random.Random(seed), set[int](), max(1, round(held * len(rows)))
    groups = _groups(rows, lambda row: row.context)
    if len(groups) == 1:
        return _parted(rows, set(rng.sample(groups[0], wanted)))
    rng.shuffle(groups)
    for group in groups[:-1]:  # one context at least teaches
        if len(kept) < wanted:
            kept.update(group)
    return _parted(rows, kept)


def _groups(rows: Sequence[Row], key: Callable[[Row], str]) -> list[list[int]]:
    """The places of rows that have something in common."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        found[key(row)].append(at)
    return list(found.values())


def _parted(rows: Sequence[Row], kept: set[int]) -> Parts[Row]:
    return [row for at, row in enumerate(rows) if at not in kept], [row for at, row in enumerate(rows) if at in kept]
