"""Tiny checkpoints of the families that translate, with random weights and the language tokens of the real ones.

Each saves itself in a folder and returns that. Vocabularies are SentencePiece's where the family's tokenizer reads that.
"""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from transformers import (
    M2M100Config,
    M2M100ForConditionalGeneration,
    M2M100Tokenizer,
    MarianConfig,
    MarianMTModel,
    MarianTokenizer,
    MBart50Tokenizer,
    MBartConfig,
    MBartForConditionalGeneration,
    MT5Config,
    MT5ForConditionalGeneration,
    NllbTokenizer,
    PreTrainedModel,
    T5Config,
    T5ForConditionalGeneration,
    T5Tokenizer,
)

from .families import TEXTS, WIDTH, saved, unigram

SMALL = {
    "d_model": WIDTH,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 32,
    "decoder_ffn_dim": 32,
    "max_position_embeddings": 128,
    "init_std": 0.5,
}
T5_SMALL = {"d_model": WIDTH, "d_kv": 8, "d_ff": 32, "num_layers": 2, "num_heads": 2, "initializer_factor": 3.0}


def opus(folder: Path, languages: Sequence[str] = ()) -> Path:
    """A Marian checkpoint for one pair; with `languages` ("por"), for the targets of tokens like `>>por<<`."""
    pieces = _sentencepiece(folder, "source.spm")
    (folder / "target.spm").write_bytes((folder / "source.spm").read_bytes())
    tokens = ["</s>", "<unk>", *pieces, *(f">>{language}<<" for language in languages), "<pad>"]
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it recommends a package
        tokenizer = MarianTokenizer(*(str(folder / name) for name in ("source.spm", "target.spm", "vocab.json")))
    last = len(tokens) - 1
    ids = {"eos_token_id": 0, "pad_token_id": last, "decoder_start_token_id": last, "forced_eos_token_id": 0}
    return _saved(
        folder, MarianMTModel, MarianConfig(vocab_size=len(tokens), bad_words_ids=[[last]], **ids, **SMALL), tokenizer
    )


def m2m100(folder: Path) -> Path:
    """An M2M100 checkpoint with all hundred languages; their tokens follow the vocabulary, as in the real ones."""
    tokens = ["<s>", "<pad>", "</s>", "<unk>", *_sentencepiece(folder, "sentencepiece.bpe.model")]
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}))
    files = str(folder / "vocab.json"), str(folder / "sentencepiece.bpe.model")
    special = [*M2M100Tokenizer(*files).lang_token_to_id]
    tokenizer = M2M100Tokenizer(*files, additional_special_tokens=special)
    size = len(tokens) + len(tokenizer.lang_token_to_id) + tokenizer.num_madeup_words
    return _saved(folder, M2M100ForConditionalGeneration, M2M100Config(vocab_size=size, **SMALL), tokenizer)


def nllb(folder: Path, **how: Any) -> Path:
    """An NLLB checkpoint: M2M100's network, and a tokenizer with NLLB's two hundred languages."""
    vocabulary = unigram()
    letters = sorted({letter for piece, _ in vocabulary[5:] for letter in piece})
    tokens = ["<s>", "<pad>", "</s>", "<unk>", *letters]
    tokenizer = NllbTokenizer({token: i for i, token in enumerate(tokens)}, [], **how)
    return _saved(folder, M2M100ForConditionalGeneration, M2M100Config(vocab_size=len(tokenizer), **SMALL), tokenizer)


def mbart50(folder: Path, *, start: int = 2) -> Path:
    """An mBART-50 checkpoint that would force token 7 first, as those made for one target do.

    `start` is what its decoder begins with, which in mBART-50 is the end of a sentence.
    """
    tokenizer = MBart50Tokenizer(unigram(specials=["<s>", "</s>", "<unk>"]))
    config = MBartConfig(vocab_size=len(tokenizer), decoder_start_token_id=start, **SMALL)
    return _saved(folder, MBartForConditionalGeneration, config, tokenizer, forced_bos_token_id=7)


def t5(folder: Path) -> Path:
    """A T5 checkpoint, which wants words before a text."""
    return _t5(folder, T5Config, T5ForConditionalGeneration)


def mt5(folder: Path) -> Path:
    """An mT5 checkpoint, made for a prefix."""
    return _t5(folder, MT5Config, MT5ForConditionalGeneration)


def madlad(folder: Path, languages: Iterable[str] = ("en", "pt", "de", "iw", "zh", "zh_Latn")) -> Path:
    """A MADLAD-400 checkpoint: a T5 with a token for each target."""
    return _t5(folder, T5Config, T5ForConditionalGeneration, [f"<2{language}>" for language in languages])


def _t5(folder: Path, config: Any, model: Callable[[Any], PreTrainedModel], tokens: Sequence[str] = ()) -> Path:
    vocabulary = unigram(specials=["<pad>", "</s>", "<unk>"])
    tokenizer = T5Tokenizer([*vocabulary, *((token, 0.0) for token in tokens)], extra_ids=4)
    about = {"vocab_size": len(tokenizer), "decoder_start_token_id": 0, **T5_SMALL}
    return _saved(folder, model, config(**about), tokenizer)


def _saved(folder: Path, opener: Callable[[Any], PreTrainedModel], config: Any, tokenizer: Any, **settings: Any) -> Path:
    torch.manual_seed(0)
    model = opener(config)
    model.generation_config.update(**settings)
    return saved(folder, model, tokenizer)


def _sentencepiece(folder: Path, name: str) -> list[str]:
    """Train a vocabulary into a file of `folder`; its pieces, those for control aside."""
    folder.mkdir(parents=True, exist_ok=True)
    trained = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXTS), model_writer=trained, vocab_size=200, hard_vocab_limit=False, minloglevel=2
    )
    (folder / name).write_bytes(trained.getvalue())
    read = sentencepiece.SentencePieceProcessor(model_proto=trained.getvalue())
    return [read.id_to_piece(i) for i in range(3, read.get_piece_size())]


PREFIX = "translate {source} to {target}: "
ALL = {"languages": ["en", "pt", "de"]}


def several(folder: Path) -> Path:
    """A checkpoint with several targets."""
    return opus(folder, ["eng", "por", "deu"])


TRANSLATORS: Mapping[str, tuple[Callable[..., Path], Mapping[str, Any]]] = {
    "opus-mt": (opus, {"between": [["en", "pt"]]}),
    "opus-mt-mul": (several, ALL),
    "nllb": (nllb, ALL),
    "m2m100": (m2m100, ALL),
    "mbart-50": (mbart50, ALL),
    "t5": (t5, {**ALL, "prefix": PREFIX}),
    "mt5": (mt5, {**ALL, "prefix": PREFIX}),
    "madlad-400": (madlad, ALL),
}
"""Each family's checkpoint, and what its entry says."""
