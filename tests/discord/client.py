"""A small bot of discord.py that keeps what it hears."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord
from discord import app_commands

from ..discord_fake import FakeDiscord


class Client(discord.AutoShardedClient):
    """What it heard is in `heard`, as pairs of the event's name in discord.py and what came with it first.

    `life` is the task that runs it.
    """

    life: asyncio.Task[None]

    def __init__(self, **options: Any) -> None:
        intents = discord.Intents.default()
        intents.message_content = options.pop("content", True)
        super().__init__(intents=intents, guild_ready_timeout=0.05, **options)
        self.tree = app_commands.CommandTree(self)
        self.heard: list[tuple[str, Any]] = []
        self._news = asyncio.Event()

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        super().dispatch(event, *args, **kwargs)
        self.heard.append((event, args[0] if args else None))
        self._news.set()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Never wait the five seconds that are asked for between two sessions."""

    def all_heard(self, event: str) -> list[Any]:
        return [about for name, about in self.heard if name == event]

    async def hears(self, event: str, number: int = 1, *, within: float = 5) -> Any:
        """Wait for an event, for the `number`th time, and give what came with it."""
        async with asyncio.timeout(within):
            while len(found := self.all_heard(event)) < number:
                self._news.clear()
                await self._news.wait()
        return found[number - 1]


@asynccontextmanager
async def running(fake: FakeDiscord, client: Client, *, token: str = "") -> AsyncIterator[Client]:
    """Run a client until the end of the block; what keeps it from being ready is raised."""
    async with client:
        life = asyncio.create_task(client.start(token or fake.token))
        ready = asyncio.create_task(client.hears("ready"))
        client.life = life
        try:
            await asyncio.wait({life, ready}, return_when=asyncio.FIRST_COMPLETED)
            if life.done():
                life.result()
            yield client
        finally:
            ready.cancel()
            await client.close()
            await asyncio.gather(life, return_exceptions=True)
