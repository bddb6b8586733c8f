"""The catalogue's shared encoder in training: with an adapter, which other tasks need not know of, or whole."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import torch
from peft import PeftModel
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel

from models.catalog import Checkpoint
from models.load import DAMAGED, Adapter
from models.tasks.classify import Classify
from models.tasks.encoder import Encoder, mean, pad
from models.tasks.extract import Extract
from models.tasks.packed import PackedBert
from models.training import encoder
from models.training.custom.network import Entry, Network, adapted, checkpoint, quietly
from models.types import ModelUnavailable

WINDOW = 128
SPAN = {"window": 320, "stride": 96, "longest": 24}
CHARACTERS = {"classify": 20_000, "extract": 100_000}


class Shared(Network):
    """The encoder, and a linear head on the mean of its states (labels) or on each state (starts and ends of answers).

    Args:
        name: of the encoder's entry `source`, whose files lie in `folder`.
        adapter: what it goes on from, if anything.
        labels: for a classifier; None for answers.
        rank: of a fresh LoRA adapter; None to train all weights.
    """

    def __init__(
        self,
        name: str,
        source: Checkpoint,
        folder: Path,
        adapter: Adapter | None,
        labels: Sequence[str] | None,
        *,
        rank: int | None,
    ) -> None:
        super().__init__()
        self._name, self._source, self._folder = name, source, folder
        base, tokenizer = _opened(self._folder)
        self.labels = tuple(labels or ())
        outputs = len(labels) if labels else 2
        self.head = nn.Linear(base.config.hidden_size, outputs)
        known = _matching(adapter, labels) if adapter else None
        self.fresh = known is None
        if known is not None:
            self.head.load_state_dict(known)
        self._config = _config(adapter, labels, base.config.max_position_embeddings)
        self.threshold = float(adapter.config.get("threshold", 0.0)) if adapter and not self.fresh else 0.0
        self._full = rank is None
        self.task = self._serving(Encoder(PackedBert(base), tokenizer))
        self.encoder: nn.Module = _body(base, adapter, rank)

    def forward(self, pieces: Sequence[Any]) -> Tensor:
        """Logits."""
        device = self.head.weight.device
        ids, mask = pad([piece.ids for piece in pieces], device=device)
        if self.labels:
            states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
            return cast(Tensor, self.head(mean(states, mask)))
        types, _ = pad([piece.types for piece in pieces], device=device)
        states = self.encoder(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state
        return cast(Tensor, self.head(states))

    def heads(self) -> list[nn.Parameter]:
        """The linear layer."""
        return list(self.head.parameters())

    def write(self, folder: Path, threshold: float | None) -> None:
        """Head, configuration, and adapter in peft's format or the whole encoder."""
        self.cpu()
        config = self._config if threshold is None else {**self._config, "threshold": threshold}
        if isinstance(self.encoder, PeftModel):
            before = self.encoder.peft_config["default"].base_model_name_or_path
            encoder.save(self, folder, base=before or self._source.name, **config)
            return
        folder.mkdir()
        encoder.save_head(self, folder)
        encoder.seal(folder, config)
        cast(BertModel, self.encoder).save_pretrained(folder / "encoder")
        shutil.copy(self._folder / "tokenizer.json", folder / "encoder")

    def entry(self, written: Path, place: Path, threshold: float | None) -> tuple[Entry, Entry | None]:
        """A task with an adapter; the encoder is the one it began with, or one of its own."""
        kind = "classify" if self.labels else "extract"
        task = {"kind": kind, "encoder": self._name, "adapter": str(place), "characters": CHARACTERS[kind]}
        if not self._full:
            return task, None
        weights = written / "encoder" / "model.safetensors"
        sums = {weights.name: hashlib.sha256(weights.read_bytes()).hexdigest()}
        own = checkpoint(self._source, place / "encoder", sums) | {"name": place.name}
        return task | {"encoder": place.name}, own

    def _serving(self, reader: Encoder) -> Classify | Extract:
        head = {f"head.{name}": tensor for name, tensor in self.head.state_dict().items()}
        config = dict(self._config)
        if labels := config.pop("labels", None):
            return Classify(reader, head, labels, limit=CHARACTERS["classify"], model="", **config)
        return Extract(reader, head, limit=CHARACTERS["extract"], model="", **{"threshold": 0.0, **config})


def _opened(folder: Path) -> tuple[BertModel, Tokenizer]:
    try:
        model = BertModel.from_pretrained(
            folder, add_pooling_layer=False, local_files_only=True, use_safetensors=True, dtype=torch.float32
        )
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except DAMAGED as error:
        raise ModelUnavailable(f"The encoder in {folder} cannot be loaded; install it again.") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return model, tokenizer


def _matching(adapter: Adapter, labels: Sequence[str] | None) -> Mapping[str, Tensor] | None:
    """The head of an adapter for these labels, in their order; None where it is for others."""
    theirs = adapter.config.get("labels")
    if (theirs is None) != (labels is None) or set(theirs or ()) != set(labels or ()):
        return None
    if labels is None and "stride" not in adapter.config:
        return None
    head = {name.removeprefix("head."): tensor.float() for name, tensor in adapter.head.items()}
    order = [theirs.index(label) for label in labels] if theirs and labels else [0, 1]
    return {name: tensor[order] for name, tensor in head.items()}


def _config(adapter: Adapter | None, labels: Sequence[str] | None, positions: int) -> dict[str, Any]:
    """What a folder's config.json says beside checksums: how the task reads, in windows that `positions` have room for."""
    before = adapter.config if adapter else {}
    if labels is not None:
        return {"labels": list(labels), "window": before["window"] if "labels" in before else min(WINDOW, positions)}
    if "stride" in before:
        return {name: before[name] for name in SPAN}
    window = min(SPAN["window"], positions)
    return {**SPAN, "window": window, "stride": min(SPAN["stride"], window // 3)}


def _body(base: BertModel, adapter: Adapter | None, rank: int | None) -> nn.Module:
    if rank is None:
        whole = adapter.onto(base) if adapter else base
        return whole.requires_grad_(True)
    if adapter and (adapter.folder / "adapter_config.json").is_file():
        with quietly():
            return PeftModel.from_pretrained(base, str(adapter.folder), is_trainable=True)
    return adapted(base, rank)
