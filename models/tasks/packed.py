"""BERT without padding: the tokens of all rows go through the linear layers as one long row.

Chat messages differ much in length, and a padded batch spends most of its time on padding. Only attention needs to know
where a row ends; everything else treats tokens one by one. Query, key and value are one matrix, and on a CPU the linear
layers can run in 8 bits. The states are those of transformers' `BertModel`, whose weights this takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from transformers import BertModel
from transformers.models.bert.modeling_bert import BertLayer

SHORT = 32  # tokens
Wrap = Callable[[nn.Linear], nn.Module]


class PackedLayer(nn.Module):
    """Self-attention and feed-forward over packed tokens: (tokens, width) -> (tokens, width)."""

    def __init__(self, layer: BertLayer, heads: int, wrap: Wrap) -> None:
        super().__init__()
        attention = layer.attention
        self.heads = heads
        self.project = wrap(_joined(attention.self.query, attention.self.key, attention.self.value))
        self.attended, self.after_attention = wrap(attention.output.dense), attention.output.LayerNorm
        self.up, self.down = wrap(layer.intermediate.dense), wrap(layer.output.dense)
        self.activation, self.after_feed_forward = layer.intermediate.intermediate_act_fn, layer.output.LayerNorm

    def forward(self, x: Tensor, shape: torch.Size, places: Tensor | None, hidden: Tensor | None) -> Tensor:
        """`shape` is (rows, longest), `places` are the tokens' indices in it, `hidden` what attention adds to its scores.

        The latter two are None where no row is padded.
        """
        rows, longest = shape
        heads = self.project(x)
        if places is not None:
            heads = heads.new_zeros(rows * longest, heads.shape[1]).index_copy_(0, places, heads)
        # (3, rows, heads, longest, width of one)
        parts = heads.view(rows, longest, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        found = attend(parts[0], parts[1], parts[2], hidden).transpose(1, 2).reshape(rows * longest, -1)
        x = self.after_attention(x + self.attended(found if places is None else found[places]))
        out: Tensor = self.after_feed_forward(x + self.down(self.activation(self.up(x))))
        return out


def attend(query: Tensor, key: Tensor, value: Tensor, hidden: Tensor | None) -> Tensor:
    """Scaled dot-product attention over (rows, heads, length, width); `hidden` is added to the scores: -inf hides a key.

    On a CPU torch's own kernel cuts the keys into blocks, which on rows of a few words costs more than it gains.
    """
    if query.device.type != "cpu" or query.shape[2] > SHORT:
        return F.scaled_dot_product_attention(query, key, value, attn_mask=hidden)
    scores = (query * query.shape[-1] ** -0.5) @ key.transpose(-1, -2)
    found: Tensor = (scores if hidden is None else scores.add_(hidden)).softmax(-1) @ value
    return found


class PackedBert(nn.Module):
    """The whole encoder, for inference. `wrap` may replace each linear layer, for example by one in 8 bits.

    Embeddings and layer norms are shared with `model`; linear layers are too, unless `wrap` makes others of them.
    """

    def __init__(self, model: BertModel, wrap: Wrap = lambda linear: linear) -> None:
        super().__init__()
        self.embeddings = model.embeddings
        heads = model.config.num_attention_heads
        layers = cast(Iterable[BertLayer], model.encoder.layer)
        self.layers = nn.ModuleList(PackedLayer(layer, heads, wrap) for layer in layers)

    def forward(self, ids: Tensor, mask: Tensor, types: Tensor | None = None) -> Tensor:
        """(rows, longest) ids, mask (true for tokens) and segment ids to states (rows, longest, width), zero on padding."""
        rows, longest = ids.shape
        places = None if mask.all() else mask.flatten().nonzero().squeeze(1)
        x = self._embed(ids, types).flatten(0, 1)
        x = x if places is None else x[places]
        hidden = None if places is None else x.new_zeros(rows, 1, 1, longest).masked_fill_(~mask[:, None, None], -torch.inf)
        for layer in self.layers:
            x = layer(x, ids.shape, places, hidden)
        if places is not None:
            x = x.new_zeros(rows * longest, x.shape[1]).index_copy_(0, places, x)
        return x.view(rows, longest, -1)

    def _embed(self, ids: Tensor, types: Tensor | None) -> Tensor:
        table = self.embeddings
        positions = torch.arange(ids.shape[1], device=ids.device)
        kind = table.token_type_embeddings(types) if types is not None else table.token_type_embeddings.weight[0]
        embedded: Tensor = table.LayerNorm(table.word_embeddings(ids) + table.position_embeddings(positions) + kind)
        return embedded


def _joined(*linears: nn.Linear) -> nn.Linear:
    """One linear layer that gives the outputs of several side by side."""
    first = linears[0]
    joined = nn.Linear(first.in_features, sum(linear.out_features for linear in linears), device="meta")
    joined.weight = nn.Parameter(torch.cat([linear.weight for linear in linears]), requires_grad=False)
    joined.bias = nn.Parameter(torch.cat([linear.bias for linear in linears]), requires_grad=False)
    return joined
