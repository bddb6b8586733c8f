"""What is wrong with a Discord set-up, and how to mend it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import discord

from bot.platforms import doctor
from bot.platforms.discord import api
from bot.platforms.discord.doctor import application, connection, servers
from bot.platforms.discord.doctor.visit import Visit
from bot.platforms.doctor import LIMIT_S, Check, Finding, Said, storage
from bot.platforms.doctor.way import Way
from bot.settings import Settings

CHECKS: dict[str, Check[Visit]] = {
    "settings": application.settings,
    "network": connection.network,
    "token": application.token,
    "message content": application.content,
    "gateway": connection.gateway,
    "servers": servers.servers,
    "permissions": servers.permissions,
    "commands": application.commands,
    "database": storage.database,
}


async def examine(settings: Settings, *, channel: int | None = None, limit_s: float = LIMIT_S) -> AsyncIterator[Finding]:
    """Check a set-up, one thing after the other; a finding comes as soon as it is there. Never raises.

    Args:
        settings: the set-up.
        channel: the only channel or thread whose permissions are looked at; None for those of all servers.
        limit_s: seconds that any one thing may take.
    """
    way = Way.to("Discord", settings.discord_api_url, sockets="*.discord.gg", proxy=api.proxy(), limit_s=limit_s)
    client = discord.AutoShardedClient(intents=discord.Intents(guilds=True), proxy=way.proxy)
    timeout, headers = aiohttp.ClientTimeout(total=limit_s), {"User-Agent": client.http.user_agent}
    with api.addressed(settings):
        async with client, aiohttp.ClientSession(timeout=timeout, headers=headers) as session:
            visit = Visit(settings=settings, session=session, way=way, client=client, channel=channel)
            async for finding in doctor.examine(CHECKS, visit, _said):
                yield finding


def _said(error: Exception) -> Said | None:
    """What an error of discord.py's says; None for any other."""
    if not isinstance(error, discord.DiscordException):
        return None
    words = api.sentence(error)
    return "skipped" if words == api.TOO_OFTEN else "problem", words
