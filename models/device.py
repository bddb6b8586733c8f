"""Which devices there are, which precision suits them, and how tensors get there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import torch
from torch import Tensor

from models.placement import Device, Host
from models.types import ModelUnavailable

CGROUP = Path("/sys/fs/cgroup")
"""Where a container's limits stand."""

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def choose(device: str = "auto", dtype: str = "auto") -> tuple[torch.device, torch.dtype | None]:
    """The device (CUDA, then MPS, then CPU, or the one named) and the dtype, None for the device's own choice.

    Raises `ModelUnavailable` when the named device is not there.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        chosen = torch.empty(1, device=device).device  # with the number of the GPU, where none was named
    except (RuntimeError, AssertionError) as error:
        raise ModelUnavailable(f"The device {device!r} is not available here; set PARLEY_DEVICE=auto.") from error
    return chosen, DTYPES.get(dtype)


def suited(device: torch.device) -> torch.dtype:
    """The dtype that a device computes fastest in: bfloat16 or else float16 on CUDA and ROCm, float32 on others."""
    if device.type != "cuda":
        return torch.float32
    with torch.cuda.device(device):
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if native else torch.float16


def host(cgroup: Path = CGROUP) -> Host:
    """The devices of this machine and what is free of their memory now. Looking at CUDA takes some memory of each."""
    found = [_cuda(torch.device("cuda", number)) for number in range(torch.cuda.device_count())]
    memory = _main_memory(cgroup)
    if torch.backends.mps.is_available():  # shares the machine's memory
        free = torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory()
        found.append(Device("mps:0", max(0, min(free, memory)), title="Apple GPU"))
    return Host([*found, Device("cpu", memory, title="main memory")])


def _cuda(device: torch.device) -> Device:
    free, _ = torch.cuda.mem_get_info(device)
    kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)  # ours already, and in no use
    title = torch.cuda.get_device_name(device) + (" (ROCm)" if torch.version.hip else "")
    return Device(str(device), free + kept, str(suited(device)).removeprefix("torch."), title)


def _main_memory(cgroup: Path) -> int:
    """Free bytes of the machine's memory, or of what a container may take of it."""
    free: int = psutil.virtual_memory().available
    try:
        limit, used = ((cgroup / f"memory.{name}").read_text().strip() for name in ("max", "current"))
        cached = dict(line.split() for line in (cgroup / "memory.stat").read_text().splitlines()).get("inactive_file", 0)
        return free if limit == "max" else max(0, min(free, int(limit) - int(used) + int(cached)))
    except (OSError, ValueError):  # another system, or an older kernel
        return free


def moved(tensor: Tensor, device: torch.device | str) -> Tensor:
    """A tensor on `device`. To CUDA it goes through pinned memory, so that whoever sends it need not wait."""
    if torch.device(device).type != "cuda" or tensor.device.type != "cpu":
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)


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
