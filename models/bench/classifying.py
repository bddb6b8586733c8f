"""Sentiment in three ways: transformers' pipeline, a loop in PyTorch around transformers' model, and this engine."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from models.bench.batches import by_length
from models.bench.figures import mixed
from models.bench.sentiment import MeanPooled, reference
from models.bench.ways import Answer, Network, Run, Subject, Way
from models.catalog import AdapterTask, Catalog
from models.engine import LocalEngine
from models.load import WEIGHTS, Adapter, found
from models.tasks import int8
from models.tasks.encoder import mean, pad
from models.tasks.normalize import normalize

BATCH, LONGEST = 32, 512
EXAMPLE = "The new dashboard is lovely, but checkout has been down since noon and nobody answers the phone."


async def _pipeline(engine: LocalEngine, catalog: Catalog) -> Run:
    pipe = await engine.on_device(reference, catalog)

    def answer(texts: Sequence[str]) -> list[Answer]:
        rows = pipe([*map(normalize, texts)], batch_size=BATCH, truncation=True, max_length=LONGEST)
        return [Answer(row["label"], row["score"]) for row in rows]

    return partial(engine.on_device, answer)


class Loop:
    """Padded batches of texts of like length through transformers' `BertModel`, and a linear head in PyTorch."""

    def __init__(self, bert: BertModel, head: nn.Linear, tokenizer: Tokenizer, labels: Sequence[str]) -> None:
        self._bert, self._head, self._tokenizer, self._labels = bert, head, tokenizer, labels

    @classmethod
    def load(cls, catalog: Catalog) -> Loop:
        """Read encoder, adapter and head. Raises `ModelUnavailable`."""
        entry, adapter = _entry(catalog)
        folder = found(catalog.encoders[entry.encoder])
        base = BertModel.from_pretrained(folder, add_pooling_layer=False, local_files_only=True, dtype=torch.float32)
        head = nn.Linear(base.config.hidden_size, len(adapter.config["labels"]))
        head.load_state_dict({name.removeprefix("head."): weights.float() for name, weights in adapter.head.items()})
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.enable_truncation(LONGEST)
        tokenizer.no_padding()
        return cls(adapter.onto(base.eval()), head, tokenizer, adapter.config["labels"])

    @torch.inference_mode()
    def __call__(self, texts: Sequence[str]) -> list[Answer]:
        """Classify `texts`."""
        rows = [coded.ids for coded in self._tokenizer.encode_batch([*map(normalize, texts)])]
        return by_length(rows, len, self._batch)

    def _batch(self, rows: Sequence[Sequence[int]]) -> list[Answer]:
        best = self._probabilities(rows).max(-1)
        pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        return [Answer(self._labels[label], score) for label, score in pairs]

    def _probabilities(self, rows: Sequence[Sequence[int]]) -> Tensor:
        ids, mask = pad(rows)
        states = self._bert(input_ids=ids, attention_mask=mask).last_hidden_state
        return torch.softmax(self._head(mean(states, mask)), dim=-1)


async def _loop(engine: LocalEngine, catalog: Catalog) -> Run:
    return partial(engine.on_device, await engine.on_device(Loop.load, catalog))


async def _parley(engine: LocalEngine, catalog: Catalog) -> Run:
    await engine.task("sentiment")

    async def answer(texts: Sequence[str]) -> list[Answer]:
        found = await asyncio.gather(*map(engine.sentiment, texts))
        return [Answer(one.label, one.scores[one.label]) for one in found]

    return answer


def _network(catalog: Catalog) -> Network:
    entry, adapter = _entry(catalog)
    encoder = catalog.encoders[entry.encoder]
    folder = found(encoder)
    config: Any = BertConfig.from_pretrained(folder, id2label=dict(enumerate(adapter.config["labels"])))
    with torch.device("meta"):
        model = MeanPooled(config)
    files = (folder / "model.safetensors", *adapter.folder.glob("*.safetensors"))
    parameters = sum(weights.numel() for weights in model.parameters())
    return Network(f"{encoder.name}+{adapter.name}", parameters, sum(file.stat().st_size for file in files))


def _entry(catalog: Catalog) -> tuple[AdapterTask, Adapter]:
    entry = catalog.tasks["sentiment"]
    assert isinstance(entry, AdapterTask)
    return entry, Adapter(WEIGHTS / entry.adapter)


SENTIMENT = Subject(
    "sentiment",
    (
        Way(
            "pipeline",
            "float32",
            "transformers does it all: tokenizer, padded batches in the order given, model class, weights, names of the "
            "labels. PyTorch brings tensors and kernels. Texts are cut at 512 tokens.",
            _pipeline,
        ),
        Way(
            "loop",
            "float32",
            "transformers gives config, weights and the model class. Batches of like length, head and softmax are a loop "
            "in PyTorch. Texts are cut at 512 tokens here, too.",
            _loop,
        ),
        Way(
            "parley",
            "int8" if int8.available() else "float32",
            "transformers gives config, weights and the layers to build from. Parley packs texts without padding, puts "
            "linear layers into 8 bits, batches across requests, and reads long texts in windows, on PyTorch's kernels.",
            _parley,
        ),
    ),
    _network,
    lambda: [EXAMPLE, *mixed(47)],
)
"""Three ways to the mood of a message."""
