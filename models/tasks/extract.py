"""Extractive question answering with "no answer": the span of the context that answers best, or none.

Long contexts are read in overlapping windows. Position 0 ([CLS]) stands for "no answer" (Devlin et al. 2019, section 4.3); a
window's margin is its best span's score minus that of position 0, and the window with the greatest margin decides. An
answer stands in one of them at most: each of k windows has a k-th of the chance of a single one, log k less of log-odds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.tasks.encoder import Encoder
from models.types import Extraction, TextRefused

Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Passage:
    """A window of the context with the question before it: [CLS] question [SEP] window [SEP]."""

    ids: list[int]
    context_at: int
    offsets: list[tuple[int, int]]

    @property
    def size(self) -> int:
        """Tokens."""
        return len(self.ids)

    @property
    def types(self) -> list[int]:
        """Segment ids: 1 from the window on."""
        return [0] * self.context_at + [1] * (len(self.ids) - self.context_at)


class Extract:
    """Finds answers to questions.

    Args:
        window: tokens a window has with its question.
        stride: tokens of the context that neighbouring windows share.
        longest: tokens an answer may have.
        threshold: the margin (log-odds) above which the context counts as answering.
        limit: characters of context above which a request is refused.
    """

    QUESTION = 64  # tokens of a question that are read

    def __init__(
        self,
        encoder: Encoder,
        head: Mapping[str, Tensor],
        *,
        window: int,
        stride: int,
        longest: int,
        threshold: float,
        limit: int,
        model: str,
    ) -> None:
        self._encoder, self._model = encoder, model
        self._weight, self._bias = (head[name].float().to(encoder.device) for name in ("head.weight", "head.bias"))
        self._window, self._stride, self._longest = window, stride, longest
        self._threshold, self._limit = threshold, limit
        self._cls, self._sep = encoder.special("[CLS]"), encoder.special("[SEP]")

    def prepare(self, item: tuple[str, str], /) -> list[Passage]:
        """Cut (question, context) into passages. Raises `TextRefused`."""
        question, context = item
        if len(context) > self._limit:
            raise TextRefused("long", limit=self._limit)
        asked = self._encoder.tokens(question)[0][: self.QUESTION]
        ids, offsets = self._encoder.tokens(context)
        if not asked or not ids:
            raise TextRefused("empty")
        at = len(asked) + 2
        room = self._window - at - 1
        passages = []
        for low in range(0, max(1, len(ids) - self._stride), room - self._stride):
            part = [self._cls, *asked, self._sep, *ids[low : low + room], self._sep]
            passages.append(Passage(part, at, offsets[low : low + room]))
        return passages

    @torch.inference_mode()
    def run(self, pieces: Sequence[Passage], /) -> list[Scores]:
        """Start and end logits of each passage: (tokens, 2)."""
        states, _ = self._encoder.states([piece.ids for piece in pieces], [piece.types for piece in pieces])
        logits = torch.nn.functional.linear(states.float(), self._weight, self._bias).cpu().numpy()
        return [logits[row, : piece.size] for row, piece in enumerate(pieces)]

    def finish(self, item: tuple[str, str], pieces: Sequence[Passage], raw: Sequence[Scores], /) -> Extraction:
        """The best span over all passages; a span counts as an answer when its margin exceeds the threshold."""
        return merged(pieces, raw, longest=self._longest, threshold=self._threshold, model=self._model)


def merged(pieces: Sequence[Passage], raw: Sequence[Scores], *, longest: int, threshold: float, model: str) -> Extraction:
    """The best span of `longest` tokens at most over all passages, given their start and end logits: (tokens, 2) each."""
    best, span = max(_best(piece, scores, longest) for piece, scores in zip(pieces, raw, strict=True))
    margin = best - math.log(len(pieces))
    answers = margin > threshold
    probability = 1 / (1 + math.exp(min(60.0, max(-60.0, threshold - margin))))
    score = probability if answers else 1 - probability
    return Extraction(span if answers else None, score, span, margin, model)


def _best(passage: Passage, scores: Scores, longest: int) -> tuple[float, tuple[int, int]]:
    """(margin, character span) of a passage's best span: the pair start <= end of at most `longest` tokens."""
    inside = slice(passage.context_at, len(scores) - 1)
    start, end = scores[inside, 0], scores[inside, 1]
    pairs = start[:, None] + end[None, :]
    allowed = np.tril(np.triu(np.ones_like(pairs, dtype=bool)), longest - 1)
    first, last = np.unravel_index(np.where(allowed, pairs, -np.inf).argmax(), pairs.shape)
    span = passage.offsets[first][0], passage.offsets[last][1]
    return float(pairs[first, last] - scores[0].sum()), span
