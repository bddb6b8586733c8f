"""Many requests of one thread, without filling the waiting room that others need, too."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AT_ONCE = 64


async def each(call: Callable[[Item], Awaitable[Result]], items: Iterable[Item], *, at_once: int = AT_ONCE) -> list[Result]:
    """The results of `call` for all items, in order, with at most `at_once` under way. The first error ends the others."""
    free = asyncio.Semaphore(at_once)

    async def paced(item: Item) -> Result:
        async with free:
            return await call(item)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(paced(item)) for item in items]
    except ExceptionGroup as errors:  # not `except*`, out of which early releases of Python 3.11 raise a group again
        raise errors.exceptions[0] from None
    return [task.result() for task in tasks]
