"""Any checkpoint of transformers behind the tasks: opened through its Auto classes, whatever family it is of."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from models.auto.warming import warm
from models.catalog import AutoTask
from models.tasks.base import Task

MODULES = {
    "sequence": "sequence",
    "zero-shot": "zero_shot",
    "span": "span",
    "translate": "translation",
    "summarize": "summarization",
    "generate": "generation",
    "embed": "embedding",
}
"""Where each kind's task is made: `load(folder, entry, device=..., dtype=...)` of that module."""


def load(folder: Path, entry: AutoTask, *, device: torch.device, dtype: torch.dtype) -> Task[Any, Any, Any, Any]:
    """The task of an entry whose files lie in `folder`. Raises `models.types.ModelUnavailable`."""
    module = import_module(f"models.auto.{MODULES[entry.kind]}")  # type: ignore[attr-defined]
    make: Callable[..., Task[Any, Any, Any, Any]] = module.load
    task = make(folder, entry, device=device, dtype=dtype)
    if entry.compile:
        warm(task, entry)
    return task
