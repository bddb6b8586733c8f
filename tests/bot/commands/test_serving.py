"""Whatever the platform: Parley comes up, tells how it is, and stops in order whenever it is told to."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from contextlib import asynccontextmanager

import aiohttp
import pytest
from prometheus_client import Gauge

from bot.address import Address
from bot.commands.serving import serve
from bot.health import CONNECTION
from bot.listening import listening
from bot.platforms.refused import Refused
from bot.sealing import KeyUnusable
from bot.settings import Settings

pytestmark = [pytest.mark.timeout(30), pytest.mark.usefixtures("_fake_models")]


@pytest.fixture
def settings(tmp_path):
    return Settings(database=f"sqlite+aiosqlite:///{tmp_path}/parley.db", _env_file=None)


class Way:
    """A platform that is connected at once, and whose last answer takes until `finished`."""

    def __init__(self):
        self.finished = asyncio.Event()
        self.finished.set()
        self.left = False

    @asynccontextmanager
    async def __call__(self, parts):
        await parts.load()
        parts.health.tell(CONNECTION)
        Gauge("parley_tested", "That this is a test.", registry=parts.metrics).set(1)
        try:
            yield "Connected."
        finally:
            parts.health.stopping = True
            await self.finished.wait()
            self.left = True


@pytest.fixture
def way():
    return Way()


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
async def test_it_stops_in_order_when_told_to(settings, written, way, name):
    task = asyncio.create_task(serve(settings, written, way))
    await written.says(r"Connected\.")
    os.kill(os.getpid(), name)
    assert await task == 0
    assert way.left
    assert "Finishing the answers under way" in written.text


async def test_a_second_signal_cuts_that_short(settings, written, way):
    way.finished.clear()
    task = asyncio.create_task(serve(settings, written, way))
    await written.says(r"Connected\.")
    os.kill(os.getpid(), signal.SIGTERM)
    await written.says("Finishing the answers under way")
    assert not task.done()
    os.kill(os.getpid(), signal.SIGINT)
    assert await task == 0
    assert not way.left


async def test_it_stops_while_models_load(settings, written, way, loaded):
    loaded.clear()
    task = asyncio.create_task(serve(settings, written, way))
    await written.says("Loading the models")
    os.kill(os.getpid(), signal.SIGTERM)
    assert await task == 0
    assert "Connected." not in written.text


async def test_health_and_figures_are_told_from_the_start_to_the_end(settings, written, way, loaded, free, get):
    loaded.clear()
    way.finished.clear()
    task = asyncio.create_task(serve(settings.model_copy(update={"health": str(free)}), written, way))
    await written.says("Loading the models")
    assert (await get(free, "/healthz"))[0] == 200
    assert "parley_tested" not in (await get(free, "/metrics"))[1]
    status, told = await get(free, "/readyz")
    assert (status, json.loads(told)["missing"]) == (503, ["models", "connection"])
    loaded.set()
    await written.says(r"Connected\.")
    assert (await get(free, "/readyz"))[0] == 200
    assert "parley_tested 1.0" in (await get(free, "/metrics"))[1]
    task.cancel()
    await written.says("Finishing the answers under way")
    status, told = await get(free, "/readyz")
    assert (status, json.loads(told)) == (503, {"ready": False, "missing": [], "stopping": True})
    way.finished.set()
    assert await task == 0


@pytest.mark.parametrize(("error", "code"), [(Refused("No."), 1), (KeyUnusable("No."), 2)])
async def test_what_keeps_it_from_answering_is_one_sentence(settings, written, error, code):
    @asynccontextmanager
    async def way(_):
        raise error
        yield

    assert await serve(settings, written, way) == code
    assert written.complaint == "parley: No."


async def test_a_port_in_use_is_one_sentence(settings, written, way):
    async with listening(aiohttp.web.Application(), Address("127.0.0.1", 0)) as taken:
        assert await serve(settings.model_copy(update={"health": str(taken)}), written, way) == 1
    assert f"cannot listen on {taken}" in written.complaint


async def test_a_database_that_cannot_be_opened_is_one_sentence(settings, written, way, tmp_path):
    (tmp_path / "parley.db").write_bytes(b"this is no database, however long it may be " * 40)
    assert await serve(settings, written, way) == 1
    assert "The database cannot be opened" in written.text
    assert "PARLEY_DATABASE" in written.text
