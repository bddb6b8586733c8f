"""Results kept for a while: the turns of a thread are read again for every question about it.

A result is found by a hash of its task and its text, so that no text is kept beside it. Decoding is deterministic and the
models of an engine do not change while it lives; hence a result that is kept is the one that would be computed.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from cachetools import TTLCache


class Results:
    """The latest results, the least recently used one leaving first.

    Args:
        characters: how much text they may stand for in all; 0 keeps none.
        seconds: how long each is kept.
    """

    def __init__(self, *, characters: int, seconds: float) -> None:
        self._kept: TTLCache[bytes, tuple[int, Any]] = TTLCache(characters, seconds, getsizeof=lambda kept: kept[0])

    def get(self, key: bytes) -> Any:
        """The result of this key, or None."""
        found = self._kept.get(key)
        return found and found[1]

    def put(self, key: bytes, result: object, *, characters: int) -> None:
        """Keep a result that stands for so much text, if there is room for as much."""
        if characters <= self._kept.maxsize:
            self._kept[key] = characters, result


def key(task: str, item: object) -> bytes:
    """What a request is found by: a hash of its task and of its text with what else it was called with."""
    return blake2b(ascii((task, item)).encode(), digest_size=16).digest()
