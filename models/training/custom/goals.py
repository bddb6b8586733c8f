"""The tasks that can be trained: their labels, how their examples are read and held out, and which entry they make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from models.catalog import Catalog
from models.examples import Asked, Labelled, asked, labelled
from models.training.custom.network import Network
from models.training.custom.splitting import by_context, by_label
from models.training.custom.subjects import Answers, Labels, Subject
from models.training.intent_data import LABELS as INTENTS

LEAST = 5  # examples of a label
QUESTIONS = 10
SENTIMENTS = ("negative", "neutral", "positive")

Name = Literal["sentiment", "classify", "intent", "ask"]


@dataclass(frozen=True, slots=True)
class Goal:
    """What a task teaches.

    Attributes:
        role: the entry of the catalogue that serves it; None where the entry is named after its folder.
        labels: those of the task, if it has its own.
        answers: whether answers are taught, and not labels.
    """

    role: str | None = None
    labels: tuple[str, ...] | None = None
    answers: bool = False

    def read(self, path: Path) -> Sequence[Any]:
        """The examples of a file. Raises `models.examples.DataError`."""
        if self.answers:
            return asked(path, least=QUESTIONS)
        return labelled(path, among=self.labels, least=LEAST)

    def named(self, rows: Sequence[Labelled]) -> tuple[str, ...] | None:
        """The labels to learn; None for answers."""
        return None if self.answers else self.labels or tuple(sorted({row.label for row in rows}))

    def split(self, rows: Sequence[Any], *, held: float, seed: int) -> tuple[list[Any], list[Any]]:
        """(rows that teach, rows held out)."""
        return (by_context if self.answers else by_label)(rows, held=held, seed=seed)

    def subject(self, network: Network, taught: Sequence[Any]) -> Subject[Any]:
        """The subject for a network."""
        return Answers(network.threshold) if self.answers else Labels(network.labels, taught)

    def base(self, catalog: Catalog) -> str:
        """What to start from where nothing else is said."""
        return self.role if self.role and self.role in catalog.tasks else next(iter(catalog.encoders), "")


GOALS: dict[str, Goal] = {
    "sentiment": Goal("sentiment", SENTIMENTS),
    "classify": Goal(),
    "intent": Goal("intent", tuple(INTENTS)),
    "ask": Goal("extract", answers=True),
}


def counted(rows: Sequence[Labelled | Asked]) -> dict[str, int]:
    """How many rows have each label, or an answer and none."""
    names = (row.label if isinstance(row, Labelled) else "answered" if row.spans else "without an answer" for row in rows)
    return dict(sorted(Counter(names).items()))
