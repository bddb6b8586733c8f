"""`parley bench`: how fast Parley is on this machine, each figure next to a reference measured in the same run."""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from bot.commands import loading
from bot.settings import Settings
from bot.wiring import running
from models import catalog

if TYPE_CHECKING:
    from models.bench.figures import Figure


async def run(settings: Settings, out: Console, path: Path | None) -> int:
    """Measure, print the table, and write it as JSON to `path` if there is one; returns the exit code."""
    figures = _commands()
    async with running(settings.model_copy(update={"cache": 0})) as parley:
        await loading.load(parley.engine, Console(stderr=True))
        from models.bench import sentiment, translation  # torch, which is there by now
        from models.load import found

        chosen = catalog.read(settings.profile, settings.models)
        with out.status("Measuring; this takes about two minutes") if out.is_terminal else out.capture():
            figures += await sentiment.measure(parley.engine, chosen)
            if isinstance(entry := chosen.tasks.get("translate-en-pt"), catalog.StudentTask):
                figures += await translation.measure(found(entry), call=parley.engine.on_device)
    out.print(_table(figures))
    if path:
        rows = [asdict(figure) | {"ratio": figure.ratio} for figure in figures]
        await asyncio.to_thread(path.write_text, json.dumps(rows, indent=1) + "\n")
    return 0


def _commands() -> list[Figure]:
    """How long `--help` and the demo take as a user starts them, against what they may take, and the demo's memory."""
    from models.bench.figures import Figure

    figures = []
    for command, seconds in (("--help", 0.5), ("demo", 40.0)):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "bot", command], capture_output=True, check=True, timeout=300)
        figures.append(Figure(f"parley {command}", "s", time.perf_counter() - begun, seconds, "<= 1"))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return [*figures, Figure("parley demo, peak memory", "GB", peak / 1e9, 1.5, "<= 1")]


def _table(figures: list[Figure]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("figure", overflow="fold")
    for name in ("Parley", "reference", "ratio", "wanted"):
        table.add_column(name, justify="right")
    for figure in figures:
        ours, reference = (f"{value:.3g} {figure.unit}" for value in (figure.ours, figure.reference))
        table.add_row(figure.name, ours, reference, f"{figure.ratio:.2f}", figure.wanted)
    return table
