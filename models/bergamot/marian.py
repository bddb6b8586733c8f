"""Marian's binary weight files, version 1: 64-bit little-endian headers, names, shapes, then the tensors' bytes.

Quantized matrices come as intgemm wrote them: int8 values, then the float that they were multiplied by.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from models.types import ModelUnavailable

VERSION = 1
FLOAT32, INT8, INTGEMM8 = 0x0404, 0x0101, 0x4101
SETTINGS, EMBEDDINGS = "special:model.yml", frozenset({"Wemb", "encoder_Wemb", "decoder_Wemb"})
"""The entries that are no float tensor, or no right-hand side of a product: the training settings (YAML), the embeddings."""

Array = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a weight file holds: the settings it was trained with, and its tensors as float32, named as Marian does."""

    settings: dict[str, Any]
    tensors: dict[str, Array]


def read(path: Path) -> Checkpoint:
    """Read the checkpoint at `path`. Raises `ModelUnavailable` where it is missing, cut short or of another kind."""
    try:
        return _parse(memoryview(path.read_bytes()))
    except OSError as error:
        raise ModelUnavailable(f"{path} cannot be read; reinstall the package or folder it belongs to.") from error
    except (struct.error, ValueError, KeyError, yaml.YAMLError) as error:
        raise ModelUnavailable(f"{path} is damaged or no Marian weight file; reinstall it.") from error


def _parse(blob: memoryview) -> Checkpoint:
    version, count = struct.unpack_from("<2Q", blob)
    if version != VERSION:
        raise ValueError(f"version {version}")
    settings: dict[str, Any] = {}
    tensors = {}
    for name, kind, shape, content in _entries(blob, count):
        if name == SETTINGS:
            settings = yaml.safe_load(bytes(content).rstrip(b"\0").decode())
        else:
            tensors[name] = _tensor(name, kind, shape, content)
    return Checkpoint(settings, tensors)


def _entries(blob: memoryview, count: int) -> Iterator[tuple[str, int, tuple[int, ...], memoryview]]:
    """Name, type, shape and bytes of each entry; the file holds all names, then all shapes, then all bytes."""
    headers = [struct.unpack_from("<4Q", blob, 16 + 32 * i) for i in range(_sane(count, len(blob) // 32))]
    at = 16 + 32 * count
    names, shapes = [], []
    for name_length, _, _, _ in headers:
        names.append(bytes(blob[at : at + name_length]).rstrip(b"\0").decode())
        at += name_length
    for _, _, rank, _ in headers:
        shapes.append(struct.unpack_from(f"<{_sane(rank, 8)}i", blob, at))
        at += 4 * rank
    (padding,) = struct.unpack_from("<Q", blob, at)
    at += 8 + padding
    for name, (_, kind, _, length), shape in zip(names, headers, shapes, strict=True):
        if at + length > len(blob):
            raise ValueError(f"{name} is cut short")
        yield name, kind, shape, blob[at : at + length]
        at += length


def _tensor(name: str, kind: int, shape: tuple[int, ...], content: memoryview) -> Array:
    size = math.prod(shape)
    if kind == FLOAT32:
        return np.frombuffer(content, np.float32, size).reshape(shape).copy()
    if kind != INTGEMM8:
        raise ValueError(f"{name} has the unknown type {kind:#x}")
    values = np.frombuffer(content, np.int8, size).astype(np.float32)
    values /= np.frombuffer(content, np.float32, 1, size)
    # intgemm stores a product's right-hand side column by column; embeddings, which are looked up, row by row.
    return values.reshape(shape) if name in EMBEDDINGS else values.reshape(shape[::-1]).T


def _sane(number: int, most: int) -> int:
    """Guard against the huge allocations that a damaged header would ask for."""
    if not 0 <= number <= most:
        raise ValueError(f"{number} of at most {most}")
    return number
