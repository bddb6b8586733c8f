"""Examinations of no platform in particular."""

import pytest
from aiohttp import ClientSession

from bot.platforms import doctor
from bot.platforms.doctor.way import Way


@pytest.fixture
def way():
    def made(**other):
        usual = {"platform": "Chat", "url": "http://127.0.0.1:1/api/", "setting": "PARLEY_CHAT", "sockets": "*.chat.test"}
        return Way(**(usual | {"proxy": None, "limit_s": 5.0} | other))

    return made


@pytest.fixture
def examined(way):
    """What checks find."""

    async def run(checks, settings, *, refusal=lambda error: None, **other):
        async with ClientSession() as session:
            visit = doctor.Visit(settings=settings, session=session, way=way(**other))
            return [finding async for finding in doctor.examine(checks, visit, refusal)]

    return run
