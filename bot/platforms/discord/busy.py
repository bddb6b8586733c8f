"""How much is going on in a channel: where many talk, an answer gets a thread of its own."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from cachetools import LRUCache

BUSY = 6
"""Messages within `WITHIN_S` seconds that make a channel a busy one."""

WITHIN_S = 60.0


class Traffic:
    """Counts the messages of each channel, without a word of them."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: LRUCache[int, deque[float]] = LRUCache(10_000)

    def passed(self, channel: int) -> None:
        """A message was written in a channel."""
        self._times.setdefault(channel, deque(maxlen=BUSY)).append(self._clock())

    def busy(self, channel: int) -> bool:
        """Whether there were so many within a minute that an answer would get lost among them."""
        times = self._times.get(channel, deque())
        return len(times) == BUSY and self._clock() - times[0] <= WITHIN_S
