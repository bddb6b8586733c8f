"""A server is up as long as its block runs, and says in a sentence where it cannot be."""

import aiohttp
import pytest
from aiohttp import web

from bot.address import Address
from bot.listening import AddressUnusable, listening

ANY = Address("127.0.0.1", 0)


async def test_an_address_with_port_0_gets_one_that_is_free():
    site = web.Application()

    async def hello(_):
        return web.Response(text="hello")

    site.add_routes([web.get("/", hello)])
    async with listening(site, ANY) as bound, aiohttp.ClientSession() as client:
        assert bound.port
        async with client.get(f"http://{bound}/") as answer:
            assert await answer.text() == "hello"
    async with aiohttp.ClientSession() as client:
        with pytest.raises(aiohttp.ClientConnectorError):
            await client.get(f"http://{bound}/")


async def test_a_port_in_use_is_one_sentence():
    async with listening(web.Application(), ANY) as bound:
        with pytest.raises(AddressUnusable) as caught:
            async with listening(web.Application(), bound):
                pass
    words = f"Parley cannot listen on {bound}: another program listens there already; choose another address."
    assert str(caught.value) == words


async def test_an_address_of_another_machine_is_one_sentence():
    with pytest.raises(AddressUnusable, match="this machine does not have that address"):
        async with listening(web.Application(), Address("192.0.2.1", 0)):
            pass
