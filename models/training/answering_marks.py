"""Putting questions to the answering task, and the figures taken from what it makes of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import track

from models.tasks.base import Task
from models.tasks.extract import Passage, Scores
from models.training.loop import by_length
from models.types import Extraction

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Answering = Task[tuple[str, str], Passage, Scores, Extraction]


def answers(task: Answering, items: Sequence[tuple[str, str]], title: str) -> list[Extraction]:
    """The task's answer to each (question, context). Passages of like length share a batch, as they do in the engine."""
    cut = [task.prepare(item) for item in items]
    pieces = [piece for passages in cut for piece in passages]
    raw: dict[int, Scores] = {}
    plan = by_length([piece.size for piece in pieces], tokens=2048, seed=0, pool=len(pieces))
    for batch in track(plan, title, console=Console(stderr=True)):
        raw.update(zip(batch, task.run([pieces[i] for i in batch]), strict=True))
    scores = (raw[i] for i in range(len(pieces)))
    return [
        task.finish(item, passages, list(islice(scores, len(passages)))) for item, passages in zip(items, cut, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Marks:
    """How a task did, with one entry for each question; every figure taken from them is in percent.

    `overlap` is the F1 of the best span and `margin` its log-odds against "no answer"; `answered` is whether the task gave
    that span as its answer, `answerable` whether the context has one.
    """

    overlap: Floats
    margin: Floats
    answered: Flags
    answerable: Flags

    @property
    def best(self) -> float:
        """F1 of the best spans of answerable questions, whether or not the task declined."""
        return percent(self.overlap[self.answerable])

    def threshold(self, declined: float) -> float:
        """The lowest threshold, to three places, that declines at least this share of the unanswerable questions."""
        lowest = float(np.quantile(self.margin[~self.answerable], declined, method="inverted_cdf"))
        return math.ceil(1000 * lowest) / 1000

    def figures(self, answered: Flags) -> dict[str, float]:
        """F1 when just these questions are answered, a declined one counting as zero, and what that declines."""
        return {
            "answerable F1 with declines": percent((self.overlap * answered)[self.answerable]),
            "unanswerable declined": percent(~answered[~self.answerable]),
        }

    def at(self, threshold: float) -> dict[str, float]:
        """The threshold, and the figures with it."""
        return {"threshold": threshold, **self.figures(self.margin > threshold)}


def percent(values: Floats | Flags) -> float:
    """Their mean in percent, to two places."""
    return round(100 * float(values.mean()), 2)
