"""Socket Mode: Slack's events over a connection that we open, so that no public address is needed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.health import CONNECTION, Health
from bot.platforms.refused import Refused
from bot.platforms.slack import api
from bot.platforms.slack.desks import Desks
from bot.platforms.slack.listeners import listen
from bot.work import GRACE_S, Work

QUIET_S = 600.0
"""Seconds without a word from Slack after which a connection is not trusted any more."""

PING_S = 10.0
"""Seconds between two pings, and between two attempts of slack_sdk to repair a connection that broke."""

CONNECT_S = 30.0
"""Seconds that a new connection may take."""

log = logging.getLogger(__name__)


class Socket:
    """A connection to Slack, kept up as long as the block runs: `async with Socket(app, token) as socket`.

    slack_sdk repairs a connection that breaks. Two things escape it: one whose pings are answered while no events come,
    and its own attempts when they go to an address that Slack does not honour any more. So whoever is silent for `quiet_s`,
    or gone at two looks in a row, is replaced. The new connection is made before the old one goes, and Slack delivers
    again what neither acknowledged. Raises `Refused` when the first one cannot be made.
    """

    def __init__(self, app: AsyncApp, app_token: str, *, quiet_s: float = QUIET_S, ping_s: float = PING_S) -> None:
        self._app, self._app_token, self._quiet_s, self._ping_s = app, app_token, quiet_s, ping_s
        self._open: list[AsyncSocketModeHandler] = []

    async def __aenter__(self) -> Self:
        try:
            await self._connect()
        except TimeoutError:
            words = "Slack's websocket cannot be reached; let the firewall and the proxy pass websockets to *.slack.com."
            raise Refused(words) from None
        self._watching = asyncio.create_task(self._watch(), name="watch the socket")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._watching.cancel()
        await asyncio.gather(self._watching, return_exceptions=True)
        for each in self._open:
            await each.close_async()

    async def connected(self) -> bool:
        """Whether events can come in, as far as can be told."""
        return await self._open[-1].client.is_connected()

    async def _connect(self) -> None:
        """One more connection. Raises `TimeoutError`."""
        handler = AsyncSocketModeHandler(self._app, self._app_token, ping_interval=self._ping_s)
        handler.client.message_listeners.append(self._hear)
        try:
            async with asyncio.timeout(CONNECT_S):
                await handler.connect_async()
        except BaseException:
            await handler.close_async()
            raise
        self._open.append(handler)
        self._heard = asyncio.get_running_loop().time()

    async def _hear(self, _client: object, _message: dict[str, Any], _raw: str | None) -> None:
        self._heard = asyncio.get_running_loop().time()

    async def _watch(self) -> None:
        gone = False
        while True:
            await asyncio.sleep(self._quiet_s / 10)
            before, gone = gone, not await self.connected()
            quiet = asyncio.get_running_loop().time() - self._heard
            if quiet >= self._quiet_s or (before and gone):
                await self._replace(quiet)

    async def _replace(self, quiet: float) -> None:
        """A new connection for the old one. Where it cannot be made, the old one goes on trying, and so do we."""
        try:
            await self._connect()
        except TimeoutError:
            return
        log.info("connected anew, after %.0f s without a word from Slack", quiet)
        await self._open[0].close_async()
        del self._open[0]


@asynccontextmanager
async def connected(
    desks: Desks,
    bot_token: str,
    app_token: str,
    *,
    url: str = api.API,
    health: Health | None = None,
    grace_s: float = GRACE_S,
    quiet_s: float = QUIET_S,
    ping_s: float = PING_S,
) -> AsyncIterator[None]:
    """Answer one workspace through Socket Mode as long as the block runs. Raises `Refused`.

    `health` is told whether the socket is connected, and when the block ends.
    """
    health = health or Health(CONNECTION)
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
        async with Socket(app, app_token, quiet_s=quiet_s, ping_s=ping_s) as socket:
            health.tell(CONNECTION, socket.connected)
            try:
                yield
            finally:
                health.stopping = True
