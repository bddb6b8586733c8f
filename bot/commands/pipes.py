"""Standard input and output beside the event loop, which goes on while they block."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from io import BufferedIOBase
from threading import Thread
from typing import ParamSpec, TypeVar

LONGEST_LINE = 4 * 2**20  # bytes; what one line may make the process hold
_CHUNK = 2**16  # bytes

P = ParamSpec("P")
Returned = TypeVar("Returned")


async def aside(call: Callable[P, Returned], /, *args: P.args, **kwargs: P.kwargs) -> Returned:
    """Run a blocking call on a thread of its own.

    Unlike `asyncio.to_thread`, a program that is interrupted meanwhile does not wait for the call: a silent pipe may
    never answer.
    """
    future: Future[Returned] = Future()

    def work() -> None:
        future.set_running_or_notify_cancel()
        try:
            future.set_result(call(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)

    Thread(target=work, daemon=True).start()
    return await asyncio.wrap_future(future)


async def lines(stream: BufferedIOBase, *, longest: int = LONGEST_LINE) -> AsyncIterator[bytes | None]:
    """Each line as it arrives, without its end; None in place of one of more than `longest` bytes."""
    begun, too_long = b"", False
    while chunk := await aside(stream.read1, _CHUNK):
        *ended, begun = (begun + chunk).split(b"\n")
        for line in ended:
            yield None if too_long or len(line) > longest else line.rstrip(b"\r")
            too_long = False
        if len(begun) > longest:
            begun, too_long = b"", True
    if begun or too_long:
        yield None if too_long else begun.rstrip(b"\r")
