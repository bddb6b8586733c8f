"""Small CPU jobs, off the event loop. Those that wait together go to the thread together.

A hop to a thread and back costs about as much as tokenizing a message; and many threads that fight for the interpreter's
lock slow the device's thread, which needs it between any two operations. So there is one thread, and one hop for all who
wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
Job = tuple[Callable[[], Any], asyncio.Future[Any]]


class Lane:
    """Runs jobs in order, on an executor."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._waiting: list[Job] = []
        self._pump: asyncio.Task[None] | None = None

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `function` on the thread; raises what it raises. A caller who left in the meantime is skipped."""
        ending: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((lambda: function(*args, **kwargs), ending))
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._run(), name="lane")
        return await ending

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while jobs := [job for job in self._waiting if not job[1].done()]:
            self._waiting.clear()
            outcomes = await loop.run_in_executor(self._executor, _each, [call for call, _ in jobs])
            for (_, ending), (value, error) in zip(jobs, outcomes, strict=True):
                if ending.done():
                    continue
                if error:
                    ending.set_exception(error)
                else:
                    ending.set_result(value)


def _each(calls: Sequence[Callable[[], Any]]) -> list[tuple[Any, Exception | None]]:
    """Each call's value or exception."""
    outcomes: list[tuple[Any, Exception | None]] = []
    for call in calls:
        try:
            outcomes.append((call(), None))
        except Exception as error:
            outcomes.append((None, error))
    return outcomes
