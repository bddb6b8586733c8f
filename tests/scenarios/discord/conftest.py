"""A fake Discord with people in a server, and Parley connected to it."""

from __future__ import annotations

import pytest

from bot.assistant import Assistant
from bot.health import CONNECTION, Health
from bot.platforms.discord.client import Client
from bot.platforms.discord.gateway import connected
from bot.router import Router
from bot.settings import Settings
from handlers import build

from ...discord_fake import FakeDiscord


@pytest.fixture
async def discord():
    async with FakeDiscord() as discord:
        yield discord
    for call in discord.calls:
        for said in _said(call):
            assert said["allowed_mentions"]["parse"] == []
            assert "@everyone" not in (said.get("content") or "")


def _said(call):
    """What a call wanted to be read by people."""
    body = call.body if isinstance(call.body, dict) else {}
    parts = [body, body.get("data") if call.fits("POST", "/interactions/*/callback") else None]
    return [part for part in parts if part and (part.get("content") or part.get("embeds"))]


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
def channel(discord, guild, ana, ben):
    """A channel where something has happened."""
    channel = discord.channel(guild, "incident")
    discord.say(channel, ana, "Payments are failing since the deploy.")
    discord.say(channel, ben, "I roll back to 4.11 & watch it.")
    return channel


@pytest.fixture
def settings(discord):
    return Settings(
        discord_token=discord.token, discord_api_url=discord.api_url, discord_gateway_url=discord.gateway_url, _env_file=None
    )


@pytest.fixture
def assistant(engine):
    return Assistant(Router(engine), build(engine))


@pytest.fixture
def health():
    return Health(CONNECTION)


@pytest.fixture
def connect(settings, assistant, state, health):
    """Connects Parley to the fake, with other settings if need be; it may be done again, as after a restart."""

    def connect(state=state, *, grace_s=5.0, deaf_s=60.0, **changed):
        given = settings.model_copy(update=changed)
        return connected(given, assistant, state, health=health, grace_s=grace_s, ready_s=0.05, deaf_s=deaf_s)

    return connect


@pytest.fixture
def at_once(monkeypatch):
    """Sessions begin without the five seconds that Discord wants between any two of them."""

    async def identify(self, shard_id, *, initial=False):
        pass

    monkeypatch.setattr(Client, "before_identify_hook", identify)


@pytest.fixture
async def parley(connect, channel):
    """Parley, connected to the fake."""
    async with connect() as client:
        yield client


@pytest.fixture
def answered(discord):
    """Waits for a number of answers in a channel, and gives the last of them."""

    async def answered(channel, number=1):
        def told():
            return [answer for answer in discord.answers(channel) if answer.text]

        await discord.until(lambda: len(told()) >= number)
        assert len(told()) == number
        return told()[-1]

    return answered


@pytest.fixture
def quiet(discord, guild):
    """Proves that nothing more comes: what is asked after it, and answered, is all that is answered."""

    async def quiet(user):
        last = discord.channel(guild, "last")
        discord.say(last, user, f"{discord.bot.mention} help")
        await discord.until(lambda: discord.answers(last))

    return quiet
