"""How an encoder reads a text: in windows, never cut short, with the special tokens and segments its own tokenizer sets."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
import regex
import torch
from tokenizers import Encoding
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from models.catalog import AutoTask
from models.device import moved
from models.types import ModelUnavailable, TextRefused

USUAL = 512
"""Tokens of a window where neither the configuration nor the tokenizer names a length."""

HALF = regex.compile(r"\p{Cs}")
VISIBLE = regex.compile(r"[^\p{C}\p{Z}]")


class Row(Protocol):
    """One row of a batch."""

    @property
    def ids(self) -> Sequence[int]:
        """Tokens, special ones among them."""

    @property
    def types(self) -> Sequence[int]:
        """Segment ids."""


@dataclass(frozen=True, slots=True)
class Window:
    """Some consecutive tokens of a text, with special ones and perhaps a second text."""

    ids: list[int]
    types: list[int]

    @property
    def size(self) -> int:
        """Tokens."""
        return len(self.ids)


class Reader:
    """Reads texts for one model: cuts them into windows, and makes batches of those.

    Attributes:
        window: tokens of a window, special ones among them.
    """

    def __init__(self, model: Any, tokenizer: PreTrainedTokenizerBase, entry: AutoTask, *, most: int | None = None) -> None:
        """`most` is a length that files beside the configuration name. Raises `ModelUnavailable`."""
        if not tokenizer.is_fast:
            raise ModelUnavailable(
                f"{entry.name} has a tokenizer that cannot tell where tokens stand; choose a model with a tokenizer.json."
            )
        self._model, self._tokenizer = model, tokenizer
        self.window = length(model, tokenizer, entry, most)
        self._limit = entry.characters
        self._segments = _takes_segments(model)
        self._filler = _filler(model, tokenizer)

    def clean(self, text: str) -> str:
        """`text` as tokenizers can take it, each character in its place. Raises `TextRefused`."""
        if len(text) > self._limit:
            raise TextRefused("long", limit=self._limit)
        if not VISIBLE.search(text):
            raise TextRefused("empty")
        # Half a surrogate pair, which JSON can carry, has no encoding.
        return HALF.sub("\ufffd", text)

    def room(self, *, pair: bool = False) -> int:
        """Tokens of text that a window, or one of a `pair` of texts, has room for."""
        return self.window - self._tokenizer.num_special_tokens_to_add(pair=pair)

    def plain(self, text: str) -> Encoding:
        """A text in one piece, without special tokens."""
        return self._encode(text, add_special_tokens=False)[0]

    def cut(
        self,
        text: str,
        second: str | None = None,
        *,
        window: int | None = None,
        stride: int = 0,
        cut: Literal["only_first", "only_second"] = "only_first",
    ) -> list[Encoding]:
        """A text's windows, or those of one of two texts with the whole other beside each; `stride` tokens overlap."""
        most = window or self.window
        return self._encode(text, second, truncation=cut, max_length=most, stride=stride, return_overflowing_tokens=True)

    def windows(self, text: str, second: str | None = None, *, window: int | None = None) -> list[Window]:
        """The windows of a `clean` text, each followed by `second` if there is one. Raises `TextRefused`."""
        parts = self.cut(text, second, window=window)
        if 0 not in parts[0].sequence_ids:
            raise TextRefused("empty")
        return [Window(part.ids, part.type_ids) for part in parts]

    def batch(self, rows: Sequence[Row]) -> dict[str, Tensor]:
        """What the model is called with, on its device: (rows, longest) each."""
        made = {
            "input_ids": _padded([row.ids for row in rows], self._filler),
            "attention_mask": _padded([[1] * len(row.ids) for row in rows], 0),
        }
        if self._segments:
            made["token_type_ids"] = _padded([row.types for row in rows], 0)
        return {name: moved(tensor, self._model.device) for name, tensor in made.items()}

    def _encode(self, *texts: str | None, **how: Any) -> list[Encoding]:
        """A text or two by the checkpoint's tokenizer; what in them is spelled like a special token is read as text."""
        found: list[Encoding] = self._tokenizer(*texts, split_special_tokens=True, verbose=False, **how).encodings
        return found


def averaged(rows: Any, sizes: Sequence[int]) -> npt.NDArray[np.float64]:
    """The mean of the rows of windows, weighted by the windows' `sizes`: (windows, width) -> (width)."""
    found: npt.NDArray[np.float64] = np.average(np.asarray(rows, dtype=np.float64), axis=0, weights=sizes)
    return found


def length(model: Any, tokenizer: PreTrainedTokenizerBase, entry: AutoTask, most: int | None = None) -> int:
    """Tokens of a window: what the entry says, else as many as the checkpoint's files allow. Raises `ModelUnavailable`."""
    positions = getattr(model.config.get_text_config(), "max_position_embeddings", None) or USUAL
    longest: int = min(positions - _first_position(model), tokenizer.model_max_length, most or positions)
    if entry.tokens is not None and entry.tokens > longest:
        raise ModelUnavailable(
            f"{entry.name} reads at most {longest} tokens at once; its entry says tokens = {entry.tokens}, lower that."
        )
    found = entry.tokens or longest
    if found <= tokenizer.num_special_tokens_to_add(pair=True):
        raise ModelUnavailable(
            f"A window of {found} tokens leaves {entry.name} no room for text; raise tokens in its entry."
        )
    return found


def _first_position(model: nn.Module) -> int:
    """Rows of the position table that no token uses: RoBERTa and its kin count from behind the padding's."""
    tables = (module for name, module in model.named_modules() if name.endswith("position_embeddings"))
    return next((t.padding_idx + 1 for t in tables if isinstance(t, nn.Embedding) and t.padding_idx is not None), 0)


def _takes_segments(model: Any) -> bool:
    """Whether the model tells a pair's texts apart by segment ids."""
    known = getattr(model.config, "type_vocab_size", 0)
    return "token_type_ids" in inspect.signature(model.forward).parameters and known > 1


def _filler(model: Any, tokenizer: PreTrainedTokenizerBase) -> int:
    """The id that fills rows up. Causal models look for it to find a text's last token, so the configuration learns it."""
    candidates = (tokenizer.pad_token_id, model.config.pad_token_id, tokenizer.eos_token_id, 0)
    found: int = next(token for token in candidates if isinstance(token, int))
    if model.config.pad_token_id is None:
        model.config.pad_token_id = found
    return found


def _padded(rows: Sequence[Sequence[int]], filler: int) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[filler] * (longest - len(row))] for row in rows])
