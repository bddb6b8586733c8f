"""A fake Slack, and Parley connected to it."""

from __future__ import annotations

import pytest

from bot.assistant import Assistant
from bot.platforms.slack.desks import Desks
from bot.platforms.slack.sockets import connected
from bot.router import Router
from handlers import build


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
def incident(slack, ana, ben):
    """A channel with a thread: (channel, root)."""
    channel = slack.channel("incident", ana, ben)
    root = slack.say(channel, ana, "Payments are failing since the deploy.")
    slack.say(channel, ben, f"<@{ana}> I roll back to 4.11 &amp; watch it.", root)
    return channel, root
