"""Tiny checkpoints with random weights: real configurations, real model classes, and tokenizers trained here.

A family is a configuration of transformers and a tokenizer of the class that its real checkpoints come with. Vocabularies
begin with the special tokens in the order given, so that their ids are known.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import PretrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

from models import catalog
from models.catalog import Catalog
from models.engine import LocalEngine, local_shelf

TEXTS = (
    "The release broke the search page this morning, and nobody noticed until noon.",
    "Ana fixed it in ten minutes. We love her work; thanks a lot!",
    "Who fixed the release? Did anybody test it on staging before we shipped?",
    "I am really disappointed: the new build is slow, ugly and it crashes all the time.",
    "Great news, the customers are happy with version 2.3.0, and so am I :)",
    "The meeting is moved to Tuesday at 14:30 in room 5, because Ben is ill on Monday.",
    "Sphinx of black quartz, judge my vow. PACK MY BOX WITH FIVE DOZEN LIQUOR JUGS!",
    "A atualização quebrou a página de busca hoje de manhã. Obrigado pela ajuda, pessoal!",
    "Die neue Version ist schnell und schön, aber die Prüfung dauert größer gedacht zu lange.",
    "La réunion est déplacée à mardi; ça ne me plaît pas, mais c'est comme ça.",
    "0 1 2 3 4 5 6 7 8 9 ( ) [ ] { } < > / \\ @ # $ % & * - _ + = ~ ^ ' \" ` | € …",
)
"""What tokenizers are trained on by default."""

WIDTH = 16
"""Of the models' states."""


class Merges(NamedTuple):
    """A byte-level BPE vocabulary, as GPT-2's and RoBERTa's tokenizers take it."""

    vocab: dict[str, int]
    merges: list[tuple[str, str]]


def wordpiece(texts: Sequence[str] = TEXTS, *, size: int = 200, specials: Sequence[str] = ()) -> dict[str, int]:
    """A vocabulary for BERT's tokenizer: [PAD] 0, [UNK] 1, [CLS] 2, [SEP] 3, [MASK] 4 unless other `specials` are named.

    It has up to `size` pieces, each as a word's start and as its continuation. The library's own trainer for WordPiece
    breaks ties at random, and so finds other pieces in each run.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=size, show_progress=False))
    pieces = sorted(tokenizer.get_vocab())
    first = [*specials] or ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    return {token: i for i, token in enumerate([*first, *pieces, *(f"##{piece}" for piece in pieces)])}


def bpe(texts: Sequence[str] = TEXTS, *, size: int = 400, specials: Sequence[str] = ()) -> Merges:
    """A byte-level vocabulary: <s> 0, <pad> 1, </s> 2, <unk> 3, <mask> 4 unless other `specials` are named."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[*specials] or ["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return Merges(tokenizer.get_vocab(), [tuple(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]])


def unigram(texts: Sequence[str] = TEXTS, *, size: int = 300, specials: Sequence[str] = ()) -> list[tuple[str, float]]:
    """Pieces with log probabilities: <s> 0, <pad> 1, </s> 2, <unk> 3, <mask> 4 unless other `specials` are named."""
    first = [*specials] or ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    unknown = next(token for token in first if "unk" in token.lower())
    trainer = trainers.UnigramTrainer(vocab_size=size, special_tokens=first, unk_token=unknown, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    found = json.loads(tokenizer.to_str())["model"]["vocab"][len(first) :]
    # The trainer breaks ties at random, by the scores' third digit.
    learned = sorted(((piece, round(score, 1)) for piece, score in found), key=lambda entry: (-entry[1], entry[0]))
    return [*((token, 0.0) for token in first), *learned]


def saved(folder: Path, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> Path:
    """Save a checkpoint as its publisher would; returns the folder."""
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def checkpoint(folder: Path, opener: Any, config: PretrainedConfig, tokenizer: PreTrainedTokenizerBase) -> Path:
    """Save a checkpoint with random weights, the same each time; `opener` is one of transformers' Auto classes."""
    torch.manual_seed(0)
    return saved(folder, opener.from_config(config), tokenizer)


def entry(folder: Path, kind: str, **fields: Any) -> dict[str, Any]:
    """A catalogue entry for a checkpoint in `folder`, as a user writes it."""
    about = {"name": folder.name, "source": f"path:{folder}", "revision": "0123456789abcdef", "licence": "MIT"}
    return {"kind": kind, **about, **fields}


def catalogue(folder: Path, tasks: Mapping[str, Mapping[str, Any]]) -> Catalog:
    """The default profile with these entries in place of its own or beside them, read from a TOML file in `folder`."""
    path = folder / "own.toml"
    path.write_text("\n".join(_table(("tasks", name), fields) for name, fields in tasks.items()))
    return catalog.read("offline", path)


def serving(served: Catalog, **options: Any) -> LocalEngine:
    """An engine for a catalogue, in float32 on the CPU; use it as `async with`."""
    return LocalEngine(served, lambda: local_shelf(served, device="cpu", dtype="float32", threads=None), **options)


def _table(path: Sequence[str], fields: Mapping[str, Any]) -> str:
    """A TOML table; strings, numbers, truth values and lists are written in it as in JSON."""
    plain = [f"{json.dumps(k)} = {json.dumps(v)}" for k, v in fields.items() if not isinstance(v, Mapping)]
    inner = [_table((*path, k), v) for k, v in fields.items() if isinstance(v, Mapping)]
    return "\n".join([f"[{'.'.join(map(json.dumps, path))}]", *plain, *inner, ""])


def asked(task: Any, *items: Any) -> list[Any]:
    """The results of items that share one batch."""
    pieces = [task.prepare(item) for item in items]
    raw = iter(task.run([piece for some in pieces for piece in some]))
    return [task.finish(item, some, [next(raw) for _ in some]) for item, some in zip(items, pieces, strict=True)]
