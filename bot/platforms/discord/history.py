"""Reads channels, threads and direct messages, page by page, and counts what was left out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

import discord
from discord.utils import time_snowflake

from bot.assistant import NotReadable
from bot.platforms.discord import turns
from bot.platforms.discord.access import Conversation, Reader
from bot.platforms.discord.people import People
from bot.platforms.latest import AT_ONCE, CAP, RECENT, THREADS, Page, latest
from bot.windows import Window
from handlers.conversation import Thread, Turn
from handlers.pace import each

PAGE = 100
"""Messages that a page is asked for, the most that Discord gives."""

NO_CONTENT = (
    "Discord does not show me what others write here: whoever runs me must switch on the Message Content Intent, under Bot "
    "in Discord's Developer Portal; until then, choose me under Apps in the menu of a single message."
)


class _Read(NamedTuple):
    """Messages in order; `missing` counts others that were not read, `more` says that nobody knows how many there are."""

    messages: Sequence[discord.Message] = ()
    missing: int = 0
    more: bool = False


class _Bounds(NamedTuple):
    """The ids from which on, and before which, messages are read."""

    first: int
    end: int | None


class History:
    """Reads what one bot can see; that the reader may, too, is proved elsewhere.

    Args:
        me: the bot's own user, whose messages are no part of a conversation.
    """

    def __init__(self, client: discord.Client, people: People, *, me: int) -> None:
        self._client, self._people, self._me = client, people, me

    async def stretch(
        self, channel: Conversation, window: Window, *, reader: Reader, root: str | None = None, until: str | None = None
    ) -> Thread:
        """The messages of a channel or a thread that a window names, in order, each thread's behind the one that began it.

        Args:
            root: the message from which on they count.
            until: a message, or the id of a moment, from which on they do not.

        Raises:
            NotReadable: Discord withholds what others wrote.
        """
        bounds = _bounds(window, root, until)
        most = CAP if root or isinstance(channel, discord.Thread) else RECENT
        read = await self._latest(channel, window, bounds, reader, most=most)
        begun = [message for message in read.messages if _begins(message)]
        opened = {message.id: _closed(message) for message in begun[:-THREADS]}
        opened |= await self._opened(begun[-THREADS:], window, bounds, reader)
        told = [one for each in read.messages for one in (each, *opened.get(each.id, _Read()).messages)]
        kept = [message for message in told if turns.counts(message, me=self._me)]
        parts = [read, *opened.values()]
        missing = sum(part.missing for part in parts) + max(0, len(kept) - CAP)
        return await self._told(kept[-CAP:], reader, missing=missing, more=any(part.more for part in parts))

    async def one(self, channel: Conversation, message: str, *, reader: Reader) -> Turn:
        """A single message of a channel. Raises `discord.NotFound`, and `NotReadable` where Discord withholds its text."""
        return await self.turn(await channel.fetch_message(int(message)), reader)

    async def turn(self, message: discord.Message, reader: Reader) -> Turn:
        """A message that is there already. Raises `NotReadable` where Discord withholds its text."""
        if turns.withheld(message, me=self._me):
            raise NotReadable(NO_CONTENT)
        return (await self._told([message], reader)).turns[0]

    async def begun(self, message: discord.Message) -> discord.Thread | None:
        """The thread that a message began; None where there is none, or none that the bot can see."""
        if not _begins(message):
            return None
        try:
            found = _known(message) or await self._client.fetch_channel(_thread(message))
        except (discord.NotFound, discord.Forbidden, discord.InvalidData):
            return None
        return found if isinstance(found, discord.Thread) and not found.is_private() else None

    async def _opened(
        self, begun: Sequence[discord.Message], window: Window, bounds: _Bounds, reader: Reader
    ) -> dict[int, _Read]:
        """What was written in the threads that messages began, by those messages' ids."""
        times = Window(since=window.since, until=window.until)

        async def opened(message: discord.Message) -> _Read:
            thread = await self.begun(message)
            if thread is None:
                return _closed(message)
            try:
                read = await self._latest(thread, times, bounds, reader, most=CAP)
            except (discord.NotFound, discord.Forbidden):
                return _closed(message)
            return read._replace(messages=[one for one in read.messages if one.type is not turns.STARTS])

        read = await each(opened, begun, at_once=AT_ONCE)
        return {message.id: part for message, part in zip(begun, read, strict=True)}

    async def _latest(self, channel: Conversation, window: Window, bounds: _Bounds, reader: Reader, *, most: int) -> _Read:
        fetched = list[int]()

        async def pages() -> AsyncIterator[Page[discord.Message]]:
            async for page in self._pages(channel, bounds):
                fetched.extend(message.id for message in page.messages)
                yield page

        def counts(message: discord.Message) -> bool:
            return turns.counts(message, me=self._me)

        def own(message: discord.Message) -> bool:
            return message.author.id == reader.id

        read = await latest(pages(), window, most=most, counts=counts, kept=_begins, own=own)
        if not read.more or not read.messages or window != Window() or bounds.first:
            return _Read(read.messages, more=read.more)
        missing = await self._length(channel) - sum(one >= read.messages[0].id for one in fetched)
        return _Read(read.messages, max(0, missing), more=missing <= 0)

    async def _length(self, channel: Conversation) -> int:
        """How many messages a thread has, with the one that began it; 0 for what is no thread, as nobody knows."""
        if not isinstance(channel, discord.Thread):
            return 0
        fresh = await self._client.fetch_channel(channel.id)  # nobody tells the client of a message that it has one more
        return 1 + fresh.message_count if isinstance(fresh, discord.Thread) else 0

    async def _pages(self, channel: Conversation, bounds: _Bounds) -> AsyncIterator[Page[discord.Message]]:
        """Page after page, newest first, between two ids. Raises `NotReadable` where Discord withholds what others wrote."""
        end, more = bounds.end, True
        while more:
            before = discord.Object(end) if end else None
            page = [message async for message in channel.history(limit=PAGE, before=before)]
            within = [message for message in page if message.id >= bounds.first]
            if self._withheld(within):
                raise NotReadable(NO_CONTENT)
            more = len(page) == PAGE and len(within) == PAGE
            yield Page(within, more)
            end = page[-1].id if page else None

    def _withheld(self, messages: Sequence[discord.Message]) -> bool:
        """Whether what others wrote is kept from the bot; one odd message alone proves it only where that is expected."""
        others = [message for message in messages if message.type in turns.WRITTEN and message.author.id != self._me]
        withheld = sum(turns.withheld(message, me=self._me) for message in others)
        return 2 * withheld > len(others) or (withheld > 0 and not self._client.intents.message_content)

    async def _told(
        self, messages: Sequence[discord.Message], reader: Reader, *, missing: int = 0, more: bool = False
    ) -> Thread:
        names = turns.named(messages, reader)
        others = turns.mentioned(messages) - names.keys()
        names |= await self._people.names(others, reader.guild if isinstance(reader, discord.Member) else None)
        told = await asyncio.to_thread(lambda: tuple(turns.turn(message, names) for message in messages))
        return Thread(told, missing, more, sum(map(turns.files, messages)))


def _bounds(window: Window, root: str | None, until: str | None) -> _Bounds:
    first = [int(root) if root else 0, time_snowflake(window.since) if window.since else 0]
    end = [int(until) if until else None, time_snowflake(window.until) if window.until else None]
    return _Bounds(max(first), min((one for one in end if one is not None), default=None))


def _begins(message: discord.Message) -> bool:
    """Whether a thread hangs on a message, or the message says that somebody began one."""
    return message.flags.has_thread or (message.type is discord.MessageType.thread_created and message.reference is not None)


def _thread(message: discord.Message) -> int:
    """The id of the thread that a message began: its own, unless it only tells of the thread."""
    told = message.type is discord.MessageType.thread_created and message.reference
    return message.reference.channel_id if told and message.reference else message.id


def _known(message: discord.Message) -> discord.Thread | None:
    return message.thread or (message.guild.get_thread(_thread(message)) if message.guild else None)


def _closed(message: discord.Message) -> _Read:
    """A thread that is not opened. How many messages it has now, Discord tells along with archived ones only."""
    thread = _known(message)
    return _Read((), thread.message_count, not thread.archived) if thread else _Read(more=True)
