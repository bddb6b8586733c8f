"""The mood of a thread as a curve: smoothed over the messages, with the points where it turns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from handlers.conversation import Chart, Side, Turning

SHARE = 1 / 8
"""Of the thread: so much of it stands behind each value of the curve. Less, and turns of mere chance get common."""

FEWEST = 7
"""Messages that stand behind each value at least."""

BAND = 1.96
"""Standard errors around the curve within which a normal mean lies in 95 of 100 cases."""

CLEAR = 0.1
"""Distance from neutral within which the curve is on neither side, however certain it is."""

Values = npt.NDArray[np.float64]


def chart(valence: Sequence[float | None]) -> Chart:
    """The mood of a thread of which each turn's valence is known, or None where there was nothing to read.

    What was not read takes no place on the curve: it neither stretches it nor pulls it towards neutral. The time grows
    with the square of the number of turns, to some 30 ms for 10,000.
    """
    read = [turn for turn, value in enumerate(valence) if value is not None]
    values = np.array([value for value in valence if value is not None])
    curve, errors = smoothed(values) if read else (values, values)
    turning = tuple(Turning(read[place], side) for place, side in _turns(curve, np.maximum(BAND * errors, CLEAR)))
    level: list[float | None] = [None] * len(valence)
    for turn, value in zip(read, curve.tolist(), strict=True):
        level[turn] = value
    return Chart(tuple(valence), tuple(level), turning, _said(read, curve, turning))


def smoothed(values: Values) -> tuple[Values, Values]:
    """A curve through values that are evenly apart, and its standard error at each of them.

    Kernel regression (Nadaraya 1964, Watson 1964) with a normal kernel, so wide that a mean of `FEWEST` values, or of
    `SHARE` of them all, would have the same standard error. The errors are those of Bowman and Azzalini's variability
    bands (1997): of a weighted mean of values that stray from the curve, all alike, as these do.
    """
    width = max(FEWEST, SHARE * len(values)) / (2 * math.sqrt(math.pi))
    reach = math.ceil(3 * width)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)

    def summed(weighed: Values, weights: Values) -> Values:
        return np.convolve(weighed, weights)[reach:-reach]

    ones = np.ones_like(values)
    weight = summed(ones, kernel)
    curve = np.round(summed(values, kernel) / weight, 6)  # so that it does not hang on how a processor adds up
    return curve, np.std(values - curve) * np.sqrt(summed(ones, kernel**2)) / weight


def _turns(curve: Values, clear: Values) -> Iterator[tuple[int, Side]]:
    """Where the curve comes over from one side to the other, for each time that it is clearly on both."""
    side: Side | None = None
    entered = 0  # where it came over neutral last
    for place, (value, distance) in enumerate(zip(curve.tolist(), clear.tolist(), strict=True)):
        if place and (value > 0) != (curve[place - 1] > 0):
            entered = place
        if abs(value) < distance:
            continue
        now: Side = "positive" if value > 0 else "negative"
        if side and now != side:
            yield entered, now
        side = now


def _said(read: Sequence[int], curve: Values, turning: Sequence[Turning]) -> str:
    """The curve in words, for whoever does not see it."""
    if not read:
        return "The mood of this thread cannot be told, as there is nothing to read."
    over = f"The mood over {len(read)} message{'s' * (len(read) != 1)}"
    levels = list(map(_level, curve.tolist()))
    if len(set(levels)) == 1:
        return f"{over} stays {levels[0]}."
    turns = ", ".join(f"{point.side} at message {point.turn + 1}" for point in turning)
    course = f"starts {levels[0]}{', turns ' * bool(turns)}{turns}"
    low, high = read[int(curve.argmin())] + 1, read[int(curve.argmax())] + 1
    return f"{over} {course} and ends {levels[-1]}. It is lowest around message {low} and highest around message {high}."


def _level(value: float) -> str:
    return "neutral" if abs(value) < CLEAR else "positive" if value > 0 else "negative"
