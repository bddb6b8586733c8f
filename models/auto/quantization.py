"""Linear layers in 8 or 4 bits, by the libraries that transformers loads such models with."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import torch
from transformers import BitsAndBytesConfig, TorchAoConfig

from models.catalog import AutoTask
from models.types import ModelUnavailable


def options(entry: AutoTask, *, device: torch.device, dtype: torch.dtype) -> dict[str, Any]:
    """What `from_pretrained` takes to quantize an entry's model as it loads, straight onto `device`; {} for no such wish.

    bitsandbytes wins over torchao, except on Apple GPUs. Raises `ModelUnavailable` naming the package that is missing.
    """
    if entry.quantization == "none":
        return {}
    usable = [library for library in _serving(entry.quantization, device) if find_spec(library)]
    if not usable or not find_spec("accelerate"):
        raise ModelUnavailable(_missing(entry, device))
    four = entry.quantization == "int4"
    return {
        "device_map": {"": device},
        "quantization_config": _bitsandbytes(four, dtype) if usable[0] == "bitsandbytes" else _torchao(four),
    }


def _serving(quantization: str, device: torch.device) -> list[str]:
    """The libraries that can do it on a device, the better one first."""
    if device.type == "mps":
        return ["torchao"] if quantization == "int8" else []
    # What torchao packs in 4 bits needs CUDA's matrix units.
    return ["bitsandbytes", "torchao"] if quantization == "int8" or device.type == "cuda" else ["bitsandbytes"]


def _missing(entry: AutoTask, device: torch.device) -> str:
    libraries = _serving(entry.quantization, device)
    if not libraries:
        return f'{entry.name} cannot run in {entry.quantization} on {device.type}; set quantization = "int8" in its entry.'
    return (
        f"{entry.name} is to run in {entry.quantization}, for which a package is missing; "
        f'install it with: pip install {libraries[0]} accelerate, or set quantization = "none" in its entry.'
    )


def _bitsandbytes(four: bool, dtype: torch.dtype) -> BitsAndBytesConfig:
    if not four:
        return BitsAndBytesConfig(load_in_8bit=True)
    # NormalFloat fits weights better than even steps (Dettmers et al. 2023, section 3).
    return BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype)


def _torchao(four: bool) -> TorchAoConfig:
    ways = import_module("torchao.quantization")
    if not four:
        return TorchAoConfig(ways.Int8WeightOnlyConfig())
    return TorchAoConfig(ways.Int4WeightOnlyConfig(group_size=64, int4_packing_format="tile_packed_to_4d"))
