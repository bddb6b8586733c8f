"""What Parley tells those who watch over it is true."""

import aiohttp
import pytest
from aiohttp import web

from bot.address import Address
from bot.health import CONNECTION, MODELS, Health, routes
from bot.listening import listening


@pytest.fixture
def health():
    return Health(MODELS, CONNECTION)


@pytest.fixture
async def asked(health):
    """Asks for a path; returns the status and what is told."""
    site = web.Application()
    site.add_routes(routes(health))
    async with listening(site, Address("127.0.0.1", 0)) as bound, aiohttp.ClientSession() as client:

        async def ask(path):
            async with client.get(f"http://{bound}{path}") as answer:
                return answer.status, await answer.json()

        yield ask


async def test_it_lives_before_it_is_ready(asked):
    assert await asked("/healthz") == (200, {"alive": True})
    told = {"ready": False, "missing": ["models", "connection"], "stopping": False}
    assert await asked("/readyz") == (503, told)


async def test_it_is_ready_once_all_is_there(asked, health):
    health.tell(MODELS)
    assert (await asked("/readyz"))[1]["missing"] == ["connection"]
    health.tell(CONNECTION)
    assert await asked("/readyz") == (200, {"ready": True})


async def test_what_goes_away_later_is_missing_again(asked, health):
    there = True

    async def check():
        return there

    health.tell(MODELS)
    health.tell(CONNECTION, check)
    assert (await asked("/readyz"))[0] == 200
    there = False
    assert await asked("/readyz") == (503, {"ready": False, "missing": ["connection"], "stopping": False})
    assert (await asked("/healthz"))[0] == 200


async def test_it_is_not_ready_while_it_stops(asked, health):
    health.tell(MODELS)
    health.tell(CONNECTION)
    health.stopping = True
    assert await asked("/readyz") == (503, {"ready": False, "missing": [], "stopping": True})
    assert (await asked("/healthz"))[0] == 200
