"""Answers that are shown while they are written: from steps on the device to pieces of text."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractContextManager
from typing import NamedTuple

from models.types import Generation


class Progress(NamedTuple):
    """An answer so far, as far as nothing to come can change it; `cut` where it ended because it may not be longer."""

    text: str
    ended: bool
    cut: bool


def stream(
    step: Callable[[], Awaitable[Progress]], inside: Callable[[], AbstractContextManager[None]], *, model: str, read: int
) -> Generation:
    """A generation that goes a `step` further whenever more of it is wanted; it stays `inside` until it ends."""

    async def pieces() -> AsyncGenerator[str, None]:
        shown, ended = 0, False
        with inside():
            while not ended:
                text, ended, generation.cut = await step()
                if len(text) > shown:
                    piece, shown = text[shown:], len(text)
                    yield piece

    generation = Generation(pieces(), model, read)
    return generation
