"""Draws the mood of a thread as a picture."""

from __future__ import annotations

import threading
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

from handlers.conversation import Chart

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE = (800, 300)
"""Pixels, as a picture in a conversation has them on a screen."""

_DPI = 100
_FONT: dict[str, Any] = {"family": "DejaVu Sans", "size": 10}  # comes with matplotlib: the same picture everywhere

# A card of its own, as no colour of words stands out well from both a dark and a light window. The colours of the sides
# are Okabe and Ito's (2008), for those too who do not see all colours; above and below say the same.
_CARD, _WORDS, _RULES, _LINE = "#2b2d31", "#dbdee1", "#6d6f78", "#f2f3f5"
_SIDES = {"positive": "#56b4e9", "negative": "#e69f00"}
_CORNER = 12  # pixels
_DOTS = 150  # messages; more would be a blur
_HEIGHT = 1.28  # of either side; the words on turning points stand beyond what the curve can reach
_EDGE = 0.07  # of the width; nearer to it, words in the middle would run out of the card

_LOCK = threading.Lock()  # matplotlib promises nothing to threads; its caches of fonts are shared by all of them


def png(chart: Chart) -> bytes:
    """The chart as a PNG of `SIZE`; of the same chart the same bytes. Slow at first, as it loads matplotlib. Any thread."""
    with _LOCK:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(SIZE[0] / _DPI, SIZE[1] / _DPI), dpi=_DPI, facecolor="none")
        _card(figure)
        axes = figure.add_axes((0.105, 0.12, 0.865, 0.84), facecolor="none")
        _scales(axes, len(chart.valence))
        _curve(axes, chart)
        _turning(axes, chart)
        picture = BytesIO()
        figure.savefig(picture, format="png", metadata={"Software": None}, pil_kwargs={"optimize": True})
        return picture.getvalue()


def _card(figure: Figure) -> None:
    from matplotlib.patches import FancyBboxPatch

    width, height = SIZE
    inside = (_CORNER, _CORNER), width - 2 * _CORNER, height - 2 * _CORNER
    card = FancyBboxPatch(*inside, boxstyle=f"round,pad={_CORNER}", transform=None, facecolor=_CARD, linewidth=0, zorder=-1)
    figure.add_artist(card)


def _scales(axes: Axes, turns: int) -> None:
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, pad=8)
    axes.set_xlim(0.5, max(turns, 1) + 0.5)
    axes.set_ylim(-_HEIGHT, _HEIGHT)
    axes.set_yticks([-1, 0, 1], ["negative", "neutral", "positive"], **_FONT)
    axes.set_xticks([1, turns][:turns], ["message 1", str(turns)][:turns], **_FONT)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_color(_SIDES.get(label.get_text(), _WORDS))
    ends: tuple[Literal["left", "right"], ...] = ("left", "right")
    for label, inwards in zip(axes.get_xticklabels(), ends, strict=False):
        label.set_horizontalalignment(inwards)
    for level, dashes in ((-1, (1, 4)), (0, ()), (1, (1, 4))):
        axes.axhline(level, color=_RULES, linewidth=0.8, dashes=dashes)


def _curve(axes: Axes, chart: Chart) -> None:
    """The curve, and a dot for each message that was read as long as they can be told apart."""
    turns = enumerate(zip(chart.valence, chart.curve, strict=True), start=1)
    read = [(number, value, level) for number, (value, level) in turns if value is not None and level is not None]
    if not read:
        return
    numbers, values, levels = zip(*read, strict=True)
    if len(read) <= _DOTS:
        colours = [_SIDES["positive" if value > 0 else "negative"] for value in values]
        axes.scatter(numbers, values, s=9, c=colours, alpha=0.6, linewidths=0, clip_on=False)
    for side, above in (("positive", True), ("negative", False)):
        there = [(level > 0) is above for level in levels]
        axes.fill_between(numbers, levels, where=there, interpolate=True, color=_SIDES[side], alpha=0.35, linewidth=0)
    axes.plot(numbers, levels, color=_LINE, linewidth=2, marker="o" if len(read) == 1 else "")


def _turning(axes: Axes, chart: Chart) -> None:
    """Where the mood turns, with the number of the message, on the side that it turns to."""
    for point in chart.turning:
        number, away = point.turn + 1, 1 if point.side == "positive" else -1
        axes.plot([number] * 2, [0, 1.06 * away], color=_WORDS, linewidth=1, dashes=(3, 3))
        axes.plot([number], [0], color=_LINE, marker="o", markersize=7, markeredgecolor=_CARD, markeredgewidth=1.5)
        place = number / len(chart.valence)
        inwards = "left" if place < _EDGE else "right" if place > 1 - _EDGE else "center"
        axes.text(number, 1.17 * away, f"message {number}", color=_WORDS, ha=inwards, va="center", **_FONT)
