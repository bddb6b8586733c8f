"""Where an answer can be said, and the patience of whoever waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Generic, Protocol, TypeVar

from bot import wording
from bot.platforms.asked import Asked
from bot.platforms.posts import Posts
from models.types import Stopped

SLOW_S = 2.0
"""Seconds after which whoever waits is told that an answer is being made."""

WAIT = "One moment, I am reading."

M = TypeVar("M")
M_contra = TypeVar("M_contra", contravariant=True)


class Outlet(Protocol[M_contra]):
    """One place for one answer."""

    async def wait(self) -> None:
        """Tell whoever asked that it takes a while."""

    async def say(self, messages: Sequence[M_contra], sources: Collection[str] = ()) -> None:
        """Say the answer, in place of what told to wait; `sources` are the messages that it shows words of."""

    async def remove(self) -> None:
        """Take away what was clicked on, where only one person sees it."""


def answering(key: str) -> str:
    """What is posted in answer to a message, apart from what only quotes it, as the database knows it."""
    return f"{key}:answer"


@asynccontextmanager
async def patience(outlet: Outlet[M], plain: Callable[[str], M]) -> AsyncIterator[None]:
    """Tell whoever asked to wait if the block takes long, and to ask again if it is cancelled, as Parley stops.

    `plain` makes a message of a sentence.
    """

    async def tell() -> None:
        await asyncio.sleep(SLOW_S)
        telling.set()
        await outlet.wait()

    telling = asyncio.Event()
    task = asyncio.create_task(tell(), name="patience")
    try:
        try:
            yield
        finally:
            if not telling.is_set():
                task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    except asyncio.CancelledError:
        await outlet.say([plain(wording.sentence(Stopped()))])
        raise


class InThread(Generic[M]):
    """A thread, or a channel in reply to a message, where everybody sees the answer."""

    def __init__(self, posts: Posts[M], asked: Asked, plain: Callable[[str], M]) -> None:
        self._posts, self._plain = posts, plain
        self._channel, self._root = asked.channel, asked.root or asked.message
        self._asked = [*asked.keys, *map(answering, asked.keys)]
        self._waiting: str | None = None
        self._said: list[str] = []

    async def wait(self) -> None:
        """Post a line that the answer is written over."""
        await self._begin()
        self._waiting = await self._posts.post(self._channel, self._root, self._plain(WAIT), self._asked)

    async def _begin(self) -> None:
        """Make the place ready; called before anything is posted there, once or more often."""

    async def say(self, messages: Sequence[M], sources: Collection[str] = ()) -> None:
        """Post the answer; nothing if a message that it is about is gone."""
        about = [*self._asked, *sources]
        if not messages:
            await self.withdraw()
            return
        await self._begin()
        for message in messages:
            waiting, self._waiting = self._waiting, None
            kept = waiting and await self._posts.put(self._channel, waiting, message, about)
            post = waiting if kept else await self._posts.post(self._channel, self._root, message, about)
            if not post:
                return
            self._said.append(post)

    async def withdraw(self) -> None:
        """Take back what was posted, be it only what told to wait."""
        posts, self._waiting, self._said = [*self._said, self._waiting], None, []
        for post in filter(None, posts):
            await self._posts.delete(self._channel, post)

    async def remove(self) -> None:
        """Nothing: what everybody sees stays."""
