"""The composition root: settings -> engine -> handlers -> assistant. The only file that knows everything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import handlers
from bot.assistant import Assistant
from bot.router import Router
from bot.settings import Settings
from handlers import Handlers
from models import catalog
from models.catalog import Catalog
from models.engine import LocalEngine, local_shelf


@dataclass(frozen=True, slots=True)
class Parley:
    """Everything a platform or a command needs."""

    assistant: Assistant
    engine: LocalEngine
    router: Router
    handlers: Handlers


@asynccontextmanager
async def running(settings: Settings, serving: Catalog | None = None) -> AsyncIterator[Parley]:
    """Build everything from the settings, and take it down in order. Raises `models.catalog.CatalogError`.

    `serving` is a catalogue to take in place of the one that the settings name.
    """
    chosen = serving or catalog.read(settings.profile, settings.models)
    shelf = partial(
        local_shelf,
        chosen,
        device=settings.device,
        dtype=settings.dtype,
        threads=settings.threads,
        models=settings.models_dir,
    )
    engine = LocalEngine(
        chosen,
        shelf,
        tokens=settings.tokens,
        room=settings.waiting,
        deadline_s=settings.deadline,
        cache=settings.cache,
    )
    async with engine:
        router, built = Router(engine), handlers.build(engine)
        yield Parley(Assistant(router, built, converse=settings.converse), engine, router, built)
