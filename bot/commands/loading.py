"""Shows how far the loading of the models is: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import gc
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bot.platforms.console import ACCENT
from bot.wording import elapsed

Report = Callable[[str, int, int], None]
"""Takes the name of a model, how many are loaded, and of how many."""


class Warmable(Protocol):
    """What has models to load."""

    def warm(self, report: Report) -> Awaitable[None]:
        """Load them all; call `report` before and after each."""


async def load(engine: Warmable, console: Console) -> None:
    """Load every model of the profile and say so on `console`. Raises `EngineError`."""
    begun, models = time.perf_counter(), 0
    columns = (
        TextColumn("Loading"),
        BarColumn(24, complete_style=ACCENT),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
    )
    if not console.is_terminal:
        console.print("Loading the models …")
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=None)

        def report(name: str, done: int, total: int) -> None:
            nonlocal models
            models = total
            progress.update(bar, completed=done, total=total, description=name)

        await engine.warm(report)
    console.print(f"Loaded {models} model{'s' * (models != 1)} in {elapsed(time.perf_counter() - begun)}.", style="dim")


def settle() -> None:
    """Keep what is loaded by now out of the garbage collector's way, for a process that lives long.

    The objects of libraries and models stay for good; to look through them all again and again would hold the event loop up
    for far longer than a request takes to be acknowledged.
    """
    gc.collect()
    gc.freeze()
