"""What the models of a profile take of a host's memory, as far as their files tell without being read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models import placement
from models.catalog import AdapterTask, AutoTask, Catalog, Checkpoint, GenerateTask, StudentTask
from models.footprint import Footprint, of_download, of_folder
from models.placement import Host, Placing, Want, size
from models.store import lock, places
from models.store.cache import Store
from models.types import ModelUnavailable

Entry = Checkpoint | AdapterTask


@dataclass(frozen=True, slots=True)
class Prospect:
    """What would become of an entry on a host.

    Attributes:
        model: the checkpoint, or the adapter and its encoder.
        here: whether its files are on this machine.
        placings: for each replica; none where the size or the device is not known.
        words: all of it in a sentence.
    """

    name: str
    model: str
    here: bool
    placings: tuple[Placing, ...]
    words: str


def wants(catalog: Catalog, store: Store | None, *, dtype: str = "auto") -> list[Want]:
    """The whole checkpoints of a profile, in `dtype` where their entries name none; those of unknown size weigh nothing."""
    tasks = {name: entry for name, entry in catalog.tasks.items() if isinstance(entry, AutoTask)}
    return [want(name, entry, footprint(entry, store) or Footprint(0), dtype=dtype) for name, entry in tasks.items()]


def want(name: str, entry: AutoTask, footprint: Footprint, *, dtype: str = "auto") -> Want:
    """A whole checkpoint as its entry asks for it."""
    wished = dtype if entry.dtype == "auto" else entry.dtype
    return Want(name, entry.name, footprint, wished, entry.quantization, wishes(entry))


def wishes(entry: Entry) -> tuple[str, ...]:
    """The devices that an entry names; () where it leaves that open."""
    named = entry.device if isinstance(entry, AutoTask) else None
    several = (named,) if isinstance(named, str) else named or ()
    return () if several == ("auto",) else several


def footprint(entry: Checkpoint, store: Store | None) -> Footprint | None:
    """By an entry's files, or about, by the size that it gives for its download; None where nothing tells."""
    try:
        if folder := place(entry, store):
            return _measured(entry, folder)
    except ModelUnavailable:  # damaged, which loading will say
        pass
    half = isinstance(entry, GenerateTask)  # causal models are mostly stored in half precision, others in full
    return of_download(entry.size, "bfloat16" if half else "float32") if entry.size else None


def place(entry: Checkpoint, store: Store | None) -> Path | None:
    """The folder of an entry's files, none of which is compared with anything; None where it is not here."""
    if not entry.repository:
        return places.place(entry) if places.place(entry).is_dir() else None
    locked = store.locked(entry) if store and store.present(entry) else None
    return store.place(lock.key(entry), locked.commit) if store and locked else None


def survey(
    catalog: Catalog, store: Store | None, host: Host, *, device: str = "auto", dtype: str = "auto"
) -> Iterator[Prospect]:
    """What would become of each entry; nothing is loaded. Raises `ModelUnavailable` where `device` is not here."""
    first = host.offered(device)[0].name
    entries: dict[str, Entry] = {**catalog.encoders, **catalog.tasks}
    asked = {name: _asked(name, entry, catalog, store, first, dtype) for name, entry in entries.items()}
    plan = placement.plan([each for each in asked.values() if each], host, device=device)
    for name, entry in entries.items():
        files = entry if isinstance(entry, Checkpoint) else catalog.encoders[entry.encoder]
        model = entry.model if isinstance(entry, Checkpoint) else f"{Path(entry.adapter).name} on {entry.encoder}"
        here = _here(files, store)
        yield Prospect(name, model, here, plan.get(name, ()), _words(entry, here, plan.get(name, ()), host))


def _asked(name: str, entry: Entry, catalog: Catalog, store: Store | None, first: str, dtype: str) -> Want | None:
    """What an entry asks of the host; what is no whole checkpoint of its own always goes to the `first` device."""
    if isinstance(entry, AutoTask):
        known = _outlined(entry, store) or footprint(entry, store)
        return want(name, entry, known, dtype=dtype) if known else None
    if isinstance(entry, AdapterTask):
        base = footprint(catalog.encoders[entry.encoder], store)  # whose layers it has a copy of
        packing = _packing(entry, first, dtype)
        return Want(name, name, Footprint(base.linear, base.linear), dtype, packing, (first,)) if base else None
    known = footprint(entry, store)
    exact = "float32" if name in catalog.encoders else dtype  # adapters are merged in full precision
    return Want(name, entry.name, known, exact, devices=(first,)) if known else None


def _measured(entry: Checkpoint, folder: Path) -> Footprint:
    if isinstance(entry, StudentTask):  # which stores a parameter in a byte
        return Footprint(sum(path.stat().st_size for path in folder.glob("model.*.bin")))
    return of_folder(folder, pickles=entry.pickles, model=entry.name)


def _outlined(entry: AutoTask, store: Store | None) -> Footprint | None:
    """By the network that an entry's configuration describes; None where it is not here or describes none."""
    from models.auto import opening, skeleton  # which bring transformers

    try:
        folder = place(entry, store)
        return skeleton.footprint(opening.config(folder, entry)) if folder else None
    except ModelUnavailable:  # loading will say it
        return None


def _packing(entry: AdapterTask, device: str, dtype: str) -> str:
    from models.load import EXACT
    from models.tasks.int8 import available

    return "int8" if device == "cpu" and dtype == "auto" and entry.kind not in EXACT and available() else "none"


def _here(entry: Checkpoint, store: Store | None) -> bool:
    try:
        return place(entry, store) is not None
    except ModelUnavailable:
        return False


def _words(entry: Entry, here: bool, placings: tuple[Placing, ...], host: Host) -> str:
    if not all(map(host.has, wishes(entry))):
        return host.absent(*wishes(entry))
    if not placings:
        return "Not fetched, and its entry does not tell its size."
    for placing in placings:
        if not placing.fits:
            return placement.refusal(placing, host)
    where = " and ".join(f"{each.device.name}, where {size(each.free)} are left for it" for each in placings)
    return f"Goes to {where}." if here else f"Not fetched; by the size of its download it goes to {where}."
