"""The sizes of a Bergamot student."""

from __future__ import annotations

from typing import ClassVar

from huggingface_hub.dataclasses import strict
from transformers import PreTrainedConfig


@strict
class BergamotConfig(PreTrainedConfig):
    """The sizes of one Bergamot student; the defaults are those of the "tiny" family.

    `vocab_size` counts one row more than the SentencePiece vocabulary: the last row, `pad_token_id`, pads a source and
    starts a target. Its embedding is zero, so that a decoder's first input is the bare position, as in training. Where the
    target has embeddings of its own, `target_vocab_size` counts them in the same way, and `decoder_start_token_id` is their
    last row.
    """

    model_type = "bergamot"
    keys_to_ignore_at_inference: ClassVar[list[str]] = ["past_key_values"]
    attribute_map: ClassVar[dict[str, str]] = {
        "hidden_size": "d_model",
        "num_attention_heads": "attention_heads",
        "num_hidden_layers": "encoder_layers",
    }

    vocab_size: int = 32001
    target_vocab_size: int | None = None
    d_model: int = 256
    ffn_dim: int = 1536
    attention_heads: int = 8
    encoder_layers: int = 6
    decoder_layers: int = 2
    dropout: float = 0.1
    layer_norm_eps: float = 1e-6
    init_std: float = 0.02
    use_cache: bool = True
    is_encoder_decoder: bool = True
    tie_word_embeddings: bool = True
    eos_token_id: int | None = 0
    unk_token_id: int | None = 1
    pad_token_id: int | None = 32000
    decoder_start_token_id: int | None = 32000
