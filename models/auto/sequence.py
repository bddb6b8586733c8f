"""Sequence classification by any encoder: a text's windows are classified, their probabilities averaged by length."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForSequenceClassification

from models.auto import labels, opening
from models.auto.labels import Labels
from models.auto.reading import Reader, Window, averaged
from models.catalog import SequenceTask
from models.types import Classification


class Sequences:
    """Gives each of our labels a probability, as `models.tasks.classify.Classify` does."""

    def __init__(self, network: Any, reader: Reader, named: Labels, *, model: str) -> None:
        self._network, self._reader, self._labels, self._model = network, reader, named, model

    def prepare(self, text: str, /) -> list[Window]:
        """Cut the text into windows. Raises `TextRefused`."""
        return self._reader.windows(self._reader.clean(text))

    @torch.inference_mode()
    def run(self, pieces: Sequence[Window], /) -> list[list[float]]:
        """Probabilities of our labels for each window."""
        found: list[list[float]] = self._labels.scores(self._network(**self._reader.batch(pieces)).logits).tolist()
        return found

    def finish(self, text: str, pieces: Sequence[Window], raw: Sequence[Sequence[float]], /) -> Classification:
        """The average over the windows."""
        average = averaged(raw, [piece.size for piece in pieces]).tolist()
        scores = dict(zip(self._labels.names, average, strict=True))
        return Classification(max(scores, key=scores.__getitem__), scores, self._model)


def load(folder: Path, entry: SequenceTask, *, device: torch.device, dtype: torch.dtype) -> Sequences:
    """The classifier in `folder`. Raises `ModelUnavailable`."""
    named = labels.read(opening.config(folder, entry), entry)
    network = opening.model(AutoModelForSequenceClassification, folder, entry, device=device, dtype=dtype)
    reader = Reader(network, opening.tokenizer(folder, entry), entry)
    return Sequences(network, reader, named, model=entry.model)
