"""Batches of items of like length, which waste the least on padding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def by_length(
    items: Sequence[Item], length: Callable[[Item], int], run: Callable[[list[Item]], Iterable[Result]], *, size: int = 32
) -> list[Result]:
    """What `run` makes of `items`, in their order; it gets `size` at a time, the shortest first."""
    order = sorted(range(len(items)), key=lambda i: length(items[i]))
    results: dict[int, Result] = {}
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        results |= zip(batch, run([items[i] for i in batch]), strict=True)
    return [results[i] for i in range(len(items))]
