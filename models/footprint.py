"""What a checkpoint takes of a device's memory, told from the headers of its files: no weight is read."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import regex
from safetensors import SafetensorError, safe_open

from models.store import files
from models.types import ModelUnavailable

BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
"""Of a parameter."""

PACKED = {"int8": 1.0, "int4": 0.5 + 4 / 64}
"""Bytes of a quantized parameter; in four bits, 64 of them share a scale of four bytes."""

STORED = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1}
"""Bytes of a number, by how safetensors calls its type; others are whole numbers, which keep theirs."""

WHOLE = {"I64": 8, "U64": 8, "I32": 4, "U32": 4, "I16": 2, "U16": 2}
KEPT = regex.compile(r"embed|wte|wpe|shared|lm_head")
"""Names of matrices that are looked up or share their numbers with such; quantization leaves them alone."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """The size of a network.

    Attributes:
        parameters: all of them.
        linear: those in the matrices of linear layers, which are what quantization packs.
        fixed: bytes of what keeps its type, such as tables of positions.
    """

    parameters: int
    linear: int = 0
    fixed: int = 0

    def bytes(self, dtype: str, quantization: str = "none") -> int:
        """Bytes of the weights in memory."""
        packed = self.linear if quantization in PACKED else 0
        whole = (self.parameters - packed) * BYTES[dtype]
        return self.fixed + whole + math.ceil(packed * PACKED.get(quantization, 0))


def of_folder(folder: Path, *, pickles: Collection[str], model: str) -> Footprint:
    """The footprint of the checkpoint in `folder`, or in that folder in it where the network of a sentence encoder lies.

    Of a pickle, which cannot be looked into without reading it, the size tells. Raises `ModelUnavailable` where there are
    no weights that may be opened.
    """
    place = next((inner for inner in (folder, *sorted(folder.glob("0_*"))) if _weighted(inner)), folder)
    names = files.weights((path.name for path in place.glob("*")), pickles=pickles, model=model)
    tensors = [name for name in names if name.endswith(".safetensors")]
    if tensors:
        return _summed(shape for name in tensors for shape in _headers(place / name))
    size = sum((place / name).stat().st_size for name in names if name.endswith(".bin"))
    return Footprint(size // BYTES.get(_saved_as(place / "config.json"), 4))


def of_download(size: int, dtype: str) -> Footprint:
    """About the footprint of `size` bytes that were not fetched yet, taking them for parameters of `dtype`."""
    return Footprint(size // BYTES[dtype])


def _weighted(folder: Path) -> bool:
    return any(path.suffix in {".safetensors", ".bin"} for path in folder.glob("*"))


def _headers(path: Path) -> Iterator[tuple[str, str, list[int]]]:
    """Name, type and shape of each tensor."""
    try:
        with safe_open(path, framework="numpy") as file:
            for name in file.keys():  # noqa: SIM118, as it is no mapping
                tensor = file.get_slice(name)
                yield name, tensor.get_dtype(), tensor.get_shape()
    except (OSError, SafetensorError) as error:
        raise ModelUnavailable(f"The model file {path} is damaged; fetch it again.") from error


def _summed(headers: Iterator[tuple[str, str, list[int]]]) -> Footprint:
    parameters = linear = fixed = 0
    for name, kind, shape in headers:
        count = math.prod(shape)
        if kind not in STORED:
            fixed += count * WHOLE.get(kind, 1)
            continue
        parameters += count
        if len(shape) == 2 and not KEPT.search(name):
            linear += count
    return Footprint(parameters, linear, fixed)


def _saved_as(path: Path) -> str:
    """The type that a configuration says its weights were saved in."""
    try:
        said = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return ""
    return str(said.get("dtype") or said.get("torch_dtype") or "")
