"""What a benchmark gives, and how it is timed: contestants take turns, so that a noisy neighbour slows them all."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table: `ours` and `reference` in the same `unit`, and the ratio that is asked of them."""

    name: str
    unit: str
    ours: float
    reference: float
    wanted: str

    @property
    def ratio(self) -> float:
        """Ours to the reference."""
        return self.ours / self.reference


async def interleave(contestants: Mapping[str, Callable[[], Awaitable[object]]], *, rounds: int) -> dict[str, float]:
    """The median seconds of each contestant over some rounds, after one round that does not count."""
    spent: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(rounds + 1):
        for name, run in contestants.items():
            begun = time.perf_counter()
            await run()
            if turn:
                spent[name].append(time.perf_counter() - begun)
    return {name: median(times) for name, times in spent.items()}


def mixed(count: int, *, seed: int = 7) -> Sequence[str]:
    """`count` English messages of mixed length, as in a chat: mostly short, mean about 19 tokens, the longest about 90."""
    import random

    rng = random.Random(seed)
    words = (
        "the release broke checkout again and nobody noticed until customers wrote in thanks for fixing it so fast "
        "I love this new dashboard please look at logs before we roll anything back it is slow but works fine today"
    ).split()
    lengths = (max(2, min(85, round(rng.lognormvariate(2.6, 0.75)))) for _ in range(count))
    return [" ".join(rng.choices(words, k=length)) for length in lengths]
