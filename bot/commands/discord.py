"""`parley discord`: answer on Discord until stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console

from bot.commands.serving import Parts, complain, serve
from bot.platforms.discord import api, credentials
from bot.platforms.discord.gateway import connected
from bot.platforms.discord.shards import Shards
from bot.settings import Settings

UNREAD = (
    "The Message Content Intent is off: mentions, replies, direct messages and the menu of a message work, but no channel "
    "can be read; to sum up channels and threads, switch it on under Bot in the Developer Portal, and start again."
)

NOWHERE = "The bot is in no server yet: open the link that parley discord invite prints, and choose yours."


async def run(settings: Settings, err: Console) -> int:
    """Answer, and stop in order when told to; returns the exit code."""
    faults = list(credentials.faults(settings))
    if faults:
        complain(err, *faults)
        return 2

    @asynccontextmanager
    async def way(parts: Parts) -> AsyncIterator[str]:
        await api.application(settings)  # so that a wrong token shows before the models are loaded
        await parts.load()
        async with connected(settings, parts.assistant, parts.state, health=parts.health) as client:
            parts.metrics.register(Shards(client))
            if not client.intents.message_content:
                err.print(UNREAD, soft_wrap=True)
            servers = len(client.guilds)
            if not servers:
                err.print(NOWHERE, soft_wrap=True)
            yield f"Connected to Discord as {client.user}, in {servers} server{'s' * (servers != 1)}; Ctrl-C stops."

    return await serve(settings, err, way)
