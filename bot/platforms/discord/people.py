"""Who people are: the names by which others see them, and the languages they use Discord in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import aiohttp
import discord
from cachetools import TTLCache

REMEMBERED, FOR_S, SPOKEN_FOR_S = 10_000, 900.0, 86_400.0
AT_ONCE = 8


class People:
    """The people whom one bot meets, each asked for once in a quarter of an hour.

    Of their time zones Discord says nothing.
    """

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._known: TTLCache[tuple[int | None, str], str] = TTLCache(REMEMBERED, FOR_S)
        self._languages: TTLCache[str, str] = TTLCache(REMEMBERED, SPOKEN_FOR_S)
        self._free = asyncio.Semaphore(AT_ONCE)

    async def names(self, users: Iterable[str], guild: discord.Guild | None = None) -> dict[str, str]:
        """The names by which others in a server see them, by id; nicknames come first."""
        wanted = sorted(set(users))
        found = await asyncio.gather(*(self._name(user, guild) for user in wanted))
        return {user: name for user, name in zip(wanted, found, strict=True) if name}

    def met(self, user: str, locale: discord.Locale) -> None:
        """Remember in which language somebody uses Discord, which tells it of those who click and command only."""
        self._languages[user] = locale.value[:2].lower()

    async def language(self, user: str) -> str | None:
        """The language in which somebody uses Discord (ISO 639-1), if it was told within a day."""
        return self._languages.get(user)

    async def _name(self, user: str, guild: discord.Guild | None) -> str:
        """A name; empty where there is nobody by that id, or Discord does not answer just now."""
        key = (guild.id if guild else None, user)
        async with self._free:
            if (known := self._known.get(key)) is not None:
                return known
            try:
                found = await self._found(int(user), guild)
            except (discord.DiscordException, aiohttp.ClientError, OSError, ValueError):
                return ""
        name = self._known[key] = found.display_name if found else ""
        return name

    async def _found(self, user: int, guild: discord.Guild | None) -> discord.Member | discord.User | None:
        try:
            if guild:
                return guild.get_member(user) or await guild.fetch_member(user)
        except discord.NotFound:  # who left is still called something
            pass
        try:
            return self._client.get_user(user) or await self._client.fetch_user(user)
        except discord.NotFound:
            return None
