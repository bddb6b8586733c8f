"""Draws how a training went: the loss of lessons and of rows held out, and the figures, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from models.training.custom.loop import Epoch

SIZE, DPI = (9.0, 3.4), 100  # inches, and pixels of each
LEFT_OUT = frozenset({"threshold"})
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9")  # Okabe and Ito (2008), which all eyes tell apart


def draw(history: Sequence[Epoch], best: int, path: Path) -> None:
    """Write a PNG; a line marks the best epoch, whose weights were kept."""
    figure = Figure(figsize=SIZE, dpi=DPI, layout="constrained")
    left, right = figure.subplots(1, 2)
    numbers = [epoch.number for epoch in history]
    _curve(left, numbers, [epoch.loss for epoch in history], COLOURS[0], "training")
    _curve(left, numbers, [epoch.held for epoch in history], COLOURS[1], "held out")
    names = [name for name in history[0].figures if name not in LEFT_OUT]
    for name, colour in zip(names, COLOURS, strict=False):
        _curve(right, numbers, [epoch.figures[name] for epoch in history], colour, name)
    right.set_ylim(0, 1.02)
    for axes, title in ((left, "loss"), (right, "figures on what was held out")):
        _dress(axes, title, best)
    figure.savefig(path, format="png", metadata={"Software": None})


def _curve(axes: Axes, numbers: Sequence[int], values: Sequence[float], colour: str, label: str) -> None:
    axes.plot(numbers, values, color=colour, label=label, marker="o", markersize=3)


def _dress(axes: Axes, title: str, best: int) -> None:
    axes.axvline(best, color="#888888", linewidth=1, linestyle=":", label=f"best, epoch {best}")
    axes.set_title(title)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.25)
    axes.legend(fontsize="small")
