"""What the bot posts where everybody sees it, and what goes again with the messages that it is about."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from typing import Generic, Protocol, TypeVar

from bot.platforms.asked import key
from bot.state import State

log = logging.getLogger(__name__)

M = TypeVar("M")
M_contra = TypeVar("M_contra", contravariant=True)


class NotPosted(Exception):
    """Raised where the bot may not post; a sentence for whoever wanted it to."""


class Wire(Protocol[M_contra]):
    """How messages get to the platform; ids are the platform's own."""

    async def send(self, channel: str, root: str | None, message: M_contra) -> Sequence[str]:
        """Post in the thread of `root`, or in reply to it, in as many posts as it takes; returns their ids.

        May raise `NotPosted`.
        """

    async def edit(self, channel: str, post: str, message: M_contra) -> bool:
        """Write over a post; False where it is gone."""

    async def delete(self, channel: str, post: str) -> None:
        """Delete a post, if it is still there."""

    def thread(self, channel: str, root: str | None) -> str | None:
        """What a post there takes part in; None where it is in no thread."""


class Posts(Generic[M]):
    """The bot's posts, and the messages that each is about.

    Args:
        home: the part of the platform in which the wire's ids mean something.
    """

    def __init__(self, wire: Wire[M], state: State, *, home: str) -> None:
        self._wire, self._state, self._home = wire, state, home

    def key(self, channel: str, message: str) -> str:
        """A message, as the database knows it."""
        return key(self._home, channel, message)

    async def took_part(self, channel: str, root: str | None) -> bool:
        """Whether the bot has answered in a thread."""
        thread = self._thread(channel, root)
        return thread is not None and bool(await self._state.posts(thread))

    async def post(self, channel: str, root: str | None, message: M, sources: Collection[str]) -> str | None:
        """Post into a thread, or into a channel; returns the (last) post's id, None where what it is about is gone already.

        May raise `NotPosted`.
        """
        if await self.gone(sources):
            return None
        stays = [await self.keep(channel, root, post, sources) for post in await self._wire.send(channel, root, message)]
        return stays[-1]

    async def keep(self, channel: str, root: str | None, post: str, sources: Collection[str]) -> str | None:
        """Remember what a post is about; None where that went meanwhile, and the post with it."""
        thread = self._thread(channel, root)
        await self._state.posted(self.key(channel, post), [*sources, *([thread] if thread else [])])
        if await self.gone(sources):
            await self.delete(channel, post)
            return None
        return post

    async def gone(self, sources: Collection[str]) -> bool:
        """Whether any of these messages was deleted lately."""
        return await self._state.buried(sources)

    async def put(self, channel: str, post: str, message: M, sources: Collection[str]) -> bool:
        """Write over a post of ours; False where the post is gone, or goes as what it is about is gone."""
        await self._state.posted(self.key(channel, post), sources)
        if not await self.gone(sources) and not await self._wire.edit(channel, post, message):
            return False
        if await self.gone(sources):
            await self.delete(channel, post)
            return False
        return True

    async def delete(self, channel: str, post: str) -> None:
        """Take a post of ours back, if it is still there."""
        await self._wire.delete(channel, post)
        await self._state.forget(self.key(channel, post))

    async def retract(self, channel: str, message: str) -> None:
        """A message is gone: it gets no answer any more, and what was posted about it goes, too."""
        gone = self.key(channel, message)
        await self._state.bury(gone)
        await self.withdraw(gone)
        await self._state.forget(gone)

    async def withdraw(self, source: str) -> None:
        """Take back what was posted about a message."""
        for post in await self._state.posts(source):
            *_, where, own = post.split(":")
            try:
                await self.delete(where, own)
            except Exception as error:  # the others are to go all the same
                log.warning("a post about a deleted message stays: %s", type(error).__name__)

    def _thread(self, channel: str, root: str | None) -> str | None:
        """A thread as such, apart from its first message."""
        thread = self._wire.thread(channel, root)
        return thread and f"{self.key(channel, thread)}:thread"
