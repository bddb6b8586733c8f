"""What commands that answer until stopped are tested with: fake models, and what they write."""

from __future__ import annotations

import asyncio
import io
import re
from contextlib import asynccontextmanager
from types import SimpleNamespace

import aiohttp
import pytest
from rich.console import Console

from bot.address import Address
from bot.assistant import Assistant
from bot.commands import serving
from bot.listening import listening
from bot.router import Router
from handlers import build


class Written(Console):
    """A console that keeps what is written."""

    def __init__(self):
        self.kept = io.StringIO()
        super().__init__(file=self.kept, width=200)

    @property
    def text(self):
        return self.kept.getvalue()

    @property
    def complaint(self):
        """The one sentence that is all that was written."""
        (line,) = self.text.splitlines()
        assert re.fullmatch(r"parley: [^\n]+\.", line)
        return line

    async def says(self, pattern):
        """Wait for words."""
        async with asyncio.timeout(10):
            while not re.search(pattern, self.text):  # noqa: ASYNC110 -- nobody tells
                await asyncio.sleep(0.01)


@pytest.fixture
def written():
    return Written()


@pytest.fixture
def loaded():
    """Set once the models may be loaded."""
    event = asyncio.Event()
    event.set()
    return event


@pytest.fixture
def _fake_models(engine, loaded, monkeypatch):
    """Commands work with fake models."""

    async def warm(report):
        report("model", 0, 1)
        await loaded.wait()

    @asynccontextmanager
    async def running(_):
        yield SimpleNamespace(assistant=Assistant(Router(engine), build(engine)), engine=SimpleNamespace(warm=warm))

    monkeypatch.setattr(serving, "running", running)


@pytest.fixture
async def free():
    """An address on which nothing listens."""
    async with listening(aiohttp.web.Application(), Address("127.0.0.1", 0)) as address:
        pass
    return address


@pytest.fixture
async def get():
    """Asks a web server: `status, text = await get(address, path)`."""
    async with aiohttp.ClientSession() as client:

        async def get(address, path):
            async with client.get(f"http://{address}{path}") as answer:
                return answer.status, await answer.text()

        yield get
