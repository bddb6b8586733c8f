"""Requests taken, answered once, and shared, as far as a desk alone decides it."""

from __future__ import annotations

import pytest

from bot.assistant import Assistant
from bot.platforms.asked import Place
from bot.platforms.desk import GONE, SAME
from bot.platforms.slack.asked import asked as asked_in
from bot.platforms.slack.desk import Desk
from bot.platforms.slack.outlets import Alone
from bot.platforms.slack.wire import NOT_POSTED
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


class Recorder:
    """An outlet that keeps what it is told."""

    def __init__(self):
        self.told = []

    async def wait(self):
        pass

    async def say(self, messages, sources=()):
        self.told += [message.text for message in messages]


async def test_a_private_answer_to_a_message_that_is_gone_is_not_shown(slack, desk, asking, channel, ana):
    ts = slack.say(channel, ana, "translate")
    await desk.deleted(channel, ts)
    await desk.heard(asking("/translate pt: good morning", message=ts))
    assert slack.ephemeral == []
    await desk.heard(asking("/translate pt: good morning", message=slack.say(channel, ana, "translate")))
    assert len(slack.ephemeral) == 1


async def test_settings_nobody_asked_the_bot_for_stay_closed(slack, desk, asking, channel, ana):
    root = slack.say(channel, ana, "Root.")
    await desk.heard(asking("/help", message=slack.say(channel, ana, "help", root), root=root))
    assert len(answers(slack, channel, root)) == 1
    await desk.heard(asking("settings", message=slack.say(channel, ana, "settings", root), root=root, outright=False))
    assert slack.ephemeral == []


async def test_what_cannot_be_posted_can_be_shared_once_the_bot_is_there(slack, client, desk, asking, ana):
    elsewhere, outlet = slack.channel("elsewhere", ana, bot=False), Recorder()
    request = asking("/translate pt: good morning", channel=elsewhere)
    await desk.share(request, outlet, "click")
    assert outlet.told == [NOT_POSTED]
    slack.join(elsewhere, slack.bot_user)
    await desk.share(request, Alone(client, request), "click")
    assert [message["text"] for message in slack.messages(elsewhere)][-1] == "GOOD MORNING"


async def test_what_is_gone_is_not_shared_and_that_is_told(slack, desk, state, asking, channel, ana):
    root, outlet = slack.say(channel, ana, "Payments are failing."), Recorder()
    request = asking("/translate pt", about=Place(channel, root, root))
    await state.bury(f"slack:{slack.team_id}:{channel}:{root}")
    await desk.share(request, outlet, "click")
    assert outlet.told == [GONE]
    assert len(slack.messages(channel)) == 1


async def test_a_shared_translation_goes_with_its_source(slack, client, desk, asking, channel, ana, ben):
    root = slack.say(channel, ana, "Payments are failing.")
    last = slack.say(channel, ben, "I roll back.", root)
    request = asking("/translate pt", root=root)
    await desk.share(request, Alone(client, request), "click")
    assert len(answers(slack, channel, root)) == 2
    await desk.deleted(channel, last)
    assert answers(slack, channel, root) == []


async def test_an_answer_that_no_language_is_left_for_is_told_to_be_in_it(engine, desk, asking, channel):
    engine.pairs, outlet = frozenset(), Recorder()
    await desk.retell(asking("/sentiment fine"), outlet, target=None)
    assert outlet.told == [SAME]


async def test_a_refusal_is_told_again_as_it_is(slack, desk, asking, ben):
    secret, outlet = slack.channel("secret", ben, kind="private"), Recorder()
    await desk.retell(asking("/summarize", about=Place(secret)), outlet, target="pt")
    assert "I cannot read that for you" in outlet.told[0]


async def test_prompts_are_offered_where_the_workspace_has_them_and_missed_where_not(slack, desk, ana):
    await desk.opened(slack.im(ana), None)
    (offered,) = slack.called("assistant.threads.setSuggestedPrompts")
    assert {"title": "What did I miss?", "message": "What did I miss?"} in offered["prompts"]
    slack.scopes.discard("assistant:write")
    await desk.opened(slack.im(ana), None)
