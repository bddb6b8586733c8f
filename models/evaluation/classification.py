"""Accuracy, macro recall and macro F1, and the same label by label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.evaluation.figures import Figure, Indices

Counts = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """How well one label is told."""

    label: str
    precision: float
    recall: float
    f1: float
    examples: int


def figures(truth: Sequence[str], guess: Sequence[str | None]) -> list[Figure]:
    """The figures over all items, from 0 to 1. Macro figures average over the labels that occur in `truth`."""
    labels = sorted({*truth, *(label for label in guess if label is not None)})
    told, said = _codes(truth, labels), _codes(guess, labels)

    def counted(chosen: Indices) -> Counts:
        return _confusion(told[chosen], said[chosen], len(labels))

    return [
        Figure("accuracy", len(truth), lambda chosen: float(np.mean(told[chosen] == said[chosen]))),
        Figure("macro recall", len(truth), lambda chosen: _macro(counted(chosen), 1)),
        Figure("macro F1", len(truth), lambda chosen: _macro(counted(chosen), 2)),
    ]


def table(truth: Sequence[str], guess: Sequence[str | None]) -> list[Row]:
    """A row for each label of `truth`."""
    labels = sorted({*truth, *(label for label in guess if label is not None)})
    counts = _confusion(_codes(truth, labels), _codes(guess, labels), len(labels))
    precision, recall, f1 = _rates(counts).tolist()
    return [
        Row(label, precision[at], recall[at], f1[at], int(counts[at].sum()))
        for at, label in enumerate(labels)
        if label in truth
    ]


def _codes(labels: Sequence[str | None], known: Sequence[str]) -> Indices:
    """Labels as their places among the known ones; what got no label is one past the last."""
    places: dict[str | None, int] = {label: at for at, label in enumerate(known)}
    return np.array([places.get(label, len(known)) for label in labels], dtype=np.intp)


def _confusion(told: Indices, said: Indices, labels: int) -> Counts:
    """(labels, labels + 1): a row for each true label, a column for each one given, and one for none."""
    size = labels + 1
    return np.bincount(told * size + said, minlength=size * labels).reshape(labels, size).astype(np.float64)


def _rates(counts: Counts) -> Counts:
    """(3, labels): precision, recall and F1 of each label, 0 where there is nothing to divide by."""
    right, there, given = np.diagonal(counts), counts.sum(1), counts.sum(0)[:-1]
    parts = [(right, given), (right, there), (2 * right, there + given)]
    return np.stack([np.divide(up, down, out=np.zeros_like(up), where=down > 0) for up, down in parts])


def _macro(counts: Counts, which: int) -> float:
    return float(_rates(counts)[which, counts.sum(1) > 0].mean())
