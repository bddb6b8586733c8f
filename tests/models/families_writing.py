"""Tiny checkpoints of the families that write: summaries and conversation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    BartConfig,
    Gemma3TextConfig,
    GemmaConfig,
    GemmaTokenizer,
    GPT2Config,
    GPT2Tokenizer,
    LEDConfig,
    LlamaConfig,
    PegasusConfig,
    PegasusTokenizer,
    PretrainedConfig,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2Tokenizer,
    Qwen3Config,
    RobertaTokenizer,
    T5Config,
    T5Tokenizer,
)

from .families import TEXTS, WIDTH, bpe, checkpoint, unigram

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""As Qwen and SmolLM have it."""

TURNS = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if message.role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% if (message.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate') }}{% endif %}"
    "<start_of_turn>{{ 'model' if message.role == 'assistant' else 'user' }}\n{{ message.content | trim }}<end_of_turn>\n"
    "{% endfor %}{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
"""As Gemma has it, which is strict."""

HEADERS = (
    "{{ bos_token }}{% for message in messages %}"
    "<|start_header_id|>{{ message.role }}<|end_header_id|>\n\n{{ message.content }}<|eot_id|>"
    "{% endfor %}{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
"""As Llama has it."""

Made = tuple[PretrainedConfig, PreTrainedTokenizerBase]

SMALL: Mapping[str, Any] = {"hidden_size": WIDTH, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
CAUSAL: Mapping[str, Any] = {**SMALL, "num_key_value_heads": 1, "head_dim": 8}
PAIRED: Mapping[str, Any] = {
    "d_model": WIDTH,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 32,
    "decoder_ffn_dim": 32,
}


def bart() -> Made:
    tokenizer = RobertaTokenizer(*bpe(), model_max_length=96)
    ids = {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 2, "forced_eos_token_id": 2}
    return BartConfig(vocab_size=len(tokenizer), max_position_embeddings=96, **PAIRED, **ids), tokenizer


def led() -> Made:
    tokenizer = RobertaTokenizer(*bpe(), model_max_length=128)
    ids = {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 2}
    positions = {"max_encoder_position_embeddings": 128, "max_decoder_position_embeddings": 96, "attention_window": [8, 8]}
    return LEDConfig(vocab_size=len(tokenizer), **PAIRED, **ids, **positions), tokenizer


def pegasus() -> Made:
    vocab = unigram(specials=["<pad>", "</s>", "<unk>"])
    tokenizer = PegasusTokenizer(vocab, offset=0, mask_token_sent=None, mask_token="<mask>", model_max_length=96)
    ids = {"pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0, "forced_eos_token_id": 1}
    return PegasusConfig(vocab_size=len(tokenizer), max_position_embeddings=96, **PAIRED, **ids), tokenizer


def t5() -> Made:
    tokenizer = T5Tokenizer(unigram(specials=["<pad>", "</s>", "<unk>"]), extra_ids=0, model_max_length=96)
    shape = {"d_model": WIDTH, "d_kv": 8, "d_ff": 32, "num_layers": 2, "num_heads": 2}
    params = {"task_specific_params": {"summarization": {"prefix": "summarize: "}}}
    return T5Config(vocab_size=len(tokenizer), decoder_start_token_id=0, **shape, **params), tokenizer


def gpt2() -> Made:
    tokenizer = GPT2Tokenizer(*bpe(specials=["<|endoftext|>"]), model_max_length=320)
    ids = {"bos_token_id": 0, "eos_token_id": 0}
    return GPT2Config(vocab_size=len(tokenizer), n_positions=320, n_embd=WIDTH, n_layer=2, n_head=2, **ids), tokenizer


def llama() -> Made:
    specials = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
    vocab, merges = bpe(specials=specials)
    backend = Tokenizer(models.BPE(vocab, merges))
    backend.pre_tokenizer, backend.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    backend.add_special_tokens(specials)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        bos_token=specials[0],
        eos_token=specials[4],
        chat_template=HEADERS,
        model_max_length=320,
    )
    ids = {"bos_token_id": 0, "eos_token_id": [1, 4]}
    return LlamaConfig(vocab_size=len(tokenizer), max_position_embeddings=320, **CAUSAL, **ids), tokenizer


def smollm() -> Made:
    """Llama's architecture with tied embeddings, and GPT-2's tokenizer that talks in ChatML."""
    vocab, merges = bpe(specials=["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    tokens = {"bos_token": "<|im_start|>", "eos_token": "<|im_end|>", "pad_token": "<|im_end|>"}
    tokenizer = GPT2Tokenizer(vocab, merges, chat_template=CHATML, model_max_length=320, **tokens)
    ids = {"bos_token_id": 1, "eos_token_id": 2, "tie_word_embeddings": True}
    return LlamaConfig(vocab_size=len(tokenizer), max_position_embeddings=320, **CAUSAL, **ids), tokenizer


def _qwen() -> PreTrainedTokenizerBase:
    vocab, merges = bpe(specials=["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    added = {"extra_special_tokens": ["<|im_start|>"], "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"}
    return Qwen2Tokenizer(vocab, merges, chat_template=CHATML, model_max_length=320, **added)


def qwen2() -> Made:
    tokenizer = _qwen()
    ids = {"bos_token_id": 0, "eos_token_id": 2}
    shape = {**SMALL, "num_key_value_heads": 1}
    return Qwen2Config(vocab_size=len(tokenizer), max_position_embeddings=320, **shape, **ids), tokenizer


def qwen3() -> Made:
    tokenizer = _qwen()
    ids = {"bos_token_id": 0, "eos_token_id": 2}
    return Qwen3Config(vocab_size=len(tokenizer), max_position_embeddings=320, **CAUSAL, **ids), tokenizer


def _gemma() -> PreTrainedTokenizerBase:
    specials = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"]
    octets = [f"<0x{octet:02X}>" for octet in range(256)]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    trainer = trainers.BpeTrainer(vocab_size=600, special_tokens=[*specials, *octets], show_progress=False)
    tokenizer.train_from_iterator(TEXTS, trainer)
    trained = json.loads(tokenizer.to_str())["model"]
    return GemmaTokenizer(
        trained["vocab"],
        [tuple(pair) for pair in trained["merges"]],
        extra_special_tokens=specials[4:],
        chat_template=TURNS,
        model_max_length=320,
    )


def gemma() -> Made:
    tokenizer = _gemma()
    ids = {"pad_token_id": 0, "eos_token_id": [1, 5], "bos_token_id": 2}
    return GemmaConfig(vocab_size=len(tokenizer), max_position_embeddings=320, **CAUSAL, **ids), tokenizer


def gemma3() -> Made:
    """Whose every other layer sees no further than 16 tokens."""
    tokenizer = _gemma()
    ids = {"pad_token_id": 0, "eos_token_id": [1, 5], "bos_token_id": 2}
    layers = {"sliding_window": 16, "layer_types": ["sliding_attention", "full_attention"]}
    return Gemma3TextConfig(vocab_size=len(tokenizer), max_position_embeddings=320, **CAUSAL, **layers, **ids), tokenizer


SUMMARIZERS: Mapping[str, Callable[[], Made]] = {"BART": bart, "PEGASUS": pegasus, "T5": t5, "LED": led}
TALKERS: Mapping[str, Callable[[], Made]] = {
    "GPT-2": gpt2,
    "Llama": llama,
    "SmolLM": smollm,
    "Qwen2": qwen2,
    "Qwen3": qwen3,
    "Gemma": gemma,
    "Gemma 3": gemma3,
}


def written(folder: Path, family: str) -> Path:
    """A saved checkpoint of a family."""
    opener = AutoModelForSeq2SeqLM if family in SUMMARIZERS else AutoModelForCausalLM
    config, tokenizer = {**SUMMARIZERS, **TALKERS}[family]()
    return checkpoint(folder / family.replace(" ", "-"), opener, config, tokenizer)
