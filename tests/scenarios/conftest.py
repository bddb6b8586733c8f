"""A fake Slack, and Parley connected to it."""

from __future__ import annotations

import pytest

from bot.assistant import Assistant
from bot.platforms.slack.desks import Desks
from bot.platforms.slack.sockets import connected
from bot.router import Router
from bot.state import State
from handlers import build

from ..slack_fake import FakeSlack


@pytest.fixture
async def slack():
    async with FakeSlack() as slack:
        yield slack


@pytest.fixture
async def state(tmp_path):
    async with State(f"sqlite+aiosqlite:///{tmp_path}/parley.db") as state:
        yield state


@pytest.fixture
async def desk(slack, engine, state):
    """Parley, connected to the fake."""
    assistant = Assistant(Router(engine), build(engine))
    async with (
        Desks(assistant, state, url=slack.api_url, pace_s=0.0) as desks,
        connected(desks, slack.bot_token, slack.app_token, url=slack.api_url, grace_s=5.0),
    ):
        await slack.connected()
        yield


@pytest.fixture
def ana(slack):
    return slack.user("ana", display_name="Ana")


@pytest.fixture
def ben(slack):
    return slack.user("ben", display_name="Ben")


@pytest.fixture
def incident(slack, ana, ben):
    """A channel with a thread: (channel, root)."""
    channel = slack.channel("incident", ana, ben)
    root = slack.say(channel, ana, "Payments are failing since the deploy.")
    slack.say(channel, ben, f"<@{ana}> I roll back to 4.11 &amp; watch it.", root)
    return channel, root
