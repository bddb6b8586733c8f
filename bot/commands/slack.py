"""`parley slack`: answer in Slack until stopped."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from aiohttp import web
from rich.console import Console

from bot import health as healthy
from bot.address import Address
from bot.commands import loading
from bot.health import CONNECTION, MODELS, Health
from bot.listening import AddressUnusable, listening
from bot.platforms.slack import api, credentials
from bot.platforms.slack.api import Refused
from bot.platforms.slack.credentials import APP, BOT, CLIENT, CLIENT_SECRET, SIGNING, held
from bot.platforms.slack.desks import Desks
from bot.platforms.slack.http import served
from bot.platforms.slack.sockets import connected
from bot.platforms.slack.workspaces import One, Workspaces, several
from bot.sealing import KeyUnusable
from bot.settings import Settings
from bot.state import State
from bot.wiring import running

INVITATION = "mention Parley in a channel it was invited to. Ctrl-C stops."


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a way to Slack works with; `load` loads the models."""

    settings: Settings
    state: State
    desks: Desks
    health: Health
    load: Callable[[], Awaitable[None]]


Way = Callable[[_Parts], AbstractAsyncContextManager[str]]
"""Answers as long as its block runs, and gives words that say how it can be reached."""


async def run(settings: Settings, err: Console, http: Address | None = None) -> int:
    """Answer through Socket Mode, or over HTTP at an address, and stop in order when told to; returns the exit code."""
    faults = list(credentials.faults(settings, http=http is not None))
    if faults:
        _complain(err, *faults)
        return 2
    _stop_in_order()
    try:
        await _answer(settings, err, _over_http(http) if http else _over_a_socket)
    except asyncio.CancelledError:  # that is how we were told to stop
        return 0
    except KeyUnusable as error:
        _complain(err, str(error))
        return 2
    except (Refused, AddressUnusable) as error:
        _complain(err, str(error))
        return 1
    return 0


def _stop_in_order() -> None:
    """Let a signal cancel what runs now, and each block be left in its turn; a second one cuts that short."""
    task = asyncio.current_task()
    assert task is not None
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, task.cancel)


async def _answer(settings: Settings, err: Console, way: Way) -> None:
    health = Health(MODELS, CONNECTION)
    async with (
        _watched(settings, health),
        running(settings) as parley,
        State(settings.database) as state,
        Desks(parley.assistant, state, url=settings.slack_api_url) as desks,
    ):

        async def load() -> None:
            await loading.load(parley.engine, err)
            loading.settle()
            health.tell(MODELS)

        async with way(_Parts(settings, state, desks, health, load)) as words:
            err.print(words, soft_wrap=True)
            try:
                await asyncio.Event().wait()
            finally:
                err.print("Finishing the answers under way …")


@asynccontextmanager
async def _watched(settings: Settings, health: Health) -> AsyncIterator[None]:
    """Serve what tells of our health at PARLEY_HEALTH, where that is set. Raises `AddressUnusable`."""
    if settings.health is None:
        yield
        return
    site = web.Application()
    site.add_routes(healthy.routes(health))
    async with listening(site, Address.parse(settings.health)):
        yield


@asynccontextmanager
async def _over_a_socket(parts: _Parts) -> AsyncIterator[str]:
    tokens = held(parts.settings, BOT.field), held(parts.settings, APP.field)
    await parts.load()
    async with connected(parts.desks, *tokens, url=parts.settings.slack_api_url, health=parts.health):
        yield f"Connected to Slack; {INVITATION}"


def _over_http(address: Address) -> Way:
    @asynccontextmanager
    async def way(parts: _Parts) -> AsyncIterator[str]:
        workspaces, secret = await _workspaces(parts), held(parts.settings, SIGNING.field)
        url = parts.settings.slack_api_url
        async with served(parts.desks, workspaces, address, signing_secret=secret, health=parts.health, url=url) as bound:
            await parts.load()
            yield f"Slack's requests are answered at http://{bound}; {INVITATION}"

    return way


async def _workspaces(parts: _Parts) -> Workspaces:
    """Those that install the app, or the one whose token is set. Raises `Refused` and `KeyUnusable`."""
    settings = parts.settings
    if not credentials.installs(settings, http=True):
        with api.worded(settings.slack_api_url):
            await parts.desks.known(held(settings, BOT.field))
        return One(held(settings, BOT.field))
    return await several(
        parts.state.engine,
        client_id=held(settings, CLIENT.field),
        client_secret=held(settings, CLIENT_SECRET.field),
        keys=held(settings, "secret_key"),
        url=settings.slack_api_url,
    )


def _complain(err: Console, *sentences: str) -> None:
    for sentence in sentences:
        err.print(f"parley: {sentence}", soft_wrap=True, markup=False)
