"""What both kinds of networks in training have in common: an adapter or all weights, a head, and a task that will serve."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from peft import LoraConfig, PeftModel, get_peft_model
from torch import Tensor, nn

from models.catalog import Checkpoint
from models.training.custom.exam import AnyTask

Entry = dict[str, Any]
"""An entry of the catalogue, as TOML has it."""


class Network(nn.Module, ABC):
    """A network in training.

    Attributes:
        task: the task that will serve, for its `prepare` and its `finish`.
        labels: in the order of the logits; none for answers.
        threshold: the margin above which the base takes a context as answering.
        fresh: whether the head is new, and so has all to learn.
    """

    task: AnyTask
    labels: tuple[str, ...]
    threshold: float
    fresh: bool

    @abstractmethod
    def forward(self, pieces: Sequence[Any]) -> Tensor:
        """Logits of the task's pieces: (rows, labels), or (rows, longest, 2) for starts and ends of answers."""

    @abstractmethod
    def heads(self) -> list[nn.Parameter]:
        """The head's weights, which may learn at another rate."""

    @abstractmethod
    def write(self, folder: Path, threshold: float | None) -> None:
        """Save what was learned into a folder; nothing else may be done with the network then."""

    @abstractmethod
    def entry(self, written: Path, place: Path, threshold: float | None) -> tuple[Entry, Entry | None]:
        """The entry of the task, and that of its encoder if it needs one of its own.

        `written` is where `write` saved, and `place` where that will be.
        """

    @property
    def trained(self) -> dict[str, nn.Parameter]:
        """The weights that learn, by name."""
        return {name: weight for name, weight in self.named_parameters() if weight.requires_grad}


@contextmanager
def quietly() -> Iterator[None]:
    """Keep to ourselves that peft calls a method of transformers by its old name."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
        yield


def adapted(body: nn.Module, rank: int, *, within: str = "") -> PeftModel:
    """A network with a fresh LoRA adapter on every linear layer whose name begins so; the rest learns nothing."""
    linear = [name for name, m in body.named_modules() if isinstance(m, nn.Linear) and name.startswith(within)]
    config = LoraConfig(r=rank, lora_alpha=rank, lora_dropout=0.0, target_modules=linear)
    with quietly():
        return cast(PeftModel, get_peft_model(cast(Any, body), config))


def sizes(network: Network) -> tuple[int, int]:
    """(weights that learn, all weights)."""
    return sum(weight.numel() for weight in network.trained.values()), sum(w.numel() for w in network.parameters())


def checkpoint(source: Checkpoint, place: Path, sums: dict[str, str], **fields: Any) -> Entry:
    """An entry for files that were made here from a checkpoint's: under its licence, its revision told by a hash."""
    revision = next(iter(sums.values()))[:12]
    about = {"name": place.name, "source": f"path:{place}", "revision": revision, "licence": source.licence}
    return {**fields, **about, "sha256": sums}
