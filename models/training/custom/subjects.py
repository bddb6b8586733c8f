"""What is taught: labels of texts, or the places of answers. The target of each piece, the loss, and the figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from models.evaluation import answering, classification
from models.examples import Asked, Labelled
from models.tasks.extract import Passage
from models.types import Classification, Extraction

Row = TypeVar("Row", contravariant=True)
Figures = dict[str, float]


class Subject(Protocol[Row]):
    """One kind of lesson. A row is cut into pieces by the task that will serve, so that training reads as serving does."""

    metric: str
    """The figure to stop by; higher is better."""

    def item(self, row: Row, /) -> Any:
        """What the task is asked."""

    def targets(self, row: Row, pieces: Sequence[Any], /) -> list[Any]:
        """What is right for each piece of a row."""

    def loss(self, logits: Tensor, pieces: Sequence[Any], targets: Sequence[Any], /) -> Tensor:
        """A number to lower."""

    def raw(self, logits: Tensor, pieces: Sequence[Any], /) -> Sequence[Any]:
        """Logits as the task's `finish` takes them."""

    def figures(self, rows: Sequence[Row], results: Sequence[Any], /) -> Figures:
        """How good the task's results are, from 0 to 1."""

    def tuned(self, rows: Sequence[Row], results: Sequence[Any], /) -> Figures:
        """The same at the best threshold, which is among them, where there is one to choose."""


class Labels:
    """A label for each text. Each window of a long text is taught the label of the whole.

    The loss weighs labels by inverse frequency, so that a rare one counts as much as a common one.
    """

    metric = "macro F1"

    def __init__(self, labels: Sequence[str], taught: Sequence[Labelled]) -> None:
        self.labels = tuple(labels)
        counts = Counter(row.label for row in taught)
        self.weights = torch.tensor([len(taught) / (len(labels) * counts[label]) for label in labels])

    def item(self, row: Labelled, /) -> str:
        """The text."""
        return row.text

    def targets(self, row: Labelled, pieces: Sequence[Any], /) -> list[int]:
        """The place of the label, for each window."""
        return [self.labels.index(row.label)] * len(pieces)

    def loss(self, logits: Tensor, pieces: Sequence[Any], targets: Sequence[int], /) -> Tensor:
        """Weighted cross-entropy of (rows, labels) logits."""
        right = torch.tensor(targets, device=logits.device)
        return F.cross_entropy(logits, right, weight=self.weights.to(logits.device))

    def raw(self, logits: Tensor, pieces: Sequence[Any], /) -> list[list[float]]:
        """Probabilities."""
        found: list[list[float]] = logits.softmax(-1).tolist()
        return found

    def figures(self, rows: Sequence[Labelled], results: Sequence[Classification], /) -> Figures:
        """Accuracy, macro recall and macro F1."""
        truth, guess = [row.label for row in rows], [found.label for found in results]
        return {figure.name: figure.value for figure in classification.figures(truth, guess)}

    def tuned(self, rows: Sequence[Labelled], results: Sequence[Classification], /) -> Figures:
        """The same: there is no threshold."""
        return self.figures(rows, results)


@dataclass(frozen=True, slots=True)
class Places:
    """The tokens of a passage at which an accepted answer begins, and those at which one ends; the first one for none."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]


class Answers:
    """The place of the answer, or that there is none.

    Args:
        threshold: the margin above which the context counts as answering, where no unanswerable question tells a better.
    """

    metric = "F1"

    def __init__(self, threshold: float = 0.0) -> None:
        self._threshold = threshold

    def item(self, row: Asked, /) -> tuple[str, str]:
        """Question and context."""
        return row.question, row.context

    def targets(self, row: Asked, pieces: Sequence[Passage], /) -> list[Places]:
        """Where accepted answers stand in each passage; one that holds none of them whole has no answer."""
        return [_places(piece, row.spans) for piece in pieces]

    def loss(self, logits: Tensor, pieces: Sequence[Passage], targets: Sequence[Places], /) -> Tensor:
        """Negative log of the probability mass on accepted starts and ends (Clark & Gardner 2018, section 2.2).

        `logits` are (rows, longest, 2); tokens that are neither context nor the first one take no part.
        """
        allowed = torch.zeros(logits.shape[:2], dtype=torch.bool)
        accepted = torch.zeros(logits.shape, dtype=torch.bool)
        for at, (piece, places) in enumerate(zip(pieces, targets, strict=True)):
            allowed[at, 0] = True
            allowed[at, piece.context_at : piece.size - 1] = True
            accepted[at, list(places.starts), 0] = True
            accepted[at, list(places.ends), 1] = True
        allowed, accepted = allowed.to(logits.device), accepted.to(logits.device)
        likely = logits.masked_fill(~allowed[:, :, None], -1e4).log_softmax(1)
        return -likely.masked_fill(~accepted, -1e9).logsumexp(1).mean()

    def raw(self, logits: Tensor, pieces: Sequence[Passage], /) -> list[Any]:
        """Start and end logits: (tokens, 2) for each passage."""
        found = logits.cpu().numpy()
        return [found[at, : piece.size] for at, piece in enumerate(pieces)]

    def figures(self, rows: Sequence[Asked], results: Sequence[Extraction], /) -> Figures:
        """EM and F1 as SQuAD's script has them."""
        return _marks(rows, [found.span for found in results])

    def tuned(self, rows: Sequence[Asked], results: Sequence[Extraction], /) -> Figures:
        """The same at the threshold that is best for F1, and that threshold."""
        margins = np.array([found.margin for found in results])
        best = (row.context[slice(*found.best)] for row, found in zip(rows, results, strict=True))
        answered = np.array([answering.overlap(guess, row.answers) for guess, row in zip(best, rows, strict=True)])
        declined = np.array([float(not row.spans) for row in rows])
        threshold = self._threshold if declined.all() or not declined.any() else _best(margins, answered, declined)
        return {"threshold": threshold} | _marks(rows, [f.best if f.margin > threshold else None for f in results])


def _marks(rows: Sequence[Asked], spans: Sequence[tuple[int, int] | None]) -> Figures:
    given = [row.context[slice(*span)] if span else "" for row, span in zip(rows, spans, strict=True)]
    marks = answering.figures(given, [row.answers for row in rows])
    return {figure.name: figure.value / 100 for figure in marks}


def _places(piece: Passage, spans: Sequence[tuple[int, int]]) -> Places:
    starts, ends = [], []
    for start, end in spans:
        within = [at for at, (low, high) in enumerate(piece.offsets) if low < end and start < high]
        whole = within and piece.offsets[within[0]][0] <= start and end <= piece.offsets[within[-1]][1]
        if whole:
            starts.append(piece.context_at + within[0])
            ends.append(piece.context_at + within[-1])
    return Places(tuple(starts) or (0,), tuple(ends) or (0,))


def _best(margins: Any, answered: Any, declined: Any) -> float:
    """The threshold with the highest mean: above it a question has what its answer is worth, else what declining is.

    It lies halfway between two margins, and is rounded as a configuration has it.
    """
    order = np.argsort(-margins)
    # Declining all, then answering the surest, the two surest ...
    gains = np.concatenate([[0.0], np.cumsum((answered - declined)[order])])
    edges = np.concatenate([[margins[order[0]] + 1], margins[order], [margins[order[-1]] - 1]])
    at = int(gains.argmax())
    return round(float(edges[at] + edges[at + 1]) / 2, 3)


def listed(figures: Mapping[str, float]) -> str:
    """Figures in a line, e.g. "accuracy 0.912, macro F1 0.874"."""
    return ", ".join(f"{name} {value:.3f}" for name, value in figures.items())
