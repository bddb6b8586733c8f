"""Sentiment requests through the engine, next to `transformers.pipeline` on the same weights."""

from __future__ import annotations

import asyncio
from logging import CRITICAL
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertConfig, BertModel, BertPreTrainedModel, PreTrainedTokenizerFast, pipeline
from transformers.modeling_outputs import SequenceClassifierOutput
from transformers.utils import logging

from models.bench.figures import Figure, interleave, mixed
from models.catalog import AdapterTask, Catalog
from models.engine import LocalEngine
from models.load import WEIGHTS, Adapter, found
from models.tasks.encoder import mean
from models.tasks.normalize import normalize


class MeanPooled(BertPreTrainedModel):
    """BERT with a linear head on the mean of its last states, as a transformers user would write it."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__(config)
        self.bert = BertModel(config, add_pooling_layer=False)
        self.classifier = nn.Linear(config.hidden_size, len(config.id2label or ()))
        self.post_init()

    def forward(self, input_ids: Tensor, attention_mask: Tensor, **inputs: Any) -> SequenceClassifierOutput:
        """Logits: (batch, labels)."""
        states = self.bert(input_ids=input_ids, attention_mask=attention_mask, **inputs).last_hidden_state
        return SequenceClassifierOutput(logits=self.classifier(mean(states, attention_mask)))


def reference(catalog: Catalog) -> Any:
    """A text-classification pipeline with the sentiment adapter merged, in float32 on the CPU."""
    entry = catalog.tasks["sentiment"]
    assert isinstance(entry, AdapterTask)
    folder, adapter = found(catalog.encoders[entry.encoder]), Adapter(WEIGHTS / entry.adapter)
    base = BertModel.from_pretrained(folder, add_pooling_layer=False, local_files_only=True, dtype=torch.float32)
    config = BertConfig.from_pretrained(folder, id2label=dict(enumerate(adapter.config["labels"])))
    model = MeanPooled(config).eval()
    model.bert = adapter.onto(base.eval().requires_grad_(False))
    model.classifier.load_state_dict({name.removeprefix("head."): t.float() for name, t in adapter.head.items()})
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    special = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=512, **special)
    logging.set_verbosity(CRITICAL)  # its error that it does not know this class is none
    made = pipeline("text-classification", model=model, tokenizer=wrapped, device="cpu")
    logging.set_verbosity_error()
    return made


async def measure(engine: LocalEngine, catalog: Catalog, *, requests: int = 64, rounds: int = 5) -> list[Figure]:
    """Throughput of `requests` concurrent requests, and the time of a lone one."""
    texts = [normalize(text) for text in mixed(requests)]
    pipe = await engine.on_device(reference, catalog)
    task = await engine.task("sentiment")

    async def ours() -> None:
        await asyncio.gather(*map(engine.sentiment, texts))

    async def one_by_one() -> None:
        await engine.on_device(lambda: [pipe(text) for text in texts])

    async def batched() -> None:
        await engine.on_device(lambda: pipe(texts, batch_size=32))

    spent = await interleave({"ours": ours, "one": one_by_one, "batched": batched}, rounds=rounds)
    lone_texts = texts[:32]

    async def lone() -> None:
        for text in lone_texts:
            await engine.sentiment(text)

    async def bare() -> None:
        await engine.on_device(lambda: [task.run(task.prepare(text)) for text in lone_texts])

    alone = await interleave({"lone": lone, "bare": bare}, rounds=rounds)
    rate = {name: requests / seconds for name, seconds in spent.items()}
    per_text = {name: 1000 * seconds / len(lone_texts) for name, seconds in alone.items()}
    unit = "messages/s"
    return [
        Figure(f"sentiment, {requests} at once : pipeline one by one", unit, rate["ours"], rate["one"], ">= 5"),
        Figure(f"sentiment, {requests} at once : pipeline(batch_size=32)", unit, rate["ours"], rate["batched"], ">= 4"),
        Figure("sentiment, a lone request : bare forward pass", "ms", per_text["lone"], per_text["bare"], "<= 1.15"),
    ]
