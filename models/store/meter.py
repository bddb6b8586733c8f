"""How far a long piece of work is."""

from __future__ import annotations

from typing import Protocol


class Meter(Protocol):
    """Is told of one file after another. What does not show anything is `Silent`."""

    def begin(self, name: str, total: int, done: int = 0) -> None:
        """A file of `total` bytes comes next, `done` of which are there already."""

    def advance(self, count: int) -> None:
        """Another `count` bytes of it are done."""


class Silent:
    """Shows nothing."""

    def begin(self, name: str, total: int, done: int = 0) -> None:
        """Nothing."""

    def advance(self, count: int) -> None:
        """Nothing."""
