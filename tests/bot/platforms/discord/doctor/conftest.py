"""A set-up in which nothing is wrong, for tests to break."""

import pytest
from discord import Client, Intents

from bot.platforms.discord.doctor import examine
from bot.platforms.discord.tree import Tree
from bot.settings import Settings
from tests.discord_fake import FakeDiscord


@pytest.fixture
def commands():
    """What Parley registers."""
    tree = Tree(Client(intents=Intents.none()))
    return [command.to_dict(tree) for command in tree.get_commands()]


@pytest.fixture
async def discord(commands):
    async with FakeDiscord() as discord:
        discord.register(commands)
        yield discord


@pytest.fixture
def guild(discord):
    guild = discord.guild("Acme")
    discord.channel(guild, "general")
    discord.channel(guild, "incident")
    return guild


@pytest.fixture
def setup(discord, guild):
    """Settings that are right, but for what a test says."""

    def made(**wrong):
        right = {"discord_token": discord.token, "discord_api_url": discord.api_url}
        return Settings(**(right | {"database": "sqlite+aiosqlite:///:memory:"} | wrong))

    return made


@pytest.fixture
def found(gathered):
    """What the checks say of a set-up: by check, pairs of a verdict and words."""
    return lambda settings, **options: gathered(examine(settings, **options))


@pytest.fixture
def said(found):
    """The one thing that one check says."""

    async def one(check, settings, **options):
        [pair] = (await found(settings, **options))[check]
        return pair

    return one
