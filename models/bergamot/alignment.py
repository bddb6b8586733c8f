"""Which source words a translation's words come from.

The students' last decoder layer was trained with guided alignment: its first attention head looks at the source token that
is being translated.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from models.bergamot.modeling import BergamotForConditionalGeneration, visible

GUIDED_HEAD = 0


@torch.inference_mode()
def align(
    model: BergamotForConditionalGeneration, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]
) -> list[list[int]]:
    """For each token of each target, the position of its token in the source. All sequences end in `</s>`."""
    source_ids = _padded(sources, model, model.config.pad_token_id)
    target_ids = _padded(targets, model, model.config.decoder_start_token_id)
    padding = source_ids == model.config.pad_token_id
    mask = visible(~padding)
    state = model.decoder.start(model.encoder(source_ids, ~padding).last_hidden_state)
    x = model.target_embedding(model.prepare_decoder_input_ids_from_labels(target_ids))
    layers = list(zip(model.decoder.layers, state.cells, state.memories, strict=True))
    for layer, cell, memory in layers[:-1]:
        x, _ = layer(x, cell, memory, mask)
    layer, cell, (keys, _) = layers[-1]
    query = layer.attention.split(layer.attention.query(layer.after_recurrence(x, layer.recurrence(x, cell)[0])))
    scores: Tensor = query[:, GUIDED_HEAD] @ keys[:, GUIDED_HEAD].transpose(1, 2)
    best = scores.masked_fill(padding[:, None], -math.inf).argmax(dim=-1).tolist()
    return [row[: len(target)] for row, target in zip(best, targets, strict=True)]


def _padded(sequences: Sequence[Sequence[int]], model: BergamotForConditionalGeneration, padding: int) -> Tensor:
    tensors = [torch.tensor(sequence) for sequence in sequences]
    return pad_sequence(tensors, batch_first=True, padding_value=padding).to(model.device)
