"""Shows how far files are that are fetched, copied or verified: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from bot.platforms.console import ACCENT
from models.store.meter import Meter


class _Bar:
    def __init__(self, progress: Progress, bar: TaskID) -> None:
        self._progress, self._bar = progress, bar

    def begin(self, name: str, total: int, done: int = 0) -> None:
        self._progress.reset(self._bar, total=total, completed=done, description=name)

    def advance(self, count: int) -> None:
        self._progress.advance(self._bar, count)


class _Lines:
    def __init__(self, console: Console) -> None:
        self._console, self._last = console, ""

    def begin(self, name: str, total: int, done: int = 0) -> None:
        if name != self._last:  # which is fetched, then verified
            there = f", {decimal(done)} of them here already" if done else ""
            self._console.print(f"  {name}, {decimal(total)}{there}", soft_wrap=True, markup=False)
        self._last = name

    def advance(self, count: int) -> None:
        """Nothing."""


@contextmanager
def meter(console: Console) -> Iterator[Meter]:
    """What to tell of files while they are worked on."""
    if not console.is_terminal:
        yield _Lines(console)
        return
    columns = (
        BarColumn(24, complete_style=ACCENT),
        DownloadColumn(),
        TransferSpeedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield _Bar(progress, progress.add_task("", total=None))
