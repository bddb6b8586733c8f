"""What is wrong with a Slack set-up, and how to mend it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms import doctor
from bot.platforms.doctor import LIMIT_S, Check, Finding, storage
from bot.platforms.doctor.way import Way
from bot.platforms.slack.doctor import connection, refusal, workspace
from bot.platforms.slack.doctor.visit import Visit
from bot.settings import Settings

CHECKS: dict[str, Check[Visit]] = {
    "settings": workspace.tokens,
    "network": connection.network,
    "clock": connection.clock,
    "bot token": workspace.bot,
    "permissions": workspace.permissions,
    "app token": connection.app_token,
    "websocket": connection.websocket,
    "same app": workspace.pair,
    "channels": workspace.channels,
    "history": workspace.history,
    "database": storage.database,
    "commands": workspace.interactivity,
}


async def examine(settings: Settings, *, http: bool = False, limit_s: float = LIMIT_S) -> AsyncIterator[Finding]:
    """Check a set-up, one thing after the other; a finding comes as soon as it is there. Never raises.

    Args:
        settings: the set-up.
        http: whether Slack's events come over HTTP instead of a websocket.
        limit_s: seconds that any one thing may take.
    """
    proxy = AsyncWebClient().proxy
    way = Way.to("Slack", settings.slack_api_url, sockets="*.slack.com", proxy=proxy, limit_s=limit_s)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=limit_s)) as session:
        visit = Visit(settings=settings, session=session, way=way, http=http)
        async for finding in doctor.examine(CHECKS, visit, refusal.said):
            yield finding
