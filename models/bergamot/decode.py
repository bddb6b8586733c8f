"""Greedy decoding for serving: a shortlist for the output layer, and no work for rows that have ended.

A row's translation does not depend on the rows beside it: each keeps to its own shortlist and its own length limit.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812
from torch.nn.utils.rnn import pad_sequence

from models.bergamot.modeling import NEVER, BergamotForConditionalGeneration, visible
from models.bergamot.shortlist import Shortlist

LENGTH_FACTOR = 2.5
"""A translation has at most this many times the tokens of its source."""


class GreedyDecoder:
    """Translates batches of token ids with one model."""

    def __init__(self, model: BergamotForConditionalGeneration, shortlist: Shortlist) -> None:
        self._model, self._shortlist = model, shortlist
        self._end: int = model.config.eos_token_id
        self._padding: int = model.config.pad_token_id

    @torch.inference_mode()
    def __call__(self, sources: Sequence[Sequence[int]]) -> list[list[int]]:
        """The target ids, without `</s>`, of each source, which ends in `</s>`."""
        model, device = self._model, self._model.device
        rows = [torch.tensor(source) for source in sources]
        input_ids = pad_sequence(rows, batch_first=True, padding_value=self._padding).to(device)
        padded = len({len(source) for source in sources}) > 1
        attention_mask = input_ids != self._padding if padded else None
        state = model.decoder.start(model.encoder(input_ids, attention_mask)[0])
        mask = visible(attention_mask)

        tokens, weight, bias = self._output_layer(sources)
        limits = torch.tensor([int(LENGTH_FACTOR * len(source)) for source in sources], device=device)
        written = torch.full((len(sources), int(limits.max())), self._end, device=device)
        alive = torch.arange(len(sources), device=device)
        last = torch.full_like(alive, self._padding)
        for step in range(written.shape[1]):
            hidden = model.decoder(model.encoder.embedding(last)[:, None], state, mask)[:, 0]
            last = tokens[torch.add(F.linear(hidden, weight), bias).argmax(dim=1)]
            written[alive, step] = last
            going = (last != self._end) & (limits > step + 1)
            if not going.all():
                kept = going.nonzero()[:, 0]
                if not len(kept):
                    break
                state.keep(kept)
                alive, last, limits, bias = alive[kept], last[kept], limits[kept], bias[kept]
                mask = None if mask is None else mask[kept]
        return [self._until_end(row) for row in written.tolist()]

    def _output_layer(self, sources: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor, Tensor]:
        """The tokens some source allows, their output weights (tokens, dim), and for each source its biases (sources, tokens)."""
        model = self._model
        allowed = self._shortlist.allowed(sources)
        allowed[:, model.config.unk_token_id] = False
        union = allowed.any(axis=0).nonzero()[0]
        tokens = torch.from_numpy(union).to(model.device)
        forbidden = torch.from_numpy(~allowed[:, union]).to(model.device)
        bias = model.output_bias[tokens].expand(len(sources), -1).masked_fill(forbidden, NEVER)
        return tokens, model.get_input_embeddings().weight[tokens], bias

    def _until_end(self, row: list[int]) -> list[int]:
        return row[: row.index(self._end)] if self._end in row else row
