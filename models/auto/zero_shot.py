"""Zero-shot classification: which of several hypotheses a text entails (Yin, Hay and Roth 2019).

The model judges every hypothesis beside every window of the text. As is usual, the labels' probabilities are the softmax
over the logits of entailment alone; over windows they are averaged by length.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, PretrainedConfig

from models.auto import opening
from models.auto.labels import spelled
from models.auto.reading import Reader, Window, averaged
from models.catalog import ZeroShotTask
from models.types import Classification, ModelUnavailable


class ZeroShot:
    """Gives each label a probability through the hypothesis that says it.

    Args:
        hypotheses: by their labels.
        entailment: the place of that class among the model's.
    """

    def __init__(self, network: Any, reader: Reader, hypotheses: Mapping[str, str], *, entailment: int, model: str) -> None:
        self._network, self._reader, self._model = network, reader, model
        self._hypotheses, self._entailment = hypotheses, entailment
        sizes = {label: len(reader.plain(said).ids) for label, said in hypotheses.items()}
        # Beside a shorter hypothesis the windows are shorter as a whole, so that each label judges the same ones.
        self._windows = {label: reader.window - max(sizes.values()) + size for label, size in sizes.items()}
        if reader.room(pair=True) <= max(sizes.values()):
            raise ModelUnavailable(f"The hypotheses of {model} leave no room for a text in its windows; shorten them.")

    def prepare(self, text: str, /) -> list[Window]:
        """Each hypothesis beside each window of the text, all windows of the first label first. Raises `TextRefused`."""
        read = self._reader.clean(text)
        each = (self._reader.windows(read, said, window=self._windows[label]) for label, said in self._hypotheses.items())
        return [window for windows in each for window in windows]

    @torch.inference_mode()
    def run(self, pieces: Sequence[Window], /) -> list[float]:
        """The logit of entailment for each pair."""
        logits = self._network(**self._reader.batch(pieces)).logits
        found: list[float] = logits[:, self._entailment].float().tolist()
        return found

    def finish(self, text: str, pieces: Sequence[Window], raw: Sequence[float], /) -> Classification:
        """The labels' probabilities, averaged over the windows."""
        logits = np.asarray(raw, dtype=np.float64).reshape(len(self._hypotheses), -1).T  # (windows, labels)
        odds = np.exp(logits - logits.max(1, keepdims=True))
        sizes = [piece.size for piece in pieces[: len(logits)]]
        average = averaged(odds / odds.sum(1, keepdims=True), sizes).tolist()
        scores = dict(zip(self._hypotheses, average, strict=True))
        return Classification(max(scores, key=scores.__getitem__), scores, self._model)


def entailment(config: PretrainedConfig, entry: ZeroShotTask) -> int:
    """The place of entailment among a model's classes. Raises `ModelUnavailable`."""
    named = config.id2label or {}
    found = [place for place, name in named.items() if spelled(name).startswith("entail")]
    if len(found) != 1:
        names = ", ".join(map(repr, named.values()))
        raise ModelUnavailable(f"{entry.name} does not say which of {names} is entailment; choose a model for NLI.")
    return int(found[0])


def load(folder: Path, entry: ZeroShotTask, *, device: torch.device, dtype: torch.dtype) -> ZeroShot:
    """The NLI model in `folder`. Raises `ModelUnavailable`."""
    place = entailment(opening.config(folder, entry), entry)
    network = opening.model(AutoModelForSequenceClassification, folder, entry, device=device, dtype=dtype)
    reader = Reader(network, opening.tokenizer(folder, entry), entry)
    return ZeroShot(network, reader, entry.hypotheses, entailment=place, model=entry.model)
