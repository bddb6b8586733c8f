"""What a request is about, fetched for an asker who may read it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime

import aiohttp
import discord
from cachetools import TTLCache
from discord.utils import snowflake_time

from bot import windows
from bot.assistant import NotReadable
from bot.platforms.asked import Asked, Place
from bot.platforms.desk import GONE
from bot.platforms.discord import turns
from bot.platforms.discord.access import NO_ACCESS, Access, Conversation, Reader, Source
from bot.platforms.discord.history import History
from bot.windows import Window
from handlers.conversation import Request, Thread, Turn

log = logging.getLogger(__name__)

TROUBLE = "Discord did not let me read this just now; please ask again in a minute."

REMEMBERED, FOR_S = 10_000, 900.0
"""How many messages that came along with requests are kept, and for how many seconds: as long as a click can be answered."""


class Reading:
    """Reads for one bot, whose own user is `me`."""

    def __init__(self, access: Access, history: History, *, me: int) -> None:
        self._access, self._history, self._me = access, history, me
        self._brought: TTLCache[tuple[str, str, str], tuple[discord.Message, Reader]] = TTLCache(REMEMBERED, FOR_S)

    def bring(self, reader: Reader, message: discord.Message) -> None:
        """Keep a message that Discord sent along with somebody's request, such as the one whose menu they opened.

        Whoever sent it sees it, and its text is there even where the bot can read nothing.
        """
        self._brought[str(reader.id), str(message.channel.id), str(message.id)] = message, reader

    async def read(self, request: Request, asked: Asked, place: Place) -> Request:
        """The request with its thread, or with the one message that it is about. Raises `NotReadable`.

        That the asker may read it is proved before anything is fetched, even where they ask: on Discord one may write
        where one may not read what was written before.
        """
        elsewhere = place.channel != asked.channel
        try:
            return await self._read(request, asked, place)
        except discord.NotFound:
            raise NotReadable(NO_ACCESS if elsewhere else GONE) from None
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            log.warning("Discord could not be read: %s", _why(error))
            forbidden = isinstance(error, discord.Forbidden)
            raise NotReadable(NO_ACCESS if forbidden and elsewhere else TROUBLE) from None

    async def _read(self, request: Request, asked: Asked, place: Place) -> Request:
        given = self._given(asked, place)
        if request.intent in ("translate", "sentiment") and place.message:
            return replace(request, quoted=await self._quoted(given, asked, place))
        try:
            return replace(request, thread=await self._thread(request, asked, place))
        except NotReadable:
            if request.intent != "ask" or not given:
                raise
            return replace(request, thread=Thread((await self._history.turn(*given),), more=True))

    def _given(self, asked: Asked, place: Place) -> tuple[discord.Message, Reader] | None:
        """What came along with the request of the message that it is about, if its text did."""
        found = self._brought.get((asked.user, place.channel, place.message or place.root or ""))
        return found if found and place.channel == asked.channel and turns.text(found[0], {}) else None

    async def _quoted(self, given: tuple[discord.Message, Reader] | None, asked: Asked, place: Place) -> Turn:
        if given:
            return await self._history.turn(*given)
        channel, reader = await self._source(asked, place)
        return await self._history.one(channel, str(place.message), reader=reader)

    async def _source(self, asked: Asked, place: Place) -> Source:
        return await self._access.source(asked.user, place.channel, here=asked.channel, shown_in=asked.channel)

    async def _thread(self, request: Request, asked: Asked, place: Place) -> Thread:
        channel, reader = await self._source(asked, place)
        asked_at = snowflake_time(int(asked.until)) if asked.until else datetime.now(UTC)  # Discord tells no time zones
        window = await asyncio.to_thread(windows.read, request.text, now=asked_at) or Window()
        channel, root = await self._begin(channel, place)
        return await self._history.stretch(channel, window, reader=reader, root=root, until=asked.until)

    async def _begin(self, channel: Conversation, place: Place) -> tuple[Conversation, str | None]:
        """Where the conversation about a message is held, and from where on: in a thread, all of it.

        Elsewhere it is the thread that the message began, if it did; else what follows it.
        """
        if place.root or not place.message or isinstance(channel, discord.Thread):
            return channel, place.root
        message = await channel.fetch_message(int(place.message))
        if message.author.id == self._me:  # an answer of ours can be translated, but nothing begins with it
            return channel, None
        begun = await self._history.begun(message)
        return (begun, None) if begun else (channel, place.message)


def _why(error: Exception) -> str:
    """What went wrong, for the log; never a text that may quote what somebody wrote."""
    return f"{error.status} {error.code}" if isinstance(error, discord.HTTPException) else type(error).__name__
