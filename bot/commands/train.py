"""`parley train`: a team's own examples in, a model of their own out, as an entry of the catalogue."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bot.platforms.console import ACCENT
from bot.settings import Settings
from models import catalog
from models.device import choose
from models.store.cache import Store
from models.training.custom.course import Outcome, Plan, train
from models.training.custom.loop import Epoch, Interrupted, Pace
from models.training.custom.subjects import Figures, listed

__all__ = ["Pace", "Plan", "run"]

INTERRUPTED = 130


class Screen:
    """Shows how a training goes: a bar on a terminal, and a line for each epoch everywhere."""

    def __init__(self, console: Console, epochs: int) -> None:
        self._console, self._epochs = console, epochs
        columns = (TextColumn("{task.description}"), BarColumn(24, complete_style=ACCENT), MofNCompleteColumn())
        times = (TimeRemainingColumn(), TextColumn("loss {task.fields[loss]:.3f}"))
        self.progress = Progress(*columns, *times, console=console, transient=True, disable=not console.is_terminal)
        self._bar = self.progress.add_task("", total=None, loss=float("nan"))

    def begun(self, base: str, taught: Mapping[str, int], held: Mapping[str, int], learning: tuple[int, int]) -> None:
        """Say what there is to learn from."""
        self._console.print(f"Training from {base}: {learning[0]:,} of {learning[1]:,} weights learn.", soft_wrap=True)
        for name, counts in (("taught", taught), ("held out", held)):
            kinds = ", ".join(f"{count} {kind}" for kind, count in counts.items())
            self._console.print(f"{sum(counts.values()):,} examples are {name}: {kinds}.", markup=False, soft_wrap=True)

    def step(self, epoch: int, step: int, steps: int, loss: float) -> None:
        """Move the bar."""
        self.progress.update(self._bar, completed=step, total=steps, loss=loss, description=f"epoch {epoch}/{self._epochs}")

    def epoch(self, epoch: Epoch, *, best: bool) -> None:
        """Say what an epoch came to."""
        losses = f"loss {epoch.loss:.3f}, held out {epoch.held:.3f}"
        star = " · best so far" if best else ""
        self._console.print(
            f"epoch {epoch.number}/{self._epochs} · {losses} · {listed(epoch.figures)}{star}", soft_wrap=True
        )


def run(settings: Settings, plan: Plan, out: Console, err: Console, *, resume: bool) -> int:
    """Train, and print the figures and the lines for the catalogue; returns the exit code.

    Raises `models.catalog.CatalogError`, `models.examples.DataError` and `models.types.EngineError`.
    """
    known = catalog.read(settings.profile, settings.models)
    device, _ = choose(settings.device)
    screen = Screen(err, plan.pace.epochs)
    try:
        with screen.progress, stoppable() as stop:
            store, threads = Store(settings.models_dir), settings.threads
            made = train(plan, known, device, tell=screen, store=store, threads=threads, resume=resume, stop=stop)
    except Interrupted:
        err.print(
            f"Stopped. What was learned lies in {plan.state}; the same command with --resume goes on from there.",
            soft_wrap=True,
        )
        return INTERRUPTED
    report(made, out)
    return 0


def report(made: Outcome, out: Console) -> None:
    """Print the figures, what they do not say, and how the model is used."""
    out.print(_table(made.before, made.after))
    for note in made.notes:
        out.print(note, markup=False, soft_wrap=True)
    out.print(f"\n{made.folder} holds the model, its card and a plot.", markup=False, soft_wrap=True)
    out.print("To use it, put these lines into the TOML file that PARLEY_MODELS names:\n")
    out.print(made.entries.rstrip(), markup=False, soft_wrap=True)


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed, so that the step under way can end; pressed again, it ends the program at once."""
    asked = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)


def _table(before: Figures | None, after: Figures) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("on the examples held out")
    for name in (["before"] if before else []) + ["after"]:
        table.add_column(name, justify="right")
    for name, value in after.items():
        table.add_row(name, *([f"{before[name]:.3f}"] if before else []), f"{value:.3f}")
    return table
