"""The Bergamot student: a deep Transformer encoder and a shallow recurrent decoder.

Described by Kim et al., "From Research to Production and Back: Ludicrously Fast Neural Machine Translation" (2019):
residual and layer normalisation after each sublayer, sinusoidal positions, one embedding matrix for source, target and
output (where they have two vocabularies, one for the source and one for the rest), and in the decoder a simpler simple
recurrent unit (SSRU) in the place of self-attention. What the decoder remembers of the words written so far is thus one
vector for each layer, whatever their number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from transformers import GenerationMixin, PreTrainedModel
from transformers import initialization as init
from transformers.modeling_outputs import BaseModelOutput, Seq2SeqLMOutput

from models.bergamot.configuration import BergamotConfig

NEVER = -1e9
"""The bias of a token that must not be written; finite, so that a softmax over it has a gradient."""

IGNORED = -100
"""The label of a position that does not count in the loss, as everywhere in transformers."""


def sinusoids(length: int, dim: int) -> Tensor:
    """Positions 0..length-1 as (length, dim): sines, then cosines, of wavelengths from 2 pi to 20,000 pi.

    Both ends of that range are included, hence the `- 1`: most other tables stop one step short of the last.
    """
    half = dim // 2
    rates = torch.exp(torch.arange(half) * (-math.log(10000.0) / (half - 1)))
    angles = torch.arange(length)[:, None] * rates
    return torch.cat((angles.sin(), angles.cos()), dim=1)


class Positions(nn.Module):
    """The table of positions. It holds no weights, and grows as texts need it."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim
        self._table: Tensor | None = None

    def forward(self, length: int, like: Tensor) -> Tensor:
        """Positions 0..length-1 as (length, dim), in the device and type of `like`."""
        table = self._table
        if table is None or len(table) < length or (table.device, table.dtype) != (like.device, like.dtype):
            table = self._table = sinusoids(max(256, 2 * length), self.dim).to(like)
        return table[:length]


class TokenEmbedding(nn.Module):
    """What a token means and where it stands: its scaled embedding and its position, added."""

    def __init__(self, config: BergamotConfig, rows: int) -> None:
        super().__init__()
        self.scale = math.sqrt(config.d_model)
        self.tokens = nn.Embedding(rows, config.d_model, padding_idx=rows - 1)
        self.positions = Positions(config.d_model)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, ids: Tensor, start: int = 0) -> Tensor:
        """(batch, length) ids, the first of them at position `start`, to (batch, length, dim)."""
        embedded = self.tokens(ids) * self.scale
        positioned: Tensor = self.dropout(embedded + self.positions(start + ids.shape[1], embedded)[start:])
        return positioned


class Attention(nn.Module):
    """Multi-head attention. Keys and values are computed apart, so that a decoder computes them once for a source."""

    def __init__(self, config: BergamotConfig) -> None:
        super().__init__()
        self.heads = config.attention_heads
        self.query = nn.Linear(config.d_model, config.d_model)
        self.key_value = nn.Linear(config.d_model, 2 * config.d_model)
        self.output = nn.Linear(config.d_model, config.d_model)

    def memory(self, source: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values, each (batch, heads, length, dim / heads), of `source` (batch, length, dim)."""
        keys, values = self.key_value(source).chunk(2, dim=-1)
        return self.split(keys), self.split(values)

    def forward(self, x: Tensor, memory: tuple[Tensor, Tensor], mask: Tensor | None) -> Tensor:
        """Let `x` (batch, length, dim) look at `memory`; where `mask` (batch, 1, 1, memory length) is False, it cannot."""
        heads = F.scaled_dot_product_attention(self.split(self.query(x)), *memory, attn_mask=mask)
        attended: Tensor = self.output(heads.transpose(1, 2).flatten(2))
        return attended

    def split(self, x: Tensor) -> Tensor:
        """(batch, length, dim) to (batch, heads, length, dim / heads)."""
        return x.view(*x.shape[:2], self.heads, -1).transpose(1, 2)


class FeedForward(nn.Module):
    """Two linear maps with a ReLU between them, applied to each position alone."""

    def __init__(self, config: BergamotConfig) -> None:
        super().__init__()
        self.up = nn.Linear(config.d_model, config.ffn_dim)
        self.down = nn.Linear(config.ffn_dim, config.d_model)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length, dim) to the same shape."""
        y: Tensor = self.down(self.up(x).relu())
        return y


class SSRU(nn.Module):
    """A simpler simple recurrent unit: a cell that forgets by a gate; no state enters a matrix product."""

    def __init__(self, config: BergamotConfig) -> None:
        super().__init__()
        self.candidate = nn.Linear(config.d_model, config.d_model, bias=False)
        self.forget = nn.Linear(config.d_model, config.d_model)

    def forward(self, x: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
        """Read `x` (batch, length, dim) on from `cell` (batch, dim); the outputs, shaped as `x`, and the last cell."""
        candidates, gates = self.candidate(x), self.forget(x).sigmoid()
        cells = []
        for candidate, gate in zip(candidates.unbind(1), gates.unbind(1), strict=True):
            cell = torch.lerp(candidate, cell, gate)  # gate * cell + (1 - gate) * candidate
            cells.append(cell)
        return torch.stack(cells, dim=1).relu(), cell


class Sublayer(nn.Module):
    """What follows every sublayer: dropout, the residual, and layer normalisation."""

    def __init__(self, config: BergamotConfig) -> None:
        super().__init__()
        self.dropout = nn.Dropout(config.dropout)
        self.norm = nn.LayerNorm(config.d_model, eps=config.layer_norm_eps)

    def forward(self, x: Tensor, change: Tensor) -> Tensor:
        """Add a sublayer's output to its input, both (batch, length, dim)."""
        y: Tensor = self.norm(x + self.dropout(change))
        return y


class EncoderLayer(nn.Module):
    """Self-attention, then feed-forward."""

    def __init__(self, config: BergamotConfig) -> None:
        super().__init__()
        self.attention, self.after_attention = Attention(config), Sublayer(config)
        self.feed_forward, self.after_feed_forward = FeedForward(config), Sublayer(config)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """(batch, length, dim) to the same shape; `mask` as in `Attention`."""
        x = self.after_attention(x, self.attention(x, self.attention.memory(x), mask))
        x = self.after_feed_forward(x, self.feed_forward(x))
        return x


class DecoderLayer(nn.Module):
    """Recurrence over the target, attention to the source, then feed-forward."""

    def __init__(self, config: BergamotConfig) -> None:
        super().__init__()
        self.recurrence, self.after_recurrence = SSRU(config), Sublayer(config)
        self.attention, self.after_attention = Attention(config), Sublayer(config)
        self.feed_forward, self.after_feed_forward = FeedForward(config), Sublayer(config)

    def forward(self, x: Tensor, cell: Tensor, memory: tuple[Tensor, Tensor], mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """Outputs shaped as `x` (batch, length, dim), and the cell after its last position."""
        read, cell = self.recurrence(x, cell)
        x = self.after_recurrence(x, read)
        x = self.after_attention(x, self.attention(x, memory, mask))
        x = self.after_feed_forward(x, self.feed_forward(x))
        return x, cell


@dataclass
class DecoderState:
    """Where a decoder stands: a cell (batch, dim) and the source's keys and values for each layer, and the position.

    Its size does not grow with the target. It takes the place of a key-value cache in `generate`.
    """

    cells: list[Tensor]
    memories: list[tuple[Tensor, Tensor]]
    position: int = 0
    is_compileable = False

    def get_seq_length(self) -> int:
        """How many target positions were read."""
        return self.position

    def reorder_cache(self, beam_idx: Tensor) -> None:
        """Follow the surviving beams. Beams of one source share its keys and values, which thus stay in place."""
        self.cells = [cell.index_select(0, beam_idx) for cell in self.cells]


class BergamotEncoder(nn.Module):
    """Reads the source."""

    main_input_name = "input_ids"

    def __init__(self, config: BergamotConfig) -> None:
        super().__init__()
        self.embedding = TokenEmbedding(config, config.vocab_size)
        layers = nn.ModuleList(EncoderLayer(config) for _ in range(config.encoder_layers))
        self.layers = cast("Sequence[EncoderLayer]", layers)

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, **_: object) -> BaseModelOutput:
        """Hidden states (batch, length, dim) of `input_ids` (batch, length); `attention_mask` is 0 on padding."""
        mask = visible(attention_mask)
        x = self.embedding(input_ids)
        for layer in self.layers:
            x = layer(x, mask)
        return BaseModelOutput(last_hidden_state=x)


class BergamotDecoder(nn.Module):
    """Writes the target. Its `embedding` is None where that is the source's too."""

    def __init__(self, config: BergamotConfig) -> None:
        super().__init__()
        own = config.target_vocab_size
        self.embedding = None if own is None else TokenEmbedding(config, own)
        layers = nn.ModuleList(DecoderLayer(config) for _ in range(config.decoder_layers))
        self.layers = cast("Sequence[DecoderLayer]", layers)

    def start(self, source: Tensor) -> DecoderState:
        """The state before the first target token, for encoded sources (batch, length, dim)."""
        empty = source.new_zeros(source.shape[0], source.shape[2])
        memories = [layer.attention.memory(source) for layer in self.layers]
        return DecoderState(cells=[empty] * len(self.layers), memories=memories)

    def forward(self, x: Tensor, state: DecoderState, mask: Tensor | None) -> Tensor:
        """Read embedded target tokens (batch, length, dim) on from `state`, which moves; their hidden states."""
        for i, layer in enumerate(self.layers):
            x, state.cells[i] = layer(x, state.cells[i], state.memories[i], mask)
        state.position += x.shape[1]
        return x


def visible(attention_mask: Tensor | None) -> Tensor | None:
    """A tokenizer's mask (batch, length), 0 on padding, in the shape and type attention takes."""
    return None if attention_mask is None else attention_mask[:, None, None, :].bool()


class BergamotForConditionalGeneration(PreTrainedModel, GenerationMixin):
    """A Bergamot student that translates: `generate` writes, `forward` scores and trains."""

    config_class = BergamotConfig
    base_model_prefix = ""
    main_input_name = "input_ids"
    _supports_sdpa = True
    _is_stateful = True  # the recurrence cannot be wound back, as assisted decoding would have to

    def __init__(self, config: BergamotConfig) -> None:
        super().__init__(config)
        self.encoder = BergamotEncoder(config)
        self.decoder = BergamotDecoder(config)
        self.output_bias = nn.Parameter(torch.empty(config.target_vocab_size or config.vocab_size))
        self.post_init()  # type: ignore[no-untyped-call]

    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)  # type: ignore[no-untyped-call]
        if module is self:
            init.zeros_(self.output_bias)
            init.constant_(self.output_bias[-1], NEVER)

    @classmethod
    def _supports_default_dynamic_cache(cls) -> bool:
        return False

    @property
    def target_embedding(self) -> TokenEmbedding:
        """The embeddings that the target is read with, whose matrix is the output's too."""
        return self.decoder.embedding or self.encoder.embedding

    def get_input_embeddings(self) -> nn.Embedding:
        """The matrix of the source's embeddings, which mostly are the target's and the output's too."""
        return self.encoder.embedding.tokens

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Replace that matrix by another `nn.Embedding`."""
        if not isinstance(value, nn.Embedding):
            raise TypeError("the students' embeddings are one nn.Embedding")
        self.encoder.embedding.tokens = value

    def get_encoder(self, modality: str | None = None) -> BergamotEncoder:
        """The part that `generate` runs once for a source."""
        return self.encoder

    def prepare_decoder_input_ids_from_labels(self, labels: Tensor) -> Tensor:
        """The decoder's inputs that go with `labels` (batch, length): the start, then all labels but the last."""
        start = labels.new_full((labels.shape[0], 1), self.config.decoder_start_token_id)
        shifted = torch.cat((start, labels[:, :-1]), dim=1)
        return shifted.masked_fill(shifted == IGNORED, self.config.decoder_start_token_id)

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        decoder_input_ids: Tensor | None = None,
        encoder_outputs: BaseModelOutput | None = None,
        past_key_values: DecoderState | None = None,
        labels: Tensor | None = None,
        use_cache: bool | None = None,
        return_dict: bool | None = None,
    ) -> Seq2SeqLMOutput:
        """Score the tokens that can follow `decoder_input_ids` (batch, length): logits (batch, length, vocabulary).

        The source comes as `input_ids` or as `encoder_outputs`. With `labels` (batch, length; -100 is ignored) there is a
        loss, and they give the decoder's inputs. `past_key_values` is the state after the tokens read before.
        """
        if encoder_outputs is None:
            encoder_outputs = self.encoder(input_ids, attention_mask)
        source = encoder_outputs[0]
        if decoder_input_ids is None and labels is not None:
            decoder_input_ids = self.prepare_decoder_input_ids_from_labels(labels)
        state = self.decoder.start(source) if past_key_values is None else past_key_values
        target = self.target_embedding(decoder_input_ids, start=state.position)
        hidden = self.decoder(target, state, visible(attention_mask))
        logits = F.linear(hidden, self.target_embedding.tokens.weight, self.output_bias)
        return Seq2SeqLMOutput(
            loss=None if labels is None else F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORED),
            logits=logits,
            past_key_values=state if use_cache else None,  # type: ignore[arg-type]
            encoder_last_hidden_state=source,
        )
