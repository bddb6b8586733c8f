"""`parley models info`: what each model of the profile would take of this machine, and where it would go."""

from __future__ import annotations

from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from bot.settings import Settings
from models import catalog
from models.store.cache import Store
from models.survey import Prospect, survey


def run(settings: Settings, device: str | None, out: Console) -> int:
    """Print it; no weights are read. Returns the exit code: 1 where a model would not fit."""
    from models.device import host  # imports torch

    here = host()
    store = Store(settings.models_dir)
    chosen = catalog.read(settings.profile, settings.models)
    found = [*survey(chosen, store, here, device=device or settings.device, dtype=settings.dtype)]
    for spot in here.devices:
        out.print(f"{spot.name}: {decimal(spot.free)} free, {spot.title}, {spot.dtype}", soft_wrap=True, markup=False)
    out.print()
    out.print(_table(found))
    out.print()
    for each in found:
        out.print(f"{each.name}: {each.words}", soft_wrap=True, markup=False)
    return 0 if all(placing.fits for each in found for placing in each.placings) else 1


def _table(found: list[Prospect]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("entry", "checkpoint"):
        table.add_column(name, overflow="fold")
    for name in ("parameters", "memory"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("dtype", "device", "fits"):
        table.add_column(name, no_wrap=True)
    for each in found:
        for row in _rows(each):
            table.add_row(each.name, each.model, *row)
    return table


def _rows(prospect: Prospect) -> list[list[str]]:
    """Parameters, memory, dtype, device and whether it fits: for each replica, or question marks."""
    rows = [
        [
            f"{placing.want.footprint.parameters / 1e6:,.1f} M",
            decimal(placing.weights),
            placing.precision,
            placing.device.name,
            "yes" if placing.fits else "no",
        ]
        for placing in prospect.placings
    ]
    return rows or [["?"] * 5]
