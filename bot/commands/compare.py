"""`parley compare`: the same task in several ways, as transformers and PyTorch divide the work."""

from __future__ import annotations

import asyncio
import difflib
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import regex
from rich.console import Console, Group, RenderableType
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from bot.platforms.console import ACCENT, printable
from bot.settings import Settings
from models.examples import DataError
from models.types import ModelUnavailable

if TYPE_CHECKING:
    from models.bench.compare import Comparison, Row

LONGEST = 160
"""Characters of a text or an answer that are shown."""

DIFFERENT = "≠"
LEGEND = (
    "memory: the most that a process grows by, libraries aside. ratio: of texts/s to the first way that there is. "
    "same: how many answers are as its own."
)
WORD = regex.compile(r"\S+\s*")


async def run(
    settings: Settings,
    names: Sequence[str],
    out: Console,
    err: Console,
    *,
    text: str | None = None,
    file: Path | None = None,
    path: Path | None = None,
) -> int:
    """Compare the ways of the tasks in `names`, print it, and write it as JSON to `path` if there is one.

    `text` is answered first and shown; the lines of `file` come in the place of the texts that Parley brings along.
    Returns the exit code; raises `EngineError` and `models.examples.DataError`.
    """
    own = await asyncio.to_thread(_lines_of, file) if file else None
    compared = [comparison async for comparison in _compared(settings, names, text, own, err)]
    draw = drawn if out.is_terminal else plain
    for number, comparison in enumerate(compared):
        if number:
            out.print()
        out.print(draw(comparison), soft_wrap=not out.is_terminal)
    out.print(Text(f"\n{LEGEND}", "dim"), soft_wrap=not out.is_terminal)
    if path:
        written = json.dumps(_json(compared), indent=1, ensure_ascii=False) + "\n"
        await asyncio.to_thread(path.write_text, written, encoding="utf-8")
    return 0


async def _compared(
    settings: Settings, names: Sequence[str], text: str | None, own: Sequence[str] | None, err: Console
) -> AsyncIterator[Comparison]:
    """The comparisons, one after the other, with progress on `err`."""
    from models.bench import memory

    memory.prepare()  # before torch is imported here, so that both import it side by side
    bar_column = BarColumn(24, complete_style=ACCENT)
    columns = (TextColumn("Comparing"), bar_column, TimeElapsedColumn(), TextColumn("{task.description}"))
    if not err.is_terminal:
        err.print("Comparing; this takes about a minute …")
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        bar = progress.add_task("loading the libraries", total=None)
        from models.bench.compare import SUBJECTS, compare, steps

        subjects = [SUBJECTS[name] for name in names]
        progress.update(bar, total=sum(map(steps, subjects)))
        for subject in subjects:

            def report(step: str, name: str = subject.name) -> None:
                progress.update(bar, advance=1, description=f"{name}, {step}")

            texts = [*([text] if text else []), *(subject.texts() if own is None else own)]
            try:
                yield await compare(subject, texts, report, threads=settings.threads)
            except BrokenExecutor as error:
                cause = "A process was stopped while its memory was measured; make more memory free."
                raise ModelUnavailable(cause) from error


def _lines_of(file: Path) -> list[str]:
    """The texts in a file, one in a line. Raises `DataError`."""
    try:
        found = [line.strip() for line in file.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except OSError as error:
        raise DataError(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise DataError(f"{file} is not in UTF-8; save it so.") from error
    if not found:
        raise DataError(f"{file} holds no texts; write one in each line.")
    return found


def heading(comparison: Comparison) -> str:
    """What the ways have in common."""
    network, count = comparison.network, len(comparison.texts)
    size = f"{network.parameters / 1e6:.1f} million parameters, {decimal(network.stored)} on disk"
    return f"{comparison.subject}: {network.name}, {size}; {count} text{'s' * (count != 1)}, on the CPU"


def drawn(comparison: Comparison) -> RenderableType:
    """The comparison as a table, with who does what below it."""
    table = Table(box=None, pad_edge=False)
    table.add_column("way", no_wrap=True)
    table.add_column("layers", no_wrap=True)
    for name in ("memory", "texts/s", "ratio", "same"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("first answer", overflow="fold")
    for way in comparison.gone:
        table.add_row(way.name, *[""] * 5, Text(way.gone, "dim"))
    for row in comparison.rows:
        table.add_row(row.way.name, *_figures(comparison, row), _marked(comparison, row))
    above = [Text(heading(comparison), "bold"), Text(_quoted(comparison), "italic")]
    return Group(*above, table, *(Text(line, "dim") for line in _explained(comparison)))


def plain(comparison: Comparison) -> RenderableType:
    """The comparison with each way on a line of its own, for a pipe."""
    lines = [heading(comparison), _quoted(comparison)]
    lines += [f"{way.name}: {way.gone}" for way in comparison.gone]
    for row in comparison.rows:
        layers, memory, rate, ratio, same = _figures(comparison, row)
        figures = f"{layers}, {memory}, {rate} texts/s, ratio {ratio}, {same} the same"
        lines.append(f"{row.way.name}: {figures}: {_marked(comparison, row).plain}")
    return Text("\n".join([*lines, *_explained(comparison)]))


def _quoted(comparison: Comparison) -> str:
    return f"“{_short(comparison.texts[0])}”"


def _figures(comparison: Comparison, row: Row) -> tuple[str, str, str, str, str]:
    same = f"{row.same}/{len(comparison.texts)}"
    return row.way.numbers, decimal(row.peak), f"{row.rate:.3g}", f"{row.ratio:.2f}", same


def _marked(comparison: Comparison, row: Row) -> Text:
    """A way's first answer; words that the first way does not have there are bold, with a mark before them all."""
    ours, theirs = row.answers[0], comparison.rows[0].answers[0]
    if ours.text == theirs.text:
        return Text(_short(str(ours)))
    words, others = (WORD.findall(_short(str(answer))) for answer in (ours, theirs))
    shown = Text(f"{DIFFERENT} ")
    for kind, _, _, start, end in difflib.SequenceMatcher(None, others, words, autojunk=False).get_opcodes():
        shown.append("".join(words[start:end]), "" if kind == "equal" else "bold")
    return shown


def _short(text: str) -> str:
    """As much of a text as is shown, in one line."""
    line = printable(" ".join(text.split()))
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _explained(comparison: Comparison) -> Iterator[str]:
    """Who does what in each way, a line each."""
    for way in (*comparison.gone, *(row.way for row in comparison.rows)):
        yield f"{way.name}: {way.does}"


def _json(compared: Sequence[Comparison]) -> dict[str, Any]:
    libraries = {name: version(name) for name in ("torch", "transformers")}
    return {**libraries, "comparisons": [_told(comparison) for comparison in compared]}


def _told(comparison: Comparison) -> dict[str, Any]:
    gone = [{"way": way.name, "gone": way.gone, "does": way.does} for way in comparison.gone]
    rows = [
        {
            "way": row.way.name,
            "does": row.way.does,
            "layers": row.way.numbers,
            "peak_memory": row.peak,
            "texts_per_second": row.rate,
            "ratio": row.ratio,
            "same": row.same,
            "answers": [answer._asdict() for answer in row.answers],
        }
        for row in comparison.rows
    ]
    return {"task": comparison.subject, **asdict(comparison.network), "texts": comparison.texts, "ways": gone + rows}
