"""The memory that a way takes, measured in a process of its own."""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import forkserver

from models.bench.ways import Open


def prepare() -> None:
    """Start the process of which those that are measured are forks; it imports the libraries meanwhile.

    A fork of this one would inherit what is loaded here, and a fresh process would spend seconds on imports. For the main
    thread only.
    """
    multiprocessing.get_context("forkserver").set_forkserver_preload(["models.bench.compare"])
    obeyed = signal.signal(signal.SIGINT, signal.SIG_IGN)  # which it inherits: Ctrl-C is for this process to answer
    try:
        forkserver.ensure_running()
    finally:
        signal.signal(signal.SIGINT, obeyed)


async def peak(open_way: Open, texts: Sequence[str], *, threads: int | None) -> int:
    """Bytes that a process grows by at most while it opens a way and answers `texts`, its libraries imported before.

    Call `prepare` before. Raises `concurrent.futures.BrokenExecutor` where the process was killed, such as for its memory.
    """
    processes = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(1, processes) as pool:
        try:
            return await asyncio.wrap_future(pool.submit(_peak, open_way, list(texts), threads))
        except asyncio.CancelledError:  # for which the pool would let the process come to its end
            for process in multiprocessing.active_children():
                process.terminate()
            raise


def _peak(open_way: Open, texts: list[str], threads: int | None) -> int:
    from models.bench.compare import opened

    async def answer() -> None:
        async with opened(threads) as (engine, catalog):
            run = await open_way(engine, catalog)
            await run(texts)

    before = _highest()
    asyncio.run(answer())
    return _highest() - before


def _highest() -> int:
    """The most bytes that this process held at once."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
