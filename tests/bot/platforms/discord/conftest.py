"""The parts of the Discord adapter that read, against the fake Discord over real HTTP."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

import pytest
from discord import Client, Intents, MemberCacheFlags

from bot.platforms.discord.access import Access
from bot.platforms.discord.history import History
from bot.platforms.discord.people import People

from ....discord.gateway import Session
from ....discord_fake import FakeDiscord


class _Straight:
    """In place of a websocket: what is dispatched has reached the client when the test goes on."""

    def __init__(self, client):
        self._client = client

    def send(self, frame):
        parsers = self._client._connection.parsers
        parsers[frame["t"]](json.loads(json.dumps(frame["d"])))


@asynccontextmanager
async def connected(discord, *, message_content=True):
    """A client that knows the servers which the bot is in, and hears of what becomes of them."""
    intents = Intents(guilds=True, messages=True, reactions=True, message_content=message_content)
    kept = {"max_messages": None, "member_cache_flags": MemberCacheFlags.none(), "chunk_guilds_at_startup": False}
    with discord.addressed():
        async with Client(intents=intents, **kept) as client:
            await client.login(discord.token)
            session = Session(str(id(client)), 0, 1, intents.value, connection=_Straight(client))
            discord.sessions[session.id] = session
            for guild in discord.guilds.values():
                discord.dispatch("GUILD_CREATE", discord.guild_create(guild), guild=guild)
            yield client
            del discord.sessions[session.id]


@pytest.fixture
async def discord():
    async with FakeDiscord() as discord:
        yield discord


@pytest.fixture
def ana(discord):
    return discord.user("Ana")


@pytest.fixture
def ben(discord):
    return discord.user("Ben")


@pytest.fixture
def guild(discord, ana, ben):
    return discord.guild("Acme", ana, ben)


@pytest.fixture
async def client(discord, guild):
    async with connected(discord) as client:
        yield client


@pytest.fixture
def people(client):
    return People(client)


@pytest.fixture
def access(client):
    return Access(client)


@pytest.fixture
def history(discord, client, people):
    return History(client, people, me=discord.bot.id)
