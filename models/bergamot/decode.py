"""Greedy decoding for serving: a shortlist for the output layer, and no work for rows that have ended.

A row's translation does not depend on the rows beside it: each keeps to its own shortlist and its own length limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812
from torch.nn.utils.rnn import pad_sequence

from models.bergamot.modeling import NEVER, BergamotForConditionalGeneration
from models.bergamot.serving import FastDecoder, FastEncoder, Rows
from models.bergamot.shortlist import Shortlist

LENGTH_FACTOR = 2.5
"""A translation has at most this many times the tokens of its source."""

WORTHWHILE = 0.75
"""Ended rows are dropped when the others are at most this part: dropping copies the others' state."""


@dataclass(slots=True)
class Output:
    """The output layer: ids of tokens, their weights (dim, tokens), and for each row their biases (rows, tokens)."""

    tokens: Tensor
    weight: Tensor
    bias: Tensor

    def best(self, hidden: Tensor) -> Tensor:
        """The id of the most likely token for each row of `hidden` (rows, dim)."""
        return self.tokens[torch.addmm(self.bias, hidden, self.weight).argmax(dim=1)]

    def keep(self, rows: Tensor) -> None:
        """Go on with these rows alone."""
        self.bias = self.bias.index_select(0, rows)


class GreedyDecoder:
    """Translates batches of token ids with one model."""

    def __init__(self, model: BergamotForConditionalGeneration, shortlist: Shortlist) -> None:
        self._encoder, self._decoder, self._shortlist = FastEncoder(model), FastDecoder(model), shortlist
        self._embedding, self._output_bias = model.target_embedding, model.output_bias
        self._end, self._padding = model.config.eos_token_id, model.config.pad_token_id
        self._start = model.config.decoder_start_token_id
        self._unknown = model.config.unk_token_id
        self._never = max(NEVER, torch.finfo(model.dtype).min)

    @torch.inference_mode()
    def __call__(self, sources: Sequence[Sequence[int]]) -> list[list[int]]:
        """The target ids, without `</s>`, of each source, which ends in `</s>`."""
        rows = self._read(sources)
        output = self._output(sources)
        limits = [int(LENGTH_FACTOR * len(source)) for source in sources]
        weight = self._embedding.tokens.weight
        positions = self._embedding.positions(max(limits), weight)

        targets: list[list[int]] = [[] for _ in sources]
        present, going = list(range(len(sources))), set(range(len(sources)))
        last = torch.full((len(sources),), self._start, device=weight.device)
        for position in positions:
            embedded = torch.add(position, F.embedding(last, weight), alpha=self._embedding.scale)
            last = output.best(self._decoder(embedded, rows))
            for source, token in zip(present, last.tolist(), strict=True):
                if token == self._end or len(targets[source]) == limits[source]:
                    going.discard(source)
                elif source in going:
                    targets[source].append(token)
            if not going:
                break
            if len(going) <= WORTHWHILE * len(present):
                kept = torch.tensor([i for i, source in enumerate(present) if source in going], device=weight.device)
                present = [source for source in present if source in going]
                rows.keep(kept)
                output.keep(kept)
                last = last[kept]
        return targets

    def _read(self, sources: Sequence[Sequence[int]]) -> Rows:
        """Encode the sources: the decoder's state before the first target token."""
        tensors = [torch.tensor(source) for source in sources]
        input_ids = pad_sequence(tensors, batch_first=True, padding_value=self._padding).to(self._output_bias.device)
        mask = None
        if len({len(source) for source in sources}) > 1:
            padding = (input_ids == self._padding)[:, None, None, :]
            mask = torch.zeros_like(padding, dtype=self._output_bias.dtype).masked_fill_(padding, self._never)
        return self._decoder.start(self._encoder(input_ids, mask), mask)

    def _output(self, sources: Sequence[Sequence[int]]) -> Output:
        """The output layer for the tokens that some source allows."""
        allowed = self._shortlist.allowed(sources)
        allowed[:, self._unknown] = False
        union = np.flatnonzero(allowed.any(axis=0))
        tokens, forbidden = (torch.from_numpy(x).to(self._output_bias.device) for x in (union, ~allowed[:, union]))
        bias = self._output_bias[tokens].expand(forbidden.shape).masked_fill(forbidden, self._never)
        return Output(tokens, self._embedding.tokens.weight[tokens].t(), bias)
