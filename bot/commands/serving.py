"""Answering on a platform until stopped: what that takes, and the order in which it comes and goes."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CollectorRegistry
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from bot import health as healthy
from bot import metrics as figures
from bot.address import Address
from bot.assistant import Assistant
from bot.commands import loading
from bot.health import CONNECTION, MODELS, Health
from bot.listening import AddressUnusable, listening
from bot.platforms.refused import Refused
from bot.sealing import KeyUnusable
from bot.settings import Settings, variable
from bot.state import State
from bot.wiring import running


@dataclass(frozen=True, slots=True)
class Parts:
    """What a way to a platform works with; `load` loads the models, and `metrics` are the figures that can be asked for."""

    settings: Settings
    assistant: Assistant
    state: State
    health: Health
    metrics: CollectorRegistry
    load: Callable[[], Awaitable[None]]


Way = Callable[[Parts], AbstractAsyncContextManager[str]]
"""Answers as long as its block runs, and gives words that say how it can be reached."""


async def serve(settings: Settings, err: Console, way: Way) -> int:
    """Answer, and stop in order when told to; returns the exit code."""
    _stop_in_order()
    try:
        await _answer(settings, err, way)
    except asyncio.CancelledError:  # that is how we were told to stop
        return 0
    except KeyUnusable as error:
        complain(err, str(error))
        return 2
    except SQLAlchemyError:
        complain(err, f"The database cannot be opened, or not be written; check {variable('database')}.")
        return 1
    except (Refused, AddressUnusable) as error:
        complain(err, str(error))
        return 1
    return 0


def complain(err: Console, *sentences: str) -> None:
    """Say what is wrong."""
    for sentence in sentences:
        err.print(f"parley: {sentence}", soft_wrap=True, markup=False)


def _stop_in_order() -> None:
    """Let a signal cancel what runs now, and each block be left in its turn; a second one cuts that short."""
    task = asyncio.current_task()
    assert task is not None
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, task.cancel)


async def _answer(settings: Settings, err: Console, way: Way) -> None:
    health, metrics = Health(MODELS, CONNECTION), CollectorRegistry()
    async with (
        _watched(settings, health, metrics),
        running(settings) as parley,
        State(settings.database) as state,
    ):

        async def load() -> None:
            await loading.load(parley.engine, err)
            loading.settle()
            health.tell(MODELS)

        async with way(Parts(settings, parley.assistant, state, health, metrics, load)) as words:
            err.print(words, soft_wrap=True)
            try:
                await asyncio.Event().wait()
            finally:
                err.print("Finishing the answers under way …")


@asynccontextmanager
async def _watched(settings: Settings, health: Health, metrics: CollectorRegistry) -> AsyncIterator[None]:
    """Serve what tells of our health, and the figures, at PARLEY_HEALTH, where that is set. Raises `AddressUnusable`."""
    if settings.health is None:
        yield
        return
    site = web.Application()
    site.add_routes([*healthy.routes(health), figures.route(metrics)])
    async with listening(site, Address.parse(settings.health)):
        yield
