"""The shared encoder as tasks call it: rows of token ids in, states of the last layer out."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from tokenizers import Tokenizer
from torch import Tensor

from models.device import moved
from models.tasks.packed import PackedBert

Ids = Sequence[int]


def pad(rows: Sequence[Ids], *, device: torch.device | str = "cpu") -> tuple[Tensor, Tensor]:
    """Token ids and attention mask (true for tokens), both (rows, longest)."""
    longest = max(map(len, rows))
    ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])
    mask = torch.arange(longest) < torch.tensor([len(row) for row in rows])[:, None]
    return moved(ids, device), moved(mask, device)


def mean(states: Tensor, mask: Tensor) -> Tensor:
    """Mean over the tokens that are there: (rows, length, width) -> (rows, width)."""
    there = mask.unsqueeze(-1).to(states.dtype)
    return (states * there).sum(1) / there.sum(1)


class Encoder:
    """An encoder on its device, with its tokenizer. Only the device's thread may call it."""

    def __init__(self, model: PackedBert, tokenizer: Tokenizer, *, device: torch.device | str = "cpu") -> None:
        self.model, self.tokenizer, self.device = model, tokenizer, device

    def tokens(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Token ids without special ones, and each token's character span in `text`."""
        coded = self.tokenizer.encode(text, add_special_tokens=False)
        return coded.ids, coded.offsets

    def special(self, token: str) -> int:
        """The id of "[CLS]" or "[SEP]"."""
        found: int | None = self.tokenizer.token_to_id(token)
        assert found is not None, token
        return found

    @torch.inference_mode()
    def states(self, rows: Sequence[Ids], types: Sequence[Ids] | None = None) -> tuple[Tensor, Tensor]:
        """Last states (rows, longest, width) and mask (rows, longest). `types` are segment ids, zero where not given."""
        ids, mask = pad(rows, device=self.device)
        segments = None if types is None else pad(types, device=self.device)[0]
        return self.model(ids, mask, segments), mask
