"""Opens checkpoints from a folder: safetensors first, no code of theirs, nothing from the network."""

from __future__ import annotations

import json
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoConfig, AutoTokenizer, PretrainedConfig, PreTrainedTokenizerBase

from models.auto import quantization
from models.catalog import AutoTask
from models.device import out_of_memory
from models.store import files
from models.types import ModelUnavailable

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
DAMAGED = (OSError, ValueError, KeyError, TypeError, RuntimeError, EOFError, SafetensorError, UnpicklingError)


def config(folder: Path, entry: AutoTask) -> PretrainedConfig:
    """A checkpoint's configuration. Raises `ModelUnavailable`, also for a model that needs code of its own."""
    try:
        files.refuse_code(json.loads((folder / "config.json").read_bytes()), model=entry.name)
        found: PretrainedConfig = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except DAMAGED as error:
        raise ModelUnavailable(f"The configuration of {entry.name} in {folder} cannot be read; fetch it again.") from error
    return found


def tokenizer(folder: Path, entry: AutoTask, **how: Any) -> PreTrainedTokenizerBase:
    """A checkpoint's tokenizer. Raises `ModelUnavailable`."""
    try:
        found: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, **how
        )
    except DAMAGED as error:
        raise ModelUnavailable(f"The tokenizer of {entry.name} in {folder} cannot be read; fetch it again.") from error
    return found


def model(
    opener: Any, folder: Path, entry: AutoTask, *, device: torch.device, dtype: torch.dtype, spare: str | None = None
) -> Any:
    """A checkpoint's model, ready to compute on `device`; `opener` is one of transformers' Auto classes.

    Safetensors win over a pickle, which is read by torch's weights-only loader, and only where the entry says so. A
    checkpoint without all of the model's weights is refused, because it was not trained for this task and transformers
    would draw the missing ones at random; those whose names contain `spare` have no use here. Linear layers are quantized,
    and the model is to be compiled at its first calls, where the entry says so. Raises `ModelUnavailable`.
    """
    precision = DTYPES.get(entry.dtype, dtype)
    quantized = quantization.options(entry, device=device, dtype=precision)
    weights = files.weights((path.name for path in folder.glob("*")), pickles=entry.pickles, model=entry.name)
    try:
        found, loading = opener.from_pretrained(
            folder,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=not weights & entry.pickles,
            weights_only=True,
            dtype=precision,
            output_loading_info=True,
            **quantized,
        )
        if not quantized:  # which puts a model where it belongs
            found.to(device)
    except DAMAGED as error:
        if out_of_memory(error):
            raise ModelUnavailable(
                f"{device} ran out of memory while {entry.name} was loaded; `parley models info` says what would fit."
            ) from error
        raise ModelUnavailable(f"The model {entry.name} in {folder} cannot be loaded; fetch it again.") from error
    missing = sorted(name for name in loading["missing_keys"] if spare is None or spare not in name)
    if missing:
        raise ModelUnavailable(
            f"{entry.name} was not trained for this task: it has no {missing[0]}; choose a checkpoint that was."
        )
    if entry.compile:
        found.compile(dynamic=True)  # one program for all lengths and numbers of rows
    return found.eval().requires_grad_(False)
