"""Discord's REST interface when it stumbles: what discord.py would give up is tried again for a while.

discord.py waits for rate limits and tries again where Discord answers 500 or 502, but not where a connection breaks or a
503 comes. No message is posted twice by trying: it has a number of its own, by which Discord knows it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import aiohttp
import discord
from discord.http import HTTPClient, Route
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

INSIST_S = 30.0
"""Seconds within which a call is tried again."""

PAUSE_S = 0.5
"""Seconds before a call is tried again; twice as many before each further time."""

STUMBLES = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, discord.DiscordServerError)


def insist(client: HTTPClient) -> None:
    """Let the calls of a client, and those by which interactions are answered in this task and those it starts, insist."""
    request = client.request

    async def insisting(route: Route, *, files: Sequence[discord.File] | None = None, **how: Any) -> Any:
        return await _insisted(lambda: request(route, files=files, **how), files or ())

    client.request = insisting  # type: ignore[method-assign]
    async_context.set(_Webhooks())  # type: ignore[no-untyped-call]


class _Webhooks(AsyncWebhookAdapter):
    """How interactions are answered."""

    async def request(self, *args: Any, files: Sequence[discord.File] | None = None, **how: Any) -> Any:
        """Send a request, insisting."""
        once = super().request
        return await _insisted(lambda: once(*args, files=files, **how), files or ())


async def _insisted(call: Callable[[], Awaitable[Any]], files: Sequence[discord.File]) -> Any:
    """What a call gives, at last; else what it raised last."""
    clock, pause = asyncio.get_running_loop().time, PAUSE_S
    until = clock() + INSIST_S
    while True:
        try:
            return await call()
        except STUMBLES:
            if clock() + pause > until:
                raise
        await asyncio.sleep(pause)
        pause *= 2
        for file in files:
            file.reset()
