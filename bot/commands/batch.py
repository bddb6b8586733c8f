"""`parley batch`: JSON lines in, JSON lines out, in the same order, with many requests in the models at once."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from io import BufferedIOBase
from typing import Any, NoReturn

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.traceback import Traceback

from bot.commands.pipes import LONGEST_LINE, aside, lines
from bot.commands.rows import TASKS, Fields, Row, RowRefused, Task
from bot.platforms.console import ACCENT
from bot.settings import Settings
from bot.wiring import Parley, running
from bot.wording import sentence
from handlers.base import HandlerError
from models.types import EngineError

WINDOW = 256  # lines between reading and writing: enough to fill batches, and a bound on memory
_NO_LIMIT = 10**9  # requests, and seconds
BROKEN_PIPE = 141  # what a shell reports of a program whose reader left

Line = bytes | None


async def in_order(
    source: AsyncIterator[Line],
    work: Callable[[int, Line], Coroutine[Any, Any, Row | None]],
    write: Callable[[Sequence[Row]], Awaitable[None]],
    *,
    window: int = WINDOW,
) -> None:
    """Work on many lines at once; write what comes of them in the order of the lines, as soon as it can be.

    Args:
        work: takes a line's number, from 1, and the line; returns None where there is nothing to write. Raises nothing.
        write: takes the rows that became ready while it wrote the ones before, at least one.
        window: how many lines may have been read and not written yet.
    """
    room = asyncio.Semaphore(window)
    flight, ready = asyncio.Queue[asyncio.Task[Row | None] | None](), asyncio.Queue[Row | None]()

    async def read() -> None:
        await room.acquire()
        number = 0
        async for line in source:
            flight.put_nowait(group.create_task(work(number := number + 1, line)))
            await room.acquire()
        flight.put_nowait(None)

    async def settle() -> None:
        while (task := await flight.get()) is not None:
            if (row := await task) is not None:
                ready.put_nowait(row)
            else:
                room.release()
        ready.put_nowait(None)

    async with asyncio.TaskGroup() as group:
        group.create_task(read())
        group.create_task(settle())
        ended = False
        while not ended:
            taken = await _taken(ready)
            ended = taken[-1] is None
            if rows := [row for row in taken if row is not None]:
                await write(rows)
            for _ in rows:
                room.release()


async def _taken(queue: asyncio.Queue[Row | None]) -> list[Row | None]:
    """All that waits in a queue; at least one."""
    taken = [await queue.get()]
    while not queue.empty():
        taken.append(queue.get_nowait())
    return taken


def parsed(line: Line) -> Row:
    """The object on a line. Raises `RowRefused`."""
    if line is None:
        raise RowRefused(f"The line is longer than {LONGEST_LINE // 2**20} MiB.")
    try:
        row = json.loads(line.decode("utf-8-sig"), parse_constant=_no_number, parse_float=_finite)
    except UnicodeDecodeError:
        raise RowRefused("The line is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise RowRefused(f"The line is not valid JSON at column {error.colno}.") from None
    except (ValueError, RecursionError):
        raise RowRefused("The line holds a number or a nesting that is too large to read.") from None
    if not isinstance(row, dict):
        raise RowRefused('The line must be a JSON object such as {"text": "Hello"}.')
    return row


def _no_number(name: str) -> NoReturn:
    raise RowRefused(f"The line is not valid JSON: {name} is not a number.")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(digits)
    return number


def printed(row: Row) -> bytes:
    """A row as a line of JSON in UTF-8."""
    try:
        return json.dumps(row, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    except UnicodeEncodeError:  # a lone surrogate in a field that is passed through
        return json.dumps(row, allow_nan=False).encode() + b"\n"


class Batch:
    """One run of a task over lines: makes the row that each becomes, and counts.

    Args:
        task: what is asked of the models.
        parley: who answers.
        failed: called with an exception that no one foresaw; the row gets a sentence all the same.
    """

    def __init__(self, task: Task, parley: Parley, failed: Callable[[Exception], None]) -> None:
        self._task, self._parley, self._failed = task, parley, failed
        self.refused = 0

    async def work(self, number: int, line: Line) -> Row | None:
        """The result for a line, or what is wrong with it; None for a blank one."""
        if line is not None and not line.strip():
            return None
        try:
            row = parsed(line)
            result = await self._task.run(self._parley, Fields(row))
        except Exception as error:  # whatever a line does to a model, the lines after it go on
            self.refused += 1
            return {"error": self._wording(error), "line": number}
        return {name: value for name, value in row.items() if name not in self._task.reads} | result

    def _wording(self, error: Exception) -> str:
        if isinstance(error, RowRefused):
            return str(error)
        if not isinstance(error, EngineError | HandlerError):
            self._failed(error)
        return sentence(error)


async def run(settings: Settings, task: str, source: BufferedIOBase, sink: BufferedIOBase, err: Console) -> int:
    """Answer each line of `source` in `sink`; returns the exit code: 1 where a line was refused, else 0."""

    def failed(error: Exception) -> None:
        if settings.debug:
            err.print(Traceback.from_exception(type(error), error, error.__traceback__))

    async with running(patient(settings)) as parley:
        batch = Batch(TASKS[task], parley, failed)
        with _progress(err, shown=err.is_terminal and not sink.isatty()) as progress:
            bar = progress.add_task("", total=None, refused=0)

            async def write(rows: Sequence[Row]) -> None:
                await aside(_write, sink, rows)
                progress.update(bar, advance=len(rows), refused=batch.refused)

            try:
                await in_order(lines(source), batch.work, write)
            except* BrokenPipeError:
                code = BROKEN_PIPE
            else:
                code = int(batch.refused > 0)
    return code


def patient(settings: Settings) -> Settings:
    """The settings for rows that nobody waits for: the window bounds how many there are, and each may take its time."""
    return settings.model_copy(update={"waiting": _NO_LIMIT, "deadline": float(_NO_LIMIT)})


def _write(sink: BufferedIOBase, rows: Sequence[Row]) -> None:
    sink.write(b"".join(map(printed, rows)))
    sink.flush()


def _progress(err: Console, *, shown: bool) -> Progress:
    counts = TextColumn("{task.completed:,.0f} lines · {task.fields[refused]:,} refused ·")
    return Progress(SpinnerColumn(style=ACCENT), counts, TimeElapsedColumn(), console=err, disable=not shown)
