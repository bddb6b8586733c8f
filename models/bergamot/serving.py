"""The student's network as it runs when serving: the equations of `modeling`, in fewer and larger operations.

A decoder step handles a few rows with some 2 million weights. Its time goes into reading them, and into calling operations
at all. So projections that read the same input are one matrix here, every source's keys and values for all layers are one
product, and on x86 processors weights are kept in half precision, which halves what is read; sums stay in float32.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from models.bergamot.modeling import BergamotForConditionalGeneration, DecoderLayer, EncoderLayer, FeedForward, Sublayer

Map = Callable[[Tensor], Tensor]
"""(rows, inputs) to (rows, outputs)."""


def linear(weight: Tensor, bias: Tensor, *, relu: bool = False) -> Map:
    """A linear map by the fastest kernel at hand, with a ReLU after it if so asked."""
    weight, bias = weight.detach(), bias.detach()
    x86 = weight.device.type == "cpu" and "fbgemm" in torch.backends.quantized.supported_engines
    if x86 and weight.dtype == torch.float32:
        kernels = torch.ops.quantized
        packed = kernels.linear_prepack_fp16(weight, bias)
        kernel = kernels.linear_relu_dynamic_fp16.default if relu else kernels.linear_dynamic_fp16.default
        return lambda x: kernel(x, packed)
    return (lambda x: F.linear(x, weight, bias).relu_()) if relu else (lambda x: F.linear(x, weight, bias))


def side_by_side(*maps: nn.Linear) -> Map:
    """Several linear maps of the same input as one."""
    biases: list[Tensor] = [m.weight.new_zeros(m.out_features) if m.bias is None else m.bias for m in maps]
    return linear(torch.cat([m.weight.detach() for m in maps]), torch.cat(biases))


def normalization(sublayer: Sublayer) -> Callable[[Tensor, Tensor], Tensor]:
    """The residual and layer normalisation that follow a sublayer."""
    norm = sublayer.norm
    shape, weight, bias, eps = list(norm.normalized_shape), norm.weight.detach(), norm.bias.detach(), norm.eps
    return lambda x, change: torch.layer_norm(x + change, shape, weight, bias, eps)


def feed_forward(module: FeedForward) -> Map:
    """Both maps and the ReLU."""
    up = linear(module.up.weight, module.up.bias, relu=True)
    down = linear(module.down.weight, module.down.bias)
    return lambda x: down(up(x))


class FastEncoder:
    """Encodes a batch of sources."""

    def __init__(self, model: BergamotForConditionalGeneration) -> None:
        self._embedding = model.encoder.embedding
        self._layers = [_EncoderLayer(layer, model.config.attention_heads) for layer in model.encoder.layers]

    def __call__(self, input_ids: Tensor, mask: Tensor | None) -> Tensor:
        """Hidden states (batch, length, dim); `mask` (batch, 1, 1, length) is added to attention scores."""
        x: Tensor = self._embedding(input_ids)
        shape = x.shape
        x = x.flatten(0, 1)
        for layer in self._layers:
            x = layer(x, shape[0], mask)
        return x.view(shape)


class _EncoderLayer:
    def __init__(self, layer: EncoderLayer, heads: int) -> None:
        self._heads = heads
        self._project = side_by_side(layer.attention.query, layer.attention.key_value)
        self._output = side_by_side(layer.attention.output)
        self._after_attention = normalization(layer.after_attention)
        self._feed_forward = feed_forward(layer.feed_forward)
        self._after_feed_forward = normalization(layer.after_feed_forward)

    def __call__(self, x: Tensor, batch: int, mask: Tensor | None) -> Tensor:
        split = self._project(x).view(batch, -1, 3, self._heads, x.shape[1] // self._heads)
        query, key, value = split.permute(2, 0, 3, 1, 4).unbind(0)
        heads = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        x = self._after_attention(x, self._output(heads.transpose(1, 2).reshape(x.shape)))
        return self._after_feed_forward(x, self._feed_forward(x))


@dataclass(slots=True)
class Rows:
    """The decoder's state for the rows it works on.

    For each layer a cell (rows, dim), and keys and values (rows, heads, source length, dim / heads). The mask, if any,
    (rows, 1, 1, source length), is added to attention scores.
    """

    cells: list[Tensor]
    memories: list[tuple[Tensor, Tensor]]
    mask: Tensor | None

    def keep(self, rows: Tensor) -> None:
        """Go on with these rows alone."""
        self.cells = [cell.index_select(0, rows) for cell in self.cells]
        self.memories = [(keys.index_select(0, rows), values.index_select(0, rows)) for keys, values in self.memories]
        self.mask = None if self.mask is None else self.mask.index_select(0, rows)


class FastDecoder:
    """Decodes one position of all rows at a time."""

    def __init__(self, model: BergamotForConditionalGeneration) -> None:
        self._heads = model.config.attention_heads
        self._layers = [_DecoderLayer(layer, self._heads) for layer in model.decoder.layers]
        self._memorize = side_by_side(*(layer.attention.key_value for layer in model.decoder.layers))

    def start(self, encoded: Tensor, mask: Tensor | None) -> Rows:
        """The state before the first target token, for sources (batch, length, dim)."""
        batch, length, dim = encoded.shape
        memory = self._memorize(encoded.flatten(0, 1)).view(batch, length, len(self._layers), 2, self._heads, -1)
        memories = [(keys, values) for keys, values in memory.permute(2, 3, 0, 4, 1, 5).contiguous()]
        return Rows([encoded.new_zeros(batch, dim) for _ in self._layers], memories, mask)

    def __call__(self, x: Tensor, rows: Rows) -> Tensor:
        """Read an embedded token for each row, (rows, dim), on from `rows`, which move; hidden states of the same shape."""
        for layer, cell, (keys, values) in zip(self._layers, rows.cells, rows.memories, strict=True):
            x = layer(x, cell, keys, values, rows.mask)
        return x


class _DecoderLayer:
    def __init__(self, layer: DecoderLayer, heads: int) -> None:
        self._heads = heads
        self._gate_and_candidate = side_by_side(layer.recurrence.forget, layer.recurrence.candidate)
        self._after_recurrence = normalization(layer.after_recurrence)
        self._query, self._output = side_by_side(layer.attention.query), side_by_side(layer.attention.output)
        self._after_attention = normalization(layer.after_attention)
        self._feed_forward = feed_forward(layer.feed_forward)
        self._after_feed_forward = normalization(layer.after_feed_forward)

    def __call__(self, x: Tensor, cell: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
        gate, candidate = self._gate_and_candidate(x).chunk(2, dim=1)
        torch.lerp(candidate, cell, gate.sigmoid(), out=cell)
        x = self._after_recurrence(x, cell.relu())
        query = self._query(x).view(len(x), self._heads, 1, -1)
        heads = F.scaled_dot_product_attention(query, keys, values, attn_mask=mask)
        x = self._after_attention(x, self._output(heads.view(x.shape)))
        return self._after_feed_forward(x, self._feed_forward(x))
