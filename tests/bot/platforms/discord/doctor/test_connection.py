import pytest
from aiohttp import web

from bot.platforms.discord import api


async def test_a_port_where_nothing_listens(setup, said, closed_port):
    verdict, words = await said("network", setup(discord_api_url=f"http://127.0.0.1:{closed_port}/api/v10"))
    assert verdict == "problem"
    assert words.startswith(f"127.0.0.1:{closed_port} refuses connections; check PARLEY_DISCORD_API_URL")


@pytest.mark.parametrize("body", ["<h1>Log in</h1>", "[]", "{}", '{"url": 1}'])
async def test_somebody_else_answers(setup, said, served, body):
    async def answer(request):
        return web.Response(status=203, text=body, content_type="text/html")

    async with served(answer) as port:
        verdict, words = await said("network", setup(discord_api_url=f"http://127.0.0.1:{port}/api/v10"))
    assert verdict == "problem"
    assert words.startswith(f"What answers at 127.0.0.1:{port} is not Discord's API (HTTP 203); ")


@pytest.mark.parametrize(
    ("status", "told"), [(500, ("problem", api.BROKEN)), (503, ("problem", api.BROKEN)), (429, ("skipped", api.TOO_OFTEN))]
)
async def test_discord_has_no_time(discord, setup, said, status, told):
    discord.fail("GET", "/gateway", status=status)
    assert await said("network", setup()) == told


async def test_a_proxy_is_used_and_named(discord, setup, found, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://ana:geheim@{discord.url.removeprefix('http://')}")
    findings = await found(setup())  # the fake takes a proxy's requests as its own
    assert "through the proxy at 127.0.0.1:" in findings["network"][0][1]
    assert findings["token"][0][0] == "ok"


async def test_a_proxy_that_is_not_there(setup, said, monkeypatch, closed_port):
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed_port}")
    verdict, words = await said("network", setup())
    assert verdict == "problem"
    assert words == f"The proxy at 127.0.0.1:{closed_port} cannot be reached; check HTTPS_PROXY."


# The gateway


async def test_a_gateway_of_ones_own_is_used(setup, said, closed_port):
    verdict, words = await said("gateway", setup(discord_gateway_url=f"ws://127.0.0.1:{closed_port}"))
    assert verdict == "problem"
    assert words.startswith(f"127.0.0.1:{closed_port} refuses connections; ")


@pytest.mark.parametrize("frame", ['{"op": 9}', '{"type": "hello"}', "hello", None])
async def test_another_greeting(setup, said, served, frame):
    async def greet(request):
        assert request.query == {"v": "10", "encoding": "json"}
        opened = web.WebSocketResponse()
        await opened.prepare(request)
        if frame is not None:
            await opened.send_str(frame)
        await opened.close()
        return opened

    async with served(greet) as port:
        verdict, words = await said("gateway", setup(discord_gateway_url=f"ws://127.0.0.1:{port}"))
    assert verdict == "problem"
    assert words.startswith(f"127.0.0.1:{port} does not greet as Discord's gateway does; check PARLEY_DISCORD_GATEWAY_URL")


async def test_websockets_that_do_not_get_through(setup, said, served):
    async def refuse(request):
        return web.Response(status=404)

    async with served(refuse) as port:
        _, words = await said("gateway", setup(discord_gateway_url=f"ws://127.0.0.1:{port}"))
    assert words == (
        f"127.0.0.1:{port} opens no websocket (HTTP 404); let firewall and proxy pass websockets to *.discord.gg."
    )


async def test_the_gateway_is_tried_even_if_the_token_is_wrong(setup, said):
    assert (await said("gateway", setup(discord_token="")))[0] == "ok"


@pytest.mark.parametrize(
    ("connected", "verdict", "told"),
    [
        (950, "note", "The bot may connect only 50 times more in the next 4 hours; "),
        (999, "note", "The bot may connect only 1 time more in the next 4 hours; "),
        (1000, "problem", "The bot has connected too often and may not for 4 hours; "),
    ],
)
async def test_connections_that_run_out_are_told(discord, setup, found, connected, verdict, told):
    discord.identified = [0] * connected
    hello, few = (await found(setup()))["gateway"]
    assert hello[0] == "ok"
    assert few[0] == verdict
    assert few[1].startswith(told)
