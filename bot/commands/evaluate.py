"""`parley eval`: how good a model is on a team's own examples, and whether it is better than another one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bot.commands import measures
from bot.commands.batch import patient
from bot.commands.measures import MEASURES, Answered, Measure
from bot.platforms.console import ACCENT
from bot.settings import Settings
from bot.wiring import running
from handlers.base import HandlerError
from handlers.pace import each
from models import catalog
from models.evaluation.figures import RESAMPLES, Difference, compare
from models.types import EngineError, ModelUnavailable

AT_ONCE = 256  # requests, which fill batches


async def run(
    settings: Settings,
    task: str,
    data: Path,
    entries: Sequence[str | None],
    out: Console,
    err: Console,
    *,
    path: Path | None,
    seed: int,
) -> int:
    """Measure one entry or compare two, print it, and write it as JSON to `path` if there is one; returns the exit code.

    An entry is a name of the catalogue, a folder that `parley train` made, or None for what serves the task now.
    Raises `models.catalog.CatalogError`, `models.examples.DataError` and `ModelUnavailable`.
    """
    measure = MEASURES[task]
    rows = await asyncio.to_thread(measure.read, data)
    known = catalog.read(settings.profile, settings.models)
    results = [await _results(settings, known, measure, rows, entry, err) for entry in entries]
    differences = _differences(results, seed) if len(results) == 2 else {}
    for table in _tables(measure, results, differences, len(rows)):
        out.print(table)
        out.print()
    for line in _remarks(results, differences):
        out.print(line, style="dim", markup=False, soft_wrap=True)
    if path:
        written = _json(task, data, results, differences, seed)
        await asyncio.to_thread(path.write_text, json.dumps(written, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


async def _results(
    settings: Settings, known: catalog.Catalog, measure: Measure, rows: Sequence[Any], entry: str | None, err: Console
) -> Answered:
    """What an entry answers, as it is served, with the figures of that."""
    serving = measures.serving(known, measure, entry)
    name = entry or measure.usual
    columns = (TextColumn("{task.description}"), BarColumn(24, complete_style=ACCENT), MofNCompleteColumn())
    shown = err.is_terminal
    async with running(patient(settings).model_copy(update={"cache": 0}), serving) as parley:
        with Progress(*columns, TimeRemainingColumn(), console=err, transient=True, disable=not shown) as progress:
            bar = progress.add_task(name, total=len(rows))

            async def ask(row: Any) -> Any:
                try:
                    return await measure.ask(parley, row)
                except ModelUnavailable:
                    raise
                except (EngineError, HandlerError):
                    return None
                finally:
                    progress.advance(bar)

            given = await each(ask, rows, at_once=AT_ONCE)
    return await asyncio.to_thread(measures.answered, name, measure, rows, given)


def _differences(results: Sequence[Answered], seed: int) -> dict[str, Difference]:
    first, second = results
    pairs = zip(first.figures, second.figures, strict=True)
    return {ours.name: compare(ours, theirs, seed=seed) for ours, theirs in pairs}


def _tables(
    measure: Measure, results: Sequence[Answered], differences: Mapping[str, Difference], items: int
) -> Sequence[Table]:
    places = measure.places
    table = Table(box=None, pad_edge=False)
    table.add_column(f"{items:,} examples")
    for name in [*(found.name for found in results), *(["difference", "95 % interval", "p"] if differences else [])]:
        table.add_column(name, justify="right", overflow="fold")
    for figures in zip(*(found.figures for found in results), strict=True):
        cells = [f"{figure.value:.{places}f}" for figure in figures]
        if gap := differences.get(figures[0].name):
            cells += [f"{gap.value:+.{places}f}", f"{gap.low:+.{places}f} to {gap.high:+.{places}f}", f"{gap.p:.3f}"]
        table.add_row(figures[0].name, *cells)
    return [table, *(_labels(found, len(results) > 1) for found in results if found.labels)]


def _labels(found: Answered, several: bool) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(f"label, {found.name}" if several else "label", overflow="fold")
    for name in ("precision", "recall", "F1", "examples"):
        table.add_column(name, justify="right")
    for row in found.labels:
        table.add_row(row.label, f"{row.precision:.3f}", f"{row.recall:.3f}", f"{row.f1:.3f}", f"{row.examples:,}")
    return table


def _remarks(results: Sequence[Answered], differences: Mapping[str, Difference]) -> Sequence[str]:
    """How it was measured, and what was left unanswered."""
    lines = [f"{found.name}: {found.model}" for found in results]
    lines += [f"{found.name} could not read {found.refused}; they count as wrong." for found in results if found.refused]
    lines += dict.fromkeys(f"{figure.name}: {figure.note}" for figure in results[0].figures if figure.note)
    if differences:
        lines.append(f"paired bootstrap, {RESAMPLES:,} resamples")
    return lines


def _json(
    task: str, data: Path, results: Sequence[Answered], differences: Mapping[str, Difference], seed: int
) -> dict[str, Any]:
    entries = [
        {
            "entry": found.name,
            "model": found.model,
            "refused": found.refused,
            "figures": {figure.name: figure.value for figure in found.figures},
            "how": {figure.name: figure.note for figure in found.figures if figure.note},
            "labels": [asdict(row) for row in found.labels],
        }
        for found in results
    ]
    gaps = {name: asdict(difference) for name, difference in differences.items()}
    compared = {"differences": gaps, "resamples": RESAMPLES, "seed": seed} if gaps else {}
    return {"task": task, "data": str(data), "entries": entries, **compared}
