"""A busy hour in a second: two hundred people at once, with the default models."""

from __future__ import annotations

import asyncio

import pytest

from bot.assistant import Assistant
from bot.commands import loading
from bot.platforms.slack.desks import Desks
from bot.platforms.slack.sockets import connected
from bot.router import Router
from handlers import build

from ..slack.talk import answers

CHANNELS, EACH = 40, 5
WANTED = ("who rolls back?", "summarize", "how do people feel about this?", "help", "tl;dr in 2 points")


@pytest.mark.real
@pytest.mark.timeout(180)
async def test_two_hundred_mentions_are_each_answered_once_and_block_nothing(slack, state, real_engine, steps):
    await real_engine.warm(lambda *_: None)
    loading.settle()
    ana, ben = slack.user("ana", display_name="Ana"), slack.user("ben", display_name="Ben")
    asked = []
    for number in range(CHANNELS):
        channel = slack.channel(f"team-{number}", ana, ben)
        root = slack.say(channel, ana, f"Payments have been failing since deploy {number}.")
        slack.say(channel, ben, "I roll back to 4.11, and Ana tells the customers.", root)
        asked += [(channel, root, slack.say(channel, ana, f"<@{slack.bot_user}> {text}", root)) for text in WANTED[:EACH]]
    assistant = Assistant(Router(real_engine), build(real_engine))
    async with (
        Desks(assistant, state, url=slack.api_url, pace_s=0.0) as desks,
        connected(desks, slack.bot_token, slack.app_token, url=slack.api_url),
    ):
        await slack.connected()
        acks = await asyncio.gather(
            *(slack.deliver("events_api", slack.callback(slack.app_mention(channel, ts))) for channel, _, ts in asked)
        )
        roots = {(channel, root) for channel, root, _ in asked}
        await slack.until(lambda: len(slack.called("chat.postMessage")) >= len(asked), within=150)
    assert all(len(answers(slack, *one)) == EACH for one in roots)
    assert max(ack.seconds for ack in acks) < 3
    assert max(steps)[0] < 0.05
