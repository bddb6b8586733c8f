"""Jobs that nobody waits for, and what becomes of them when Parley stops."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)

GRACE_S = 20.0
"""Seconds that answers under way get to be finished when Parley is stopped."""


LAST_WORDS_S = 5.0
"""Seconds that jobs which are cancelled get to say so to whoever waits for them."""


class Work:
    """Jobs under way; use it as `async with`. At its end they get some time, then they are cancelled.

    Whoever is cancelled at that end cuts the time short.
    """

    def __init__(self, *, grace_s: float = GRACE_S) -> None:
        self._grace_s = grace_s
        self._jobs: set[asyncio.Task[None]] = set()
        self._closing = False

    async def __aenter__(self) -> Work:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing = True
        try:
            await self._done(self._grace_s)
        finally:
            for job in self._jobs:
                job.cancel()
            await self._done(LAST_WORDS_S)

    async def _done(self, within_s: float) -> None:
        if self._jobs:
            await asyncio.wait(self._jobs, timeout=within_s)

    def begin(self, job: Coroutine[Any, Any, None]) -> None:
        """Start a job; an error in it is logged by its type alone. At the end none is started any more."""
        if self._closing:
            job.close()
            return
        task = asyncio.create_task(job)
        self._jobs.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._jobs.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a request failed with %s", type(error).__name__)
