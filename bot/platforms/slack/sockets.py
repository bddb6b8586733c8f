"""Socket Mode: Slack's events over a connection that we open, so that no public address is needed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.platforms.slack import api
from bot.platforms.slack.desks import Desks
from bot.platforms.slack.listeners import listen
from bot.work import GRACE_S, Work


@asynccontextmanager
async def connected(
    desks: Desks, bot_token: str, app_token: str, *, url: str = api.API, grace_s: float = GRACE_S
) -> AsyncIterator[None]:
    """Answer one workspace through Socket Mode as long as the block runs. Raises `Refused`."""
    web = api.client(bot_token, url=url)
    with api.worded(url):
        known = await desks.known(bot_token)
        await web.apps_connections_open(app_token=app_token)  # the socket's client would try a wrong token for ever

    async def authorize(**_: object) -> AuthorizeResult:
        """What Slack has told already: slack-bolt would ask again for each event, and drop those for which that fails."""
        return known

    async with Work(grace_s=grace_s) as work:
        app = AsyncApp(client=web, authorize=authorize, request_verification_enabled=False)
        listen(app, desks, work)
        socket = AsyncSocketModeHandler(app, app_token)
        try:
            await socket.connect_async()
            yield
        finally:
            await socket.close_async()
