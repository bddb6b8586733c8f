"""BERT without padding: the tokens of all rows go through the linear layers as one long row.

Chat messages differ much in length, and a padded batch spends most of its time on padding. Only attention needs to know
where a row ends; everything else treats tokens one by one. Query, key and value are one matrix, and on a CPU the linear
layers can run in 8 bits. The states are those of transformers' `BertModel`, whose weights this takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from transformers import BertModel
from transformers.models.bert.modeling_bert import BertLayer

SHORT = 128  # tokens
Wrap = Callable[[nn.Linear], nn.Module]


@dataclass(frozen=True, slots=True)
class Layout:
    """How packed tokens stand in a padded batch.

    `places` are the indices of the tokens in (rows x longest); `sources`, of that size, tell which token stands where, any
    one where none does; `hidden` is what attention adds to its scores, (rows, 1, 1, longest), -inf to hide a key. All three
    are None where no row is padded.
    """

    rows: int
    longest: int
    places: Tensor | None = None
    sources: Tensor | None = None
    hidden: Tensor | None = None

    @classmethod
    def of(cls, mask: Tensor, dtype: torch.dtype) -> Layout:
        """The layout of a (rows, longest) mask, which is true for tokens."""
        rows, longest = mask.shape
        if mask.all():
            return cls(rows, longest)
        flat = mask.flatten()
        sources = (flat.cumsum(0) - 1).clamp_min_(0)
        hidden = torch.zeros(rows, 1, 1, longest, device=mask.device, dtype=dtype)
        return cls(rows, longest, flat.nonzero().squeeze(1), sources, hidden.masked_fill_(~mask[:, None, None], -torch.inf))


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

    def forward(self, x: Tensor, layout: Layout) -> Tensor:
        """The states after this layer."""
        heads = self.project(x)
        if layout.sources is not None:
            heads = heads.index_select(0, layout.sources)
        # (3, rows, heads, longest, width of one)
        parts = heads.view(layout.rows, layout.longest, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        found = attend(parts, layout.hidden).transpose(1, 2).reshape(layout.rows * layout.longest, -1)
        x = self.after_attention(x + self.attended(found if layout.places is None else found.index_select(0, layout.places)))
        out: Tensor = self.after_feed_forward(x + self.down(self.activation(self.up(x))))
        return out


def attend(parts: Tensor, hidden: Tensor | None) -> Tensor:
    """Scaled dot-product attention: queries, keys, values (3, rows, heads, length, width) to (rows, heads, length, width).

    `hidden` (rows, 1, 1, length) is added to the scores. On a CPU torch's own kernel cuts the keys into blocks, which on
    short rows costs more than it gains.
    """
    _, rows, heads, length, width = parts.shape
    if parts.device.type != "cpu" or length > SHORT:
        query, key, value = parts
        return F.scaled_dot_product_attention(query, key, value, attn_mask=hidden)
    query, key, value = parts.reshape(3, rows * heads, length, width)
    added = parts.new_zeros(1) if hidden is None else hidden.expand(rows, heads, 1, length).reshape(-1, 1, length)
    scores = torch.baddbmm(added, query, key.transpose(1, 2), beta=float(hidden is not None), alpha=width**-0.5)
    return torch.bmm(scores.softmax(-1), value).view(rows, heads, length, width)


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
        x = self._embed(ids, types).flatten(0, 1)
        layout = Layout.of(mask, x.dtype)
        x = x if layout.places is None else x[layout.places]
        for layer in self.layers:
            x = layer(x, layout)
        if layout.places is not None:
            x = x.new_zeros(mask.numel(), x.shape[1]).index_copy_(0, layout.places, x)
        return x.view(*ids.shape, -1)

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
