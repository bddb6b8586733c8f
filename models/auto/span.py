"""Extractive question answering by any encoder, with "no answer", as `models.tasks.extract` reckons it.

Models made from SQuAD 2 learned to point at position 0 where there is no answer. Those of SQuAD 1 never did, so that they
answer whatever they are asked; the entry's `threshold` can make them shy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import regex
import torch
from tokenizers import Encoding
from transformers import AutoModelForQuestionAnswering

from models.auto import opening
from models.auto.reading import Reader
from models.catalog import SpanTask
from models.tasks.extract import Passage, Scores, merged
from models.types import Extraction, ModelUnavailable, TextRefused

WORD = regex.compile(r"\S+")


class Spans:
    """Finds answers to questions, with the items and results of `models.tasks.extract.Extract`."""

    def __init__(self, network: Any, reader: Reader, entry: SpanTask) -> None:
        """Raises `ModelUnavailable` where the entry's windows would not move on."""
        self._network, self._reader, self._entry = network, reader, entry
        # At least half of a window is context, of which more than the stride must be new.
        self._question = reader.room(pair=True) // 2
        if self._question <= entry.stride:
            raise ModelUnavailable(
                f"{entry.name} reads windows of {reader.window} tokens; a stride of {entry.stride} is too long for them."
            )

    def prepare(self, item: tuple[str, str], /) -> list[Passage]:
        """Cut (question, context) into passages. Raises `TextRefused`, also for a question that takes half a window."""
        question, context = (self._reader.clean(text) for text in item)
        asked = self._reader.plain(question)
        if not asked.ids:
            raise TextRefused("empty")
        if len(asked.ids) > self._question:
            raise TextRefused("long", limit=asked.offsets[self._question - 1][1])
        parts = self._reader.cut(question, context, stride=self._entry.stride, cut="only_second")
        if 1 not in parts[0].sequence_ids:
            raise TextRefused("empty")
        return [_passage(part) for part in parts]

    @torch.inference_mode()
    def run(self, pieces: Sequence[Passage], /) -> list[Scores]:
        """Start and end logits of each passage: (tokens, 2)."""
        found = self._network(**self._reader.batch(pieces))
        logits = torch.stack([found.start_logits, found.end_logits], dim=-1).float().cpu().numpy()
        return [logits[row, : piece.size] for row, piece in enumerate(pieces)]

    def finish(self, item: tuple[str, str], pieces: Sequence[Passage], raw: Sequence[Scores], /) -> Extraction:
        """The best span over all passages; a span counts as an answer when its margin exceeds the threshold."""
        longest, threshold = self._entry.longest, self._entry.threshold
        found = merged(pieces, raw, longest=longest, threshold=threshold, model=self._entry.model)
        best = _words(item[1], *found.best)
        return replace(found, best=best, span=found.span and best)


def load(folder: Path, entry: SpanTask, *, device: torch.device, dtype: torch.dtype) -> Spans:
    """The question answering model in `folder`. Raises `ModelUnavailable`."""
    network = opening.model(AutoModelForQuestionAnswering, folder, entry, device=device, dtype=dtype)
    return Spans(network, Reader(network, opening.tokenizer(folder, entry), entry), entry)


def _passage(part: Encoding) -> Passage:
    """A pair as passages have it, whose context stands between special tokens."""
    at = part.sequence_ids.index(1)
    return Passage(part.ids, at, part.offsets[at:-1])


def _words(context: str, start: int, end: int) -> tuple[int, int]:
    """A span without spaces around it, which SentencePiece counts to the word that follows; one alone stands for that."""
    within = WORD.search(context, start)
    if not within:
        return start, end
    return within.start(), max(within.start() + 1, start + len(context[start:end].rstrip()))
