"""The figures at `/metrics`."""

import aiohttp
import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.parser import text_string_to_metric_families

from bot.address import Address
from bot.listening import listening
from bot.metrics import route


@pytest.fixture
def metrics():
    return CollectorRegistry()


@pytest.fixture
async def asked(metrics):
    """Asks for the figures; gives the content type, and the values by name."""
    site = web.Application()
    site.add_routes([route(metrics)])
    async with listening(site, Address("127.0.0.1", 0)) as bound, aiohttp.ClientSession() as client:

        async def ask():
            async with client.get(f"http://{bound}/metrics") as answer:
                families = text_string_to_metric_families(await answer.text())
                values = {sample.name: sample.value for family in families for sample in family.samples}
                return answer.headers["Content-Type"], values

        yield ask


async def test_figures_are_as_they_are_when_asked_for(asked, metrics):
    gauge = Gauge("parley_guests", "Those who are here.", registry=metrics)
    for guests in (1, 2):
        gauge.set(guests)
        assert (await asked())[1] == {"parley_guests": guests}


async def test_prometheus_knows_what_it_gets(asked):
    assert await asked() == ("text/plain; version=0.0.4; charset=utf-8", {})
