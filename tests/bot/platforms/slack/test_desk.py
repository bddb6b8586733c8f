"""Requests from Slack taken: messages, settings and prompts."""

from __future__ import annotations

import pytest

from bot.assistant import Assistant
from bot.platforms.slack.asked import asked as asked_in
from bot.platforms.slack.desk import Desk
from bot.router import Router
from handlers import build

from ....slack.talk import answers


@pytest.fixture
def desk(slack, client, engine, state):
    assistant = Assistant(Router(engine), build(engine))
    home = f"https://{slack.team}.slack.com/"
    return Desk(client, assistant, state, home=home, me=slack.bot_user, team=slack.team_id, pace_s=0.0)


@pytest.fixture
def channel(slack, ana, ben):
    return slack.channel("general", ana, ben)


@pytest.fixture
def asking(slack, channel, ana):
    """A request of Ana's in the channel."""

    def asking(text, **about):
        return asked_in(slack.team_id, **({"channel": channel, "user": ana, "text": text} | about))

    return asking


async def test_settings_nobody_asked_the_bot_for_stay_closed(slack, desk, asking, channel, ana):
    root = slack.say(channel, ana, "Root.")
    await desk.heard(asking("/help", message=slack.say(channel, ana, "help", root), root=root))
    assert len(answers(slack, channel, root)) == 1
    await desk.heard(asking("settings", message=slack.say(channel, ana, "settings", root), root=root, outright=False))
    assert slack.ephemeral == []


async def test_prompts_are_offered_where_the_workspace_has_them_and_missed_where_not(slack, desk, ana):
    await desk.opened(slack.im(ana), None)
    (offered,) = slack.called("assistant.threads.setSuggestedPrompts")
    assert {"title": "What did I miss?", "message": "What did I miss?"} in offered["prompts"]
    slack.scopes.discard("assistant:write")
    await desk.opened(slack.im(ana), None)
