"""A figure over a set of items, and whether two systems' figures differ by more than chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.intp]
RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Figure:
    """What is measured: `of` gives its value on the items of these indices, which may repeat.

    `note` says how it was computed, where there is more than one way.
    """

    name: str
    items: int
    of: Callable[[Indices], float]
    note: str = ""

    @property
    def value(self) -> float:
        """On all items."""
        return self.of(np.arange(self.items))


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more one system has than another, between which bounds that lies (95 %), and how likely by chance."""

    value: float
    low: float
    high: float
    p: float


def average(name: str, values: npt.ArrayLike) -> Figure:
    """The mean of the items' own values."""
    each = np.asarray(values, dtype=np.float64)
    return Figure(name, len(each), lambda chosen: float(each[chosen].mean()))


def compare(ours: Figure, theirs: Figure, *, seed: int, resamples: int = RESAMPLES) -> Difference:
    """Paired bootstrap: both systems on the same items, drawn with replacement again and again (Koehn 2004).

    `p` is two-sided: the share of draws whose difference is as far from the draws' mean as the observed one is from zero
    (Riezler and Maxwell 2005, section 4), which is how sacreBLEU counts, too.
    """
    if ours.items != theirs.items:
        raise ValueError(f"{ours.items} items cannot be paired with {theirs.items}")
    rng, observed = np.random.default_rng(seed), ours.value - theirs.value
    draws = (rng.integers(ours.items, size=ours.items) for _ in range(resamples))
    drawn = np.array([ours.of(chosen) - theirs.of(chosen) for chosen in draws])
    low, high = np.quantile(drawn, [0.025, 0.975])
    as_far = np.count_nonzero(np.abs(drawn - drawn.mean()) >= abs(observed) - 1e-12)
    return Difference(observed, float(low), float(high), float(as_far + 1) / (resamples + 1))
