"""A fake Discord with one person in one channel, and a small bot that listens."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from ..discord_fake import FakeDiscord
from .client import Client, running
from .world import Channel, Guild, User


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as fake:
        with fake.addressed():
            yield fake


@pytest.fixture
def ana(fake: FakeDiscord) -> User:
    return fake.user("Ana", locale="pt-BR")


@pytest.fixture
def guild(fake: FakeDiscord, ana: User) -> Guild:
    return fake.guild("Acme", ana)


@pytest.fixture
def channel(fake: FakeDiscord, guild: Guild) -> Channel:
    return fake.channel(guild, "incident")


@pytest.fixture
async def client(fake: FakeDiscord, channel: Channel) -> AsyncIterator[Client]:
    async with running(fake, Client()) as client:
        yield client
