"""What one examination of a Discord set-up goes by, and what its checks leave to those after them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import discord

from bot.platforms import doctor
from bot.platforms.discord import api
from bot.platforms.doctor import Skip
from bot.platforms.refused import Refused

T = TypeVar("T")


@dataclass(kw_only=True)
class Visit(doctor.Visit):
    """A Discord set-up that is being examined.

    Attributes:
        client: discord.py over REST alone; it never connects to the gateway.
        channel: the only channel, or thread, whose permissions are looked at.
        link: where the gateway is.
        known: whether Discord knows the token.
        servers: those that the bot is on.
    """

    client: discord.AutoShardedClient
    channel: int | None
    link: str | None = None
    known: bool = False
    servers: tuple[discord.Guild, ...] = ()

    def application(self) -> discord.AppInfo:
        """The application that the token is of. Raises `Skip`."""
        if not self.known:
            raise Skip("Discord must know the token for this.")
        return api.known(self.client)

    async def asked(self, answer: Awaitable[T]) -> T:
        """An answer of discord.py's, which asks again by itself as long as Discord stumbles. Raises `Refused`."""
        try:
            async with asyncio.timeout(self.way.limit_s):
                return await answer
        except TimeoutError:
            raise Refused(f"Discord gave no answer to this within {self.way.limit_s:g} seconds; try again.") from None


def joined(parts: Iterable[str]) -> str:
    """A list in words, e.g. "a, b and c"."""
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
