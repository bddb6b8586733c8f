"""Where which model goes: estimates against the free memory of a host's devices. Knows no torch.

A model fits where its weights and a reserve for activations are free. The models of a device take turns, so that they share
one reserve, the largest of theirs: a quarter of the weights, but no less than 256 MiB. The states of a batch, and the keys
and values that are kept of it, grow with a model's width and depth, as its weights do: for 1280 tokens with four beams, 12
layers of 1024 keep 250 MiB in half precision, beside the 780 MiB of BART-large's weights. What a batch takes beyond that is
dealt with as it runs: the batch is halved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from models.footprint import BYTES, PACKED, Footprint
from models.types import ModelUnavailable

RESERVE, SHARE = 256 << 20, 4
"""The least reserve, in bytes, and which part of the weights it is otherwise."""

FASTEST = ("cuda", "mps", "cpu")
"""Kinds of devices, the one that "auto" takes first before the others. ROCm's are called cuda as well."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device of a host: torch's name for it, its free bytes, the dtype that suits it, and what people call it."""

    name: str
    free: int
    dtype: str = "float32"
    title: str = ""

    @property
    def kind(self) -> str:
        """Its name without the number."""
        return self.name.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Host:
    """What a machine can compute on."""

    devices: Sequence[Device]

    def offered(self, wish: str) -> list[Device]:
        """The devices that `wish` means: "auto" all of the fastest kind, "cuda" any of that kind, otherwise the one named.

        Raises `ModelUnavailable` where there is none.
        """
        kinds = [kind for kind in FASTEST if any(device.kind == kind for device in self.devices)]
        named = kinds[0] if wish == "auto" and kinds else wish
        found = [device for device in self.devices if named in (device.name, device.kind)]
        if not found:
            raise ModelUnavailable(self.absent(wish))
        return found

    def has(self, wish: str) -> bool:
        """Whether any device is what `wish` means."""
        return wish == "auto" or any(wish in (device.name, device.kind) for device in self.devices)

    def absent(self, *wishes: str) -> str:
        """What to say of wishes, one of which means no device that is here."""
        wish = next(wish for wish in wishes if not self.has(wish))
        here = ", ".join(device.name for device in self.devices)
        return f"The device {wish!r} is not available here; choose one of: auto, {here}."


@dataclass(frozen=True, slots=True)
class Want:
    """A model that is to be placed.

    Attributes:
        name: of its entry.
        model: what sentences call it.
        dtype: "auto" for the device's own.
        devices: where its replicas go, each to one; () for wherever there is room.
    """

    name: str
    model: str
    footprint: Footprint
    dtype: str = "auto"
    quantization: str = "none"
    devices: tuple[str, ...] = ()

    def on(self, device: Device) -> int:
        """Bytes of its weights there."""
        return self.footprint.bytes(self.dtype_on(device), self.quantization)

    def dtype_on(self, device: Device) -> str:
        """The dtype it has there."""
        return device.dtype if self.dtype == "auto" else self.dtype


@dataclass(frozen=True, slots=True)
class Placing:
    """A model, or one of its replicas, on a device with `free` bytes, where others want the `reserve`."""

    want: Want
    device: Device
    free: int
    reserve: int

    @property
    def weights(self) -> int:
        """Bytes."""
        return self.want.on(self.device)

    @property
    def precision(self) -> str:
        """Its dtype, or how it is quantized."""
        return self.want.dtype_on(self.device) if self.want.quantization == "none" else self.want.quantization

    @property
    def needed(self) -> int:
        """Bytes of weights and reserve."""
        return self.weights + max(self.reserve, RESERVE, self.weights // SHARE)

    @property
    def fits(self) -> bool:
        """Whether there is room."""
        return self.needed <= self.free


def plan(wants: Iterable[Want], host: Host, *, device: str = "auto") -> dict[str, tuple[Placing, ...]]:
    """Where each model goes, by its entry: one placing, or one for each replica; some may not fit.

    Those that name a device come first, then the largest, each to the device with the most free memory; `device` says which
    there are for those that name none. A model that names a device which is not there is left out. Raises
    `ModelUnavailable` where `device` is not there.
    """
    free = {each.name: each.free for each in host.devices}
    reserve = dict.fromkeys(free, 0)
    placed: dict[str, tuple[Placing, ...]] = {}
    for want in sorted(wants, key=lambda want: (not want.devices, -want.footprint.parameters)):
        if not all(map(host.has, want.devices)):
            continue
        placings = []
        for choice in [host.offered(wish) for wish in want.devices] or [host.offered(device)]:
            chosen = max(choice, key=lambda each: free[each.name])  # the first of equals
            placing = Placing(want, chosen, free[chosen.name], reserve[chosen.name])
            if placing.fits:
                free[chosen.name] -= placing.weights
                reserve[chosen.name] = placing.needed - placing.weights
            placings.append(placing)
        placed[want.name] = tuple(placings)
    return placed


def refusal(placing: Placing, host: Host) -> str:
    """Why a model is not loaded: what it needs, what is free, and what would fit."""
    ways = [f"{words} ({size(other.needed)})" for words, other in _alternatives(placing, host) if other.fits]
    what = f"set {_either(ways)} in its entry" if ways else "nothing here has room for it, choose a smaller checkpoint"
    return (
        f"{placing.want.model} needs {size(placing.needed)} on {placing.device.name}, "
        f"where {size(placing.free)} are free; {what}."
    )


def _alternatives(placing: Placing, host: Host) -> Iterator[tuple[str, Placing]]:
    """Other ways to run a model, with what to write into its entry."""
    want = placing.want
    half = "bfloat16" if placing.device.dtype == "float32" else placing.device.dtype
    if BYTES[half] < BYTES[want.dtype_on(placing.device)]:
        yield f'dtype = "{half}"', replace(placing, want=replace(want, dtype=half))
    for quantization, size in PACKED.items():
        if size < PACKED.get(want.quantization, 8):
            yield f'quantization = "{quantization}"', replace(placing, want=replace(want, quantization=quantization))
    for other in host.devices:
        if other.name != placing.device.name:
            yield f'device = "{other.name}"', Placing(want, other, other.free, 0)


def _either(ways: Sequence[str]) -> str:
    return " or ".join([", ".join(ways[:-1]), ways[-1]] if len(ways) > 1 else ways)


def size(number: int) -> str:
    """Bytes in words."""
    return f"{number / 1e9:.1f} GB" if number >= 10**9 else f"{number / 1e6:.0f} MB"
