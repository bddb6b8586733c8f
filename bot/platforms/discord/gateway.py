"""The connection to Discord: kept up by discord.py, with one sentence where that cannot be."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.assistant import Assistant
from bot.health import CONNECTION, Health
from bot.platforms.credentials import held
from bot.platforms.discord import api, rest
from bot.platforms.discord.client import DEAF_S, READY_S, Client
from bot.platforms.discord.credentials import TOKEN
from bot.platforms.refused import Refused
from bot.settings import Settings
from bot.state import State
from bot.work import GRACE_S, Work

CONNECT_S = 30.0
"""Seconds that the first connection may take."""

UNREACHED = "Discord's gateway cannot be reached; let the firewall and the proxy pass websockets to *.discord.gg."

log = logging.getLogger(__name__)


@asynccontextmanager
async def connected(
    settings: Settings,
    assistant: Assistant,
    state: State,
    *,
    health: Health | None = None,
    grace_s: float = GRACE_S,
    ready_s: float = READY_S,
    deaf_s: float = DEAF_S,
) -> AsyncIterator[Client]:
    """Answer on Discord as long as the block runs, which is cancelled when Discord wants us no more. Raises `Refused`.

    Args:
        health: is told whether every shard is connected, and when the block ends.
        ready_s: seconds without a further server after which all are taken to be known.
        deaf_s: seconds without a word from Discord after which a connection is made anew.
    """
    health = health or Health(CONNECTION)
    with api.addressed(settings):
        content = api.reads_all(await api.application(settings))
        work = Work(grace_s=grace_s)
        bots = frozenset(map(int, settings.discord_bots))
        client = Client(assistant, state, work, content=content, bots=bots, ready_s=ready_s, deaf_s=deaf_s)
        async with client:
            await _log_in(client, settings)
            async with _running(client, settings.discord_api_url), work:
                health.tell(CONNECTION, client.online)
                try:
                    yield client
                finally:
                    health.stopping = True


async def _log_in(client: Client, settings: Settings) -> None:
    """Let Discord know the client, and the client who it is. Raises `Refused`."""
    with api.worded(settings.discord_api_url):
        await client.login(held(settings, TOKEN.field))
        if settings.discord_gateway_url:  # which discord.py takes only where it need not ask how many shards there are
            client.shard_count, *_ = await client.http.get_bot_gateway()


@asynccontextmanager
async def _running(client: Client, url: str) -> AsyncIterator[None]:
    """Connected, from when Discord says that it is ready. What ends it for good ends the block: it raises `Refused`."""
    here = asyncio.current_task()
    assert here is not None

    def ended(_: object) -> None:
        here.cancel()

    connection = asyncio.create_task(_kept_up(client, url), name="gateway")
    ready = asyncio.create_task(client.wait_until_ready(), name="ready")
    try:
        await _made(client, connection, ready)
        connection.add_done_callback(ended)
        try:
            yield
        except asyncio.CancelledError:
            if not connection.done():
                raise
            here.uncancel()
            await connection
        finally:
            connection.remove_done_callback(ended)
    finally:
        await client.close()  # first, as discord.py takes no cancelling while it connects anew
        for task in (ready, connection):
            task.cancel()
        await asyncio.gather(ready, connection, return_exceptions=True)


async def _kept_up(client: Client, url: str) -> None:
    """Connect, and connect anew whatever happens. Raises `Refused` where Discord wants us no more."""
    rest.insist(client.http)
    with api.worded(url):
        await client.connect()


async def _made(client: Client, connection: asyncio.Task[None], ready: asyncio.Task[None]) -> None:
    """Wait until Discord says that it is ready: for ever where it is slow, but not in silence. Raises `Refused`.

    Without this, discord.py tries the gateway again and again, and nobody gets to know.
    """
    while not ready.done():
        await asyncio.wait({connection, ready}, timeout=CONNECT_S, return_when=asyncio.FIRST_COMPLETED)
        if connection.done():
            await connection
        elif not client.shards:
            raise Refused(UNREACHED)
        elif not ready.done():
            log.error("Discord is slow: %d of %s connections are made", len(client.shards), client.shard_count)
