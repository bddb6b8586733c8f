from types import SimpleNamespace

import aiohttp
import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.platforms.discord import api
from bot.platforms.refused import Refused
from bot.settings import Settings
from tests.discord_fake import FakeDiscord


@pytest.fixture
async def fake():
    async with FakeDiscord() as fake:
        yield fake


@pytest.fixture
def settings(fake):
    return Settings(discord_token=fake.token, discord_api_url=fake.api_url)


def http(status, code=0):
    kinds = {403: discord.Forbidden, 404: discord.NotFound}
    kind = kinds.get(status, discord.DiscordServerError if status >= 500 else discord.HTTPException)
    return kind(SimpleNamespace(status=status, reason="geheim"), {"code": code, "message": "geheim"})


def closed(code):
    return discord.ConnectionClosed(SimpleNamespace(close_code=code), shard_id=None)


# Addresses


@pytest.mark.parametrize("gateway", [None, "ws://127.0.0.1:2/"])
def test_addresses_hold_for_a_block(gateway):
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    with api.addressed(Settings(discord_api_url="http://127.0.0.1:1/api/v10", discord_gateway_url=gateway)):
        assert Route("GET", "/users/@me").url == "http://127.0.0.1:1/api/v10/users/@me"
        assert str(DiscordWebSocket.DEFAULT_GATEWAY) == (gateway or str(before[1]))
    assert before == (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)


def test_addresses_come_back_after_an_error(settings):
    before = Route.BASE
    with pytest.raises(ZeroDivisionError), api.addressed(settings):
        raise ZeroDivisionError
    assert before == Route.BASE


@pytest.mark.parametrize(
    ("environment", "used"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://a:1", "HTTP_PROXY": "http://b:2"}, "http://a:1"),
        ({"http_proxy": "http://b:2"}, "http://b:2"),
    ],
)
def test_the_proxy_comes_from_the_environment(monkeypatch, environment, used):
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert api.proxy() == used


# The application


@pytest.mark.parametrize(("content", "reads"), [("full", True), ("limited", True), ("none", False)])
async def test_the_application_is_told_without_the_gateway(fake, settings, content, reads):
    fake.content = content
    application = await api.application(settings)
    assert (application.id, application.name) == (fake.bot.id, "Parley")
    assert api.reads_all(application) is reads
    assert fake.connections == []


async def test_a_token_that_discord_refuses(fake, settings):
    fake.token = "MTIz.new.token"
    with pytest.raises(Refused, match="does not accept the token; make a new one"):
        await api.application(settings)


async def test_a_discord_that_is_not_there(settings, closed_port):
    url = f"http://127.0.0.1:{closed_port}/api/v10"
    with pytest.raises(Refused, match=f"cannot be reached at {url}; "):
        await api.application(settings.model_copy(update={"discord_api_url": url}))


# Refusals


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (discord.LoginFailure("geheim"), api.TOKEN_REFUSED),
        (http(401), api.TOKEN_REFUSED),
        (closed(4004), api.TOKEN_REFUSED),
        (discord.PrivilegedIntentsRequired(None), api.INTENT_REFUSED),
        (closed(4014), api.INTENT_REFUSED),
        (discord.RateLimited(60), api.TOO_OFTEN),
        (http(429), api.TOO_OFTEN),
        (http(503), api.BROKEN),
        (discord.GatewayNotFound(), api.BROKEN),
        (http(403, 50001), "Discord refuses (HTTP 403, code 50001)."),
        (closed(4011), "Discord closed the connection (code 4011); try again."),
        (discord.InvalidData("geheim"), "Discord said what could not be understood (InvalidData); please report it."),
    ],
)
def test_a_refusal_is_a_sentence(error, told):
    with pytest.raises(Refused) as refused, api.worded("https://discord.com"):
        raise error
    assert str(refused.value) == told


@pytest.mark.parametrize("error", [aiohttp.ClientConnectionError("geheim"), TimeoutError()])
def test_what_is_out_of_reach_is_told_with_its_address(error):
    with (
        pytest.raises(Refused, match="Discord cannot be reached at https://discord.com; "),
        api.worded("https://discord.com"),
    ):
        raise error


def test_other_errors_pass():
    with pytest.raises(ZeroDivisionError), api.worded(""):
        raise ZeroDivisionError
