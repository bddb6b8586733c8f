"""Discord's REST API and gateway: where they are, and their refusals in words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from urllib.request import getproxies

import aiohttp
import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot.platforms.credentials import held
from bot.platforms.discord.credentials import PAGE, TOKEN
from bot.platforms.refused import Refused
from bot.settings import Settings

TOKEN_REFUSED = f"Discord does not accept the token; make a new one with Reset Token under Bot, at {PAGE}."
INTENT_REFUSED = f"Discord does not let the bot read all messages; switch Message Content Intent on under Bot, at {PAGE}."
TOO_OFTEN = "Discord was asked too often; try again in a few minutes."
BROKEN = "Discord has trouble on its side; look at discordstatus.com, and try again."


@contextmanager
def addressed(settings: Settings) -> Iterator[None]:
    """Let discord.py, which keeps its addresses in one place for all clients, use those of the settings in this block."""
    kept = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE = settings.discord_api_url
    if settings.discord_gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = URL(settings.discord_gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = kept


def proxy() -> str | None:
    """The proxy to give to discord.py, from HTTPS_PROXY or HTTP_PROXY; None for none."""
    known = getproxies()
    return known.get("https") or known.get("http")


@asynccontextmanager
async def logged_in(settings: Settings) -> AsyncIterator[discord.Client]:
    """A client that knows who it is, and speaks to Discord over REST alone in this block. Raises `Refused`."""
    with addressed(settings), worded(settings.discord_api_url):
        async with discord.Client(intents=discord.Intents(guilds=True), proxy=proxy()) as client:
            await client.login(held(settings, TOKEN.field))
            yield client


async def application(settings: Settings) -> discord.AppInfo:
    """What Discord tells about the application whose token is set, without connecting to the gateway. Raises `Refused`."""
    async with logged_in(settings) as client:
        return known(client)


def known(client: discord.Client) -> discord.AppInfo:
    """The application of a client that has logged in."""
    assert client.application is not None
    return client.application


def reads_all(application: discord.AppInfo) -> bool:
    """Whether the message content intent is on; it is "limited" until Discord has reviewed it, which works alike."""
    return application.flags.gateway_message_content or application.flags.gateway_message_content_limited


def sentence(error: discord.DiscordException) -> str:
    """Why discord.py gave up, with what to do."""
    match error:
        case discord.LoginFailure() | discord.HTTPException(status=401) | discord.ConnectionClosed(code=4004):
            return TOKEN_REFUSED
        case discord.PrivilegedIntentsRequired() | discord.ConnectionClosed(code=4014):
            return INTENT_REFUSED
        case discord.RateLimited() | discord.HTTPException(status=429):
            return TOO_OFTEN
        case discord.DiscordServerError() | discord.GatewayNotFound():
            return BROKEN
        case discord.HTTPException(code=code, status=status):
            return f"Discord refuses (HTTP {status}, code {code})."
        case discord.ConnectionClosed(code=code):
            return f"Discord closed the connection (code {code}); try again."
    return f"Discord said what could not be understood ({type(error).__name__}); please report it."


@contextmanager
def worded(url: str) -> Iterator[None]:
    """Raise `Refused` for what Discord, at `url`, refuses in this block."""
    try:
        yield
    except discord.DiscordException as error:
        raise Refused(sentence(error)) from None
    except (aiohttp.ClientError, TimeoutError):
        raise Refused(f"Discord cannot be reached at {url}; check the network, or a proxy in HTTPS_PROXY.") from None
