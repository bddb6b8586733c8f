"""A checkpoint of transformers in training, whatever family it is of. What is learned is merged into its weights."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from transformers import (
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    PretrainedConfig,
)

from models.auto import labels as naming
from models.auto import opening
from models.auto.reading import Reader
from models.auto.sequence import Sequences
from models.auto.span import Spans
from models.catalog import AutoTask, SequenceTask, SpanTask
from models.training.custom.network import Entry, Network, adapted, checkpoint
from models.types import ModelUnavailable

CARRIED = ("characters", "tokens", "stride", "longest")
"""Fields of an entry that tell how texts are read, which the new entry has as well."""


class Whole(Network):
    """A classifier or a question answering model from any encoder's checkpoint.

    Args:
        source: the entry that it starts from, whose files lie in `folder`.
        labels: for a classifier; None for answers.
        rank: of a LoRA adapter; None to train all weights.
    """

    def __init__(self, source: AutoTask, folder: Path, labels: Sequence[str] | None, *, rank: int | None) -> None:
        super().__init__()
        self._source, self._given = source, labels
        self._tokenizer = opening.tokenizer(folder, source)
        config = opening.config(folder, source)
        kept = _kept(config, source, labels)
        self.fresh = kept is None
        self.threshold = float(getattr(source, "threshold", 0.0))
        if labels is not None:
            config.id2label = dict(enumerate(kept or labels))
            config.label2id = {label: at for at, label in enumerate(kept or labels)}
            config.problem_type = "single_label_classification"
        model = _opened(folder, source, config, answers=labels is None)
        self._model = [model.requires_grad_(rank is None)]  # in a list, as it is registered within the body already
        self._head = [w for name, w in model.named_parameters() if not name.startswith(f"{model.base_model_prefix}.")]
        self.body = adapted(model, rank, within=f"{model.base_model_prefix}.") if rank else model
        for weight in self._head:
            weight.requires_grad_(True)
        self.task, self._reader, self.labels = self._serving(model, config)
        self._order = [(kept or labels or ()).index(label) for label in self.labels]

    def forward(self, pieces: Sequence[Any]) -> Tensor:
        """Logits."""
        found = self._model[0](**self._reader.batch(pieces))
        if self.labels:
            return cast(Tensor, found.logits[:, self._order])
        return torch.stack([found.start_logits, found.end_logits], dim=-1)

    def heads(self) -> list[nn.Parameter]:
        """What stands on top of the encoder."""
        return self._head

    def write(self, folder: Path, threshold: float | None) -> None:
        """The whole checkpoint, with its tokenizer."""
        self.cpu()
        model = self.body.merge_and_unload() if self.body is not self._model[0] else self.body
        cast(Any, model).save_pretrained(folder)
        self._tokenizer.save_pretrained(folder)

    def entry(self, written: Path, place: Path, threshold: float | None) -> tuple[Entry, Entry | None]:
        """A task of a whole checkpoint."""
        fields = {name: value for name in CARRIED if (value := getattr(self._source, name, None)) is not None}
        sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(written.glob("*.safetensors"))}
        if self.labels:
            made = checkpoint(self._source, place, sums, kind="sequence", **fields)
            return made | {"labels": {label: label for label in self.labels}}, None
        made = checkpoint(self._source, place, sums, kind="span", **fields)
        return (made if threshold is None else made | {"threshold": threshold}), None

    def _serving(self, model: Any, config: PretrainedConfig) -> tuple[Sequences | Spans, Reader, tuple[str, ...]]:
        about = self._source.model_dump(include={"name", "source", "revision", "licence", *CARRIED}, exclude_none=True)
        if self._given is None:
            span = SpanTask(kind="span", **about)
            reader = Reader(model, self._tokenizer, span)
            return Spans(model, reader, span), reader, ()
        sequence = SequenceTask(kind="sequence", labels={label: label for label in self._given}, **about)
        named = naming.read(config, sequence)
        if set(named.names) != set(self._given):  # for two feelings alone, a third is made up where it serves
            raise ModelUnavailable(f"{self._source.name} needs examples of neutral beside {' and '.join(self._given)}.")
        reader = Reader(model, self._tokenizer, sequence)
        return Sequences(model, reader, named, model=sequence.model), reader, named.names


def _kept(config: PretrainedConfig, source: AutoTask, labels: Sequence[str] | None) -> list[str] | None:
    """Our labels in the order of the checkpoint's own, where it has a head for just these; else None."""
    if labels is None:
        return [] if source.kind == "span" else None  # type: ignore[attr-defined]
    if not isinstance(source, SequenceTask):
        return None
    try:
        named = naming.read(config, source)
    except ModelUnavailable:
        return None
    theirs = [named.outcomes[place] for place in named.places]
    return theirs if sorted(theirs) == sorted(labels) else None


def _opened(folder: Path, source: AutoTask, config: PretrainedConfig, *, answers: bool) -> Any:
    opener: Any = AutoModelForQuestionAnswering if answers else AutoModelForSequenceClassification
    try:
        return opener.from_pretrained(
            folder,
            config=config,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=not source.pickle,
            weights_only=True,
            ignore_mismatched_sizes=True,
            dtype=torch.float32,
        )
    except opening.DAMAGED as error:
        raise ModelUnavailable(f"{source.name} in {folder} cannot be trained for this task; choose another base.") from error
