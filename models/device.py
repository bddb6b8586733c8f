"""Which device and which precision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from models.types import ModelUnavailable

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def choose(device: str = "auto", dtype: str = "auto") -> tuple[torch.device, torch.dtype | None]:
    """The device (CUDA, then MPS, then CPU, or the one named) and the dtype, None for the device's own choice.

    Raises `ModelUnavailable` when the named device is not there.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        chosen = torch.device(device)
        torch.empty(1, device=chosen)
    except (RuntimeError, AssertionError) as error:
        raise ModelUnavailable(f"The device {device!r} is not available here; set PARLEY_DEVICE=auto.") from error
    return chosen, DTYPES.get(dtype)


def out_of_memory(error: Exception) -> bool:
    """Whether `error` says that a batch did not fit; the CPU allocator raises a plain RuntimeError."""
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or "not enough memory" in str(error)


@contextmanager
def one_core(*, when: bool) -> Iterator[None]:
    """Compute on one core within the block; on as many as before where not `when`.

    To wake another core's thread takes some 50 microseconds once it has gone to sleep, which is more than most operations
    take on the few numbers of a single row.
    """
    threads = torch.get_num_threads()
    if not when or threads == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
