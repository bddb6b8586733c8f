"""The encoders that people fine-tune for labels and for spans, each as small as it can be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from transformers import (
    BertConfig,
    BertTokenizer,
    DebertaV2Config,
    DebertaV2Tokenizer,
    DistilBertConfig,
    ElectraConfig,
    GPT2Config,
    GPT2Tokenizer,
    ModernBertConfig,
    MPNetConfig,
    MPNetTokenizer,
    PretrainedConfig,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaTokenizer,
    XLMRobertaConfig,
    XLMRobertaTokenizer,
)

from .families import WIDTH, bpe, unigram, wordpiece

WINDOW = 32
"""Tokens that each of them reads at once."""

SIZES = {
    "hidden_size": WIDTH,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "initializer_range": 0.5,  # far from zero, so that what is read makes a difference
}
BEHIND_PADDING = {**SIZES, "max_position_embeddings": WINDOW + 2, "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
BRACKETS = ("[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]")


class Encoder(NamedTuple):
    """A configuration, given its further fields, and the tokenizer that goes with it."""

    config: PretrainedConfig
    tokenizer: PreTrainedTokenizerBase


def bert(**fields: Any) -> Encoder:
    vocabulary = wordpiece()
    config = BertConfig(vocab_size=len(vocabulary), max_position_embeddings=WINDOW, **SIZES, **fields)
    return Encoder(config, BertTokenizer(vocab=vocabulary))


def distilbert(**fields: Any) -> Encoder:
    vocabulary = wordpiece()
    sizes = {"dim": WIDTH, "n_layers": 2, "n_heads": 2, "hidden_dim": 32, "initializer_range": 0.5}
    config = DistilBertConfig(vocab_size=len(vocabulary), max_position_embeddings=WINDOW, **sizes, **fields)
    return Encoder(config, BertTokenizer(vocab=vocabulary))


def electra(**fields: Any) -> Encoder:
    vocabulary = wordpiece()
    config = ElectraConfig(
        vocab_size=len(vocabulary), embedding_size=WIDTH, max_position_embeddings=WINDOW, **SIZES, **fields
    )
    return Encoder(config, BertTokenizer(vocab=vocabulary))


def roberta(**fields: Any) -> Encoder:
    learned = bpe()
    config = RobertaConfig(vocab_size=len(learned.vocab), type_vocab_size=1, **BEHIND_PADDING, **fields)
    return Encoder(config, RobertaTokenizer(vocab=learned.vocab, merges=learned.merges))


def xlm_roberta(**fields: Any) -> Encoder:
    pieces = unigram()
    config = XLMRobertaConfig(vocab_size=len(pieces), type_vocab_size=1, **BEHIND_PADDING, **fields)
    return Encoder(config, XLMRobertaTokenizer(vocab=pieces))


def deberta_v3(**fields: Any) -> Encoder:
    pieces = unigram(specials=BRACKETS)
    attention = {"relative_attention": True, "pos_att_type": ["p2c", "c2p"], "position_biased_input": False}
    # As in the published checkpoints: distances in buckets, keys shared with the content, normalised positions.
    attention |= {"position_buckets": 8, "share_att_key": True, "norm_rel_ebd": "layer_norm", "type_vocab_size": 0}
    config = DebertaV2Config(
        vocab_size=len(pieces), max_position_embeddings=WINDOW, pad_token_id=0, **SIZES, **attention, **fields
    )
    return Encoder(config, DebertaV2Tokenizer(vocab=pieces, unk_id=3))


def modernbert(**fields: Any) -> Encoder:
    learned = bpe(specials=BRACKETS)
    ids = {"pad_token_id": 0, "cls_token_id": 1, "bos_token_id": 1, "sep_token_id": 2, "eos_token_id": 2}
    config = ModernBertConfig(
        vocab_size=len(learned.vocab), max_position_embeddings=WINDOW, local_attention=8, **SIZES, **ids, **fields
    )
    # It comes as a bare tokenizer.json with BERT's special tokens around byte-level pieces.
    backend = RobertaTokenizer(
        vocab=learned.vocab, merges=learned.merges, cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]"
    ).backend_tokenizer
    framing = BertTokenizer(vocab={token: i for i, token in enumerate(BRACKETS)}).backend_tokenizer
    backend.post_processor = framing.post_processor
    names = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]", "mask_token": "[MASK]"}
    return Encoder(
        config,
        PreTrainedTokenizerFast(tokenizer_object=backend, model_input_names=["input_ids", "attention_mask"], **names),
    )


def mpnet(**fields: Any) -> Encoder:
    vocabulary = wordpiece(specials=["<s>", "<pad>", "</s>", "[UNK]", "<mask>"])
    config = MPNetConfig(vocab_size=len(vocabulary), **BEHIND_PADDING, **fields)
    names = {"bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "pad_token": "<pad>"}
    return Encoder(config, MPNetTokenizer(vocab=vocabulary, **names))


def gpt2(**fields: Any) -> Encoder:
    """Not an encoder, but people classify with such models too; it has no padding token."""
    learned = bpe(specials=["<|endoftext|>"])
    end = {"bos_token_id": 0, "eos_token_id": 0}
    sizes = {"n_embd": WIDTH, "n_layer": 2, "n_head": 2, "n_positions": WINDOW, "initializer_range": 0.5}
    config = GPT2Config(vocab_size=len(learned.vocab), **sizes, **end, **fields)
    return Encoder(config, GPT2Tokenizer(vocab=learned.vocab, merges=learned.merges))


ENCODERS: Mapping[str, Callable[..., Encoder]] = {
    "bert": bert,
    "distilbert": distilbert,
    "electra": electra,
    "roberta": roberta,
    "xlm-roberta": xlm_roberta,
    "deberta-v3": deberta_v3,
    "modernbert": modernbert,
}
"""Those that every task of an encoder is tested with."""


def labelled(names: Mapping[int, str]) -> dict[str, Any]:
    """What a configuration says of its labels."""
    return {"id2label": names, "label2id": {name: i for i, name in names.items()}}
