"""Slack's requests over HTTP: events, commands and clicks, each signed; and the pages of the installation."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp, AsyncBoltContext, AsyncRespond
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

from bot import health as healthy
from bot.address import Address
from bot.health import CONNECTION, Health
from bot.listening import listening
from bot.platforms.slack import api
from bot.platforms.slack.desks import Desks
from bot.platforms.slack.listeners import listen
from bot.platforms.slack.workspaces import Workspaces
from bot.work import GRACE_S, Work

EVENTS = "/slack/events"
PATIENCE_S = 2.0
"""Seconds that may go by until a request's workspace is known: Slack waits three for our answer."""

NOT_INSTALLED = "Parley is not installed in this workspace any more; please ask an administrator to install it again."
NOT_NOW = "Slack did not answer me just now; please try again in a minute."
GONE = {"account_inactive", "invalid_auth", "token_revoked", "token_expired"}

log = logging.getLogger(__name__)


class NotServed(Exception):
    """Raised for a request that cannot be taken: a sentence for whoever waits for an answer.

    Args:
        again: whether the same request may do better later.
    """

    def __init__(self, words: str, *, again: bool) -> None:
        super().__init__(words)
        self.again = again


@asynccontextmanager
async def served(
    desks: Desks,
    workspaces: Workspaces,
    address: Address,
    *,
    signing_secret: str,
    health: Health,
    url: str = api.API,
    grace_s: float = GRACE_S,
) -> AsyncIterator[Address]:
    """Answer Slack's requests as long as the block runs; gives the address with its real port. Raises `AddressUnusable`.

    Until `health` says that everything is there, and once the block has ended, requests are put off with a 503, after
    which Slack delivers events again. What was acknowledged gets `grace_s` seconds to be answered.
    """
    # The signature is checked before slack-bolt takes the request apart; it would check it afterwards.
    authorize = _authorizing(desks, workspaces)
    app = AsyncApp(client=api.client(None, url=url), authorize=authorize, request_verification_enabled=False)
    site = web.Application()
    site.add_routes([web.post(EVENTS, _handling(app, SignatureVerifier(signing_secret), health))])
    site.add_routes([*workspaces.routes, *healthy.routes(health)])
    async with listening(site, address) as bound, Work(grace_s=grace_s) as work:
        _hear_failures(app, work)
        _hear_ends(app, workspaces, work)
        listen(app, desks, work)
        health.tell(CONNECTION)
        try:
            yield bound
        finally:
            health.stopping = True
            await asyncio.sleep(0)  # what was acknowledged in this turn of the loop begins in the next one


def _authorizing(desks: Desks, workspaces: Workspaces) -> Callable[..., Awaitable[AuthorizeResult]]:
    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        """Whom a request is for. slack-bolt would ask Slack for each one, and drop those for which that fails."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                if token := await workspaces.token(enterprise_id, team_id):
                    return await desks.known(token)
        except SlackApiError as error:
            gone = api.code(error) in GONE
            raise NotServed(NOT_INSTALLED if gone else NOT_NOW, again=not gone) from None
        except (aiohttp.ClientError, TimeoutError):
            raise NotServed(NOT_NOW, again=True) from None
        raise NotServed(NOT_INSTALLED, again=False)

    return authorize


def _handling(
    app: AsyncApp, verifier: SignatureVerifier, health: Health
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        if not await health.ready():
            return web.Response(status=503)
        if not _signed(verifier, await request.read(), request):
            return web.Response(status=401)
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    return handle


def _signed(verifier: SignatureVerifier, body: bytes, request: web.Request) -> bool:
    """Whether Slack sent a request, within the last five minutes."""
    try:
        return verifier.is_valid_request(body, dict(request.headers))
    except (TypeError, ValueError):  # a time that is no number, or what is not text
        return False


def _hear_failures(app: AsyncApp, work: Work) -> None:
    """Tell whoever gave a command that it cannot be taken; let Slack deliver an event again if that may help."""

    async def failed(error: Exception, body: dict[str, Any], respond: AsyncRespond) -> BoltResponse | None:
        if not isinstance(error, NotServed):
            log.error("a request failed with %s", type(error).__name__)
            return None
        if body.get("response_url"):
            work.begin(_told(respond, str(error)))
            return BoltResponse(status=200)
        return BoltResponse(status=503 if error.again else 200)

    app.error(failed)


async def _told(respond: AsyncRespond, words: str) -> None:
    await respond(words)


def _hear_ends(app: AsyncApp, workspaces: Workspaces, work: Work) -> None:
    """Tell when a workspace removes Parley; Slack says it in two ways, of which either may come."""

    async def ended(event: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext) -> None:
        if event["type"] == "app_uninstalled" or event.get("tokens", {}).get("bot"):
            second = float(body["event_time"]) + 1  # Slack tells whole seconds
            work.begin(workspaces.left(context.enterprise_id, context.team_id, second))

    app.event("app_uninstalled")(ended)
    app.event("tokens_revoked")(ended)
