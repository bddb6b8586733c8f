"""`parley slack`: answer in Slack until stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console

from bot.address import Address
from bot.commands.serving import Parts, Way, complain, serve
from bot.platforms.credentials import held
from bot.platforms.slack import api, credentials
from bot.platforms.slack.credentials import APP, BOT, CLIENT, CLIENT_SECRET, SIGNING
from bot.platforms.slack.desks import Desks
from bot.platforms.slack.http import served
from bot.platforms.slack.sockets import connected
from bot.platforms.slack.workspaces import One, Workspaces, several
from bot.settings import Settings

INVITATION = "mention Parley in a channel it was invited to. Ctrl-C stops."


async def run(settings: Settings, err: Console, http: Address | None = None) -> int:
    """Answer through Socket Mode, or over HTTP at an address, and stop in order when told to; returns the exit code."""
    faults = list(credentials.faults(settings, http=http is not None))
    if faults:
        complain(err, *faults)
        return 2
    return await serve(settings, err, _over_http(http) if http else _over_a_socket)


def _desks(parts: Parts) -> Desks:
    return Desks(parts.assistant, parts.state, url=parts.settings.slack_api_url)


@asynccontextmanager
async def _over_a_socket(parts: Parts) -> AsyncIterator[str]:
    tokens, url = (held(parts.settings, BOT.field), held(parts.settings, APP.field)), parts.settings.slack_api_url
    await parts.load()
    async with _desks(parts) as desks, connected(desks, *tokens, url=url, health=parts.health):
        yield f"Connected to Slack; {INVITATION}"


def _over_http(address: Address) -> Way:
    @asynccontextmanager
    async def way(parts: Parts) -> AsyncIterator[str]:
        secret, url = held(parts.settings, SIGNING.field), parts.settings.slack_api_url
        async with _desks(parts) as desks:
            spaces = await _workspaces(parts, desks)
            async with served(desks, spaces, address, signing_secret=secret, health=parts.health, url=url) as bound:
                await parts.load()
                yield f"Slack's requests are answered at http://{bound}; {INVITATION}"

    return way


async def _workspaces(parts: Parts, desks: Desks) -> Workspaces:
    """Those that install the app, or the one whose token is set. Raises `Refused` and `KeyUnusable`."""
    settings = parts.settings
    if not credentials.installs(settings, http=True):
        with api.worded(settings.slack_api_url):
            await desks.known(held(settings, BOT.field))
        return One(held(settings, BOT.field))
    return await several(
        parts.state.engine,
        client_id=held(settings, CLIENT.field),
        client_secret=held(settings, CLIENT_SECRET.field),
        keys=held(settings, "secret_key"),
        url=settings.slack_api_url,
    )
