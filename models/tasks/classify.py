"""Sequence classification: a text's windows go through the encoder, their mean states through a linear head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from models.tasks.encoder import Encoder, mean
from models.tasks.normalize import normalize
from models.types import Classification, TextRefused


@dataclass(frozen=True, slots=True)
class Window:
    """Some consecutive tokens of a text, with [CLS] and [SEP]."""

    ids: list[int]

    @property
    def size(self) -> int:
        """Tokens."""
        return len(self.ids)


class Classify:
    """Gives each of `labels` a probability.

    A text of more than `window` tokens is read in windows, whose probabilities are averaged by their length. Texts of more
    than `limit` characters are refused.
    """

    def __init__(
        self, encoder: Encoder, head: Mapping[str, Tensor], labels: Sequence[str], *, window: int, limit: int, model: str
    ) -> None:
        self._encoder, self._labels, self._model = encoder, tuple(labels), model
        self._weight, self._bias = (head[name].float().to(encoder.device) for name in ("head.weight", "head.bias"))
        self._window, self._limit = window, limit
        self._cls, self._sep = encoder.special("[CLS]"), encoder.special("[SEP]")

    def prepare(self, text: str, /) -> list[Window]:
        """Cut the text into windows. Raises `TextRefused`."""
        if len(text) > self._limit:
            raise TextRefused("long", limit=self._limit)
        ids, _ = self._encoder.tokens(normalize(text))
        if not ids:
            raise TextRefused("empty")
        room = self._window - 2
        return [Window([self._cls, *ids[at : at + room], self._sep]) for at in range(0, len(ids), room)]

    @torch.inference_mode()
    def run(self, pieces: Sequence[Window], /) -> list[list[float]]:
        """Probabilities for each window."""
        pooled = mean(*self._encoder.states([piece.ids for piece in pieces])).float()
        found: list[list[float]] = torch.nn.functional.linear(pooled, self._weight, self._bias).softmax(-1).tolist()
        return found

    def finish(self, text: str, pieces: Sequence[Window], raw: Sequence[Sequence[float]], /) -> Classification:
        """The average over the windows."""
        total = sum(piece.size for piece in pieces)
        weights = [piece.size / total for piece in pieces]
        average = [sum(w * row[i] for w, row in zip(weights, raw, strict=True)) for i in range(len(self._labels))]
        scores = dict(zip(self._labels, average, strict=True))
        return Classification(max(scores, key=scores.__getitem__), scores, self._model)
