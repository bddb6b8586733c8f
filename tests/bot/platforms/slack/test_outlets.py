"""Where answers are said, what becomes of them there, and what goes when its source goes."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from bot import wording
from bot.platforms import outlets
from bot.platforms.outlets import WAIT, InThread, patience
from bot.platforms.posts import Posts
from bot.platforms.slack import api
from bot.platforms.slack.asked import asked as asked_in
from bot.platforms.slack.asked import home
from bot.platforms.slack.outlets import (
    STATUS,
    TOO_LONG,
    USES,
    Alone,
    InAgent,
    InModal,
    Responding,
)
from bot.platforms.slack.render import plain, render
from bot.platforms.slack.views import question, reading
from bot.platforms.slack.wire import SlackWire
from handlers.conversation import Reply, Text
from models.types import Stopped

from ....slack.talk import answers, shown


@pytest.fixture
def posts(slack, client, state):
    return Posts(SlackWire(client, pace_s=0.0), state, home=home(slack.team_id))


@pytest.fixture
def asked(slack, ana, ben):
    """Ana's question in a thread."""
    channel = slack.channel("general", ana, ben)
    root = slack.say(channel, ben, "Root.")
    return asked_in(slack.team_id, channel, ana, "help", message=slack.say(channel, ana, "help", root), root=root)


@pytest.fixture
def thread(posts, asked):
    return InThread(posts, asked, plain)


def said(slack, asked):
    return [message["text"] for message in answers(slack, asked.channel, asked.root)]


class Recorder:
    """An outlet that keeps what it is told."""

    def __init__(self):
        self.told, self.waiting = [], asyncio.Event()

    async def wait(self):
        self.told.append("wait")
        self.waiting.set()

    async def say(self, messages, sources=()):
        self.told += [message.text for message in messages]


# Patience


async def test_who_waits_long_is_told_and_who_does_not_is_not(monkeypatch):
    quick, slow = Recorder(), Recorder()
    async with patience(quick, plain):
        pass
    monkeypatch.setattr(outlets, "SLOW_S", 0.0)
    async with patience(slow, plain):
        await slow.waiting.wait()
    assert (quick.told, slow.told) == ([], ["wait"])


async def test_who_waits_when_parley_stops_is_told_to_ask_again():
    outlet, begun = Recorder(), asyncio.Event()

    async def work():
        async with patience(outlet, plain):
            begun.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert outlet.told == [wording.sentence(Stopped())]


async def test_that_telling_to_wait_fails_is_no_reason_not_to_answer(slack, thread, asked, monkeypatch):
    monkeypatch.setattr(outlets, "SLOW_S", 0.0)
    slack.fail("chat.postMessage", "internal_error")
    async with patience(thread, plain):
        await slack.until(lambda: any(call.error for call in slack.calls))
    await thread.say([plain("Here.")])
    assert said(slack, asked) == ["Here."]


# In a thread


async def test_an_answer_takes_the_place_of_the_line_that_told_to_wait(slack, thread, asked):
    await thread.wait()
    assert said(slack, asked) == [WAIT]
    await thread.say([plain("One."), plain("Two.")])
    assert said(slack, asked) == ["One.", "Two."]


async def test_a_line_that_somebody_took_away_takes_no_answer_along(slack, thread, asked):
    await thread.wait()
    slack.delete(asked.channel, answers(slack, asked.channel, asked.root)[0]["ts"])
    await thread.say([plain("Here.")])
    assert said(slack, asked) == ["Here."]


@pytest.mark.parametrize("text", ["字" * 3_500, "é" * 3_000, "a &amp; b " * 900, "a" * 2_999], ids=len)
async def test_any_answer_can_be_written_over_that_line(slack, thread, asked, text):
    message, *_ = render(Reply((Text(text),)))
    await thread.wait()
    await thread.say([message])
    (answer,) = answers(slack, asked.channel, asked.root)
    assert answer["text"] != WAIT
    assert sum(text[0] in json.dumps(block, ensure_ascii=False) for block in answer["blocks"]) >= 1


@pytest.mark.parametrize("waiting", [True, False])
@pytest.mark.parametrize("which", ["question", "source"])
async def test_what_is_about_a_message_that_is_gone_is_never_shown(slack, posts, thread, asked, waiting, which):
    source = slack.say(asked.channel, asked.user, "Secret.", asked.root)
    if waiting:
        await thread.wait()
    await posts.retract(asked.channel, source if which == "source" else asked.message)
    await thread.say([plain("It is secret.")] * 2, [posts.key(asked.channel, source)])
    assert said(slack, asked) == []
    assert slack.called("chat.update") == []
    assert len(slack.called("chat.postMessage")) == int(waiting)


@pytest.mark.parametrize("waiting", [True, False])
async def test_what_goes_while_its_answer_is_posted_takes_it_along(
    slack, client, posts, thread, asked, waiting, monkeypatch
):
    if waiting:
        await thread.wait()
    method = "chat_update" if waiting else "chat_postMessage"
    post = getattr(client, method)

    async def meanwhile(**given):
        await posts.retract(asked.channel, asked.message)
        return await post(**given)

    monkeypatch.setattr(client, method, meanwhile)
    await thread.say([plain("An answer.")] * 2)
    assert said(slack, asked) == []


async def test_one_post_that_cannot_be_deleted_keeps_no_other(slack, posts, asked):
    other = slack.channel("other", asked.user)
    source = posts.key(asked.channel, asked.message)
    for channel in (other, asked.channel):
        await posts.post(channel, None, plain("It says so."), [source])
    slack.fail("chat.delete", "cant_delete_message")
    await posts.retract(asked.channel, asked.message)
    left = [m for channel in (other, asked.channel) for m in slack.messages(channel) if m["text"] == "It says so."]
    assert len(left) == 1
    assert len([call for call in slack.calls if call.method == "chat.delete"]) == 2


async def test_what_is_gone_twice_is_no_error(slack, posts, thread, asked):
    await thread.say([plain("Here.")])
    slack.delete(asked.channel, answers(slack, asked.channel, asked.root)[0]["ts"])
    await posts.retract(asked.channel, asked.message)
    await posts.retract(asked.channel, asked.message)


async def test_the_bot_takes_part_where_it_answered_for_all_to_see(client, posts, thread, asked):
    assert not await posts.took_part(asked.channel, asked.root)
    await Alone(client, asked).say([plain("Psst.")])
    assert not await posts.took_part(asked.channel, asked.root)
    await thread.say([plain("Here.")])
    assert await posts.took_part(asked.channel, asked.root)
    assert not await posts.took_part(asked.channel, asked.message)


async def test_posts_to_one_channel_keep_slacks_pace_and_others_do_not_wait(slack, client, state, ana):
    posts = Posts(SlackWire(client, pace_s=0.2), state, home=home(slack.team_id))
    slack.post_gap = 0.15
    channels = [slack.channel(name, ana) for name in ("one", "two", "three")]
    await asyncio.gather(*(posts.post(channel, None, plain(f"{n}"), []) for channel in channels for n in range(3)))
    assert [call for call in slack.calls if call.error] == []
    first = [next(call.at for call in slack.calls if call.arguments["channel"] == channel) for channel in channels]
    assert max(first) - min(first) < 0.2


# In the agent's view


@pytest.mark.parametrize("scoped", [True, False])
async def test_the_agents_view_has_a_status_or_a_line(slack, posts, client, ana, scoped):
    channel = slack.im(ana)
    ts = slack.say(channel, ana, "help")
    outlet = InAgent(posts, asked_in(slack.team_id, channel, ana, "help", message=ts), client)
    if not scoped:
        slack.fail("assistant.threads.setStatus", "missing_scope")
    await outlet.wait()
    assert slack.statuses == ([(channel, ts, STATUS)] if scoped else [])
    await outlet.say([plain("Here.")])
    assert [message["text"] for message in answers(slack, channel, ts)] == ["Here."]


# To the asker alone


async def test_what_one_person_sees_stands_in_the_thread(slack, client, asked):
    await Alone(client, asked).say([plain("One."), plain("Two.")])
    assert [(m["user"], m["thread_ts"], m["text"]) for m in slack.ephemeral] == [
        (asked.user, asked.root, "One."),
        (asked.user, asked.root, "Two."),
    ]


@pytest.fixture
def respond(slack, client):
    """The outlet of a command, or of a click on a message."""

    def respond(asked, clicked=None):
        hook = api.hook(slack.response_url(asked.channel, asked.user, clicked))
        return Responding(hook, Alone(client, asked), clicked=clicked is not None)

    return respond


@pytest.mark.parametrize("count", [1, USES, USES + 3])
@pytest.mark.parametrize("waiting", [True, False])
async def test_all_of_an_answer_is_shown_whatever_an_address_takes(slack, respond, asked, count, waiting):
    outlet = respond(asked)
    if waiting:
        await outlet.wait()
    await outlet.say([plain(f"Part {number}.") for number in range(count)])
    assert [message["text"] for message in slack.ephemeral] == [f"Part {number}." for number in range(count)]
    assert len(slack.responses) <= USES


@pytest.mark.parametrize("count", [USES, USES + 1])
async def test_what_cannot_be_shown_where_the_bot_is_not_is_told(slack, respond, ana, count):
    asked = asked_in(slack.team_id, slack.channel("elsewhere", ana, bot=False), ana, "help")
    await respond(asked).say([plain(f"Part {number}.") for number in range(count)])
    told = [message["text"] for message in slack.ephemeral]
    assert told == [f"Part {n}." for n in range(USES)] if count == USES else told[-1] == TOO_LONG
    assert len(told) == USES


async def test_an_address_that_cannot_be_reached_loses_no_answer(slack, client, asked):
    class Away:
        async def send_dict(self, body):
            raise aiohttp.ClientConnectionError

    await Responding(Away(), Alone(client, asked)).say([plain("One."), plain("Two.")])
    assert [message["text"] for message in slack.ephemeral] == ["One.", "Two."]


async def test_what_was_clicked_on_stays_until_it_is_removed(slack, respond, client, asked):
    await Alone(client, asked).say([plain("The first answer.")])
    (first,) = slack.ephemeral
    outlet = respond(asked, clicked=first["ts"])
    await outlet.wait()
    await outlet.say([plain("Another.")])
    assert [message["text"] for message in slack.ephemeral] == ["The first answer.", WAIT, "Another."]
    await outlet.remove()
    assert [message["text"] for message in slack.ephemeral] == [WAIT, "Another."]


# In a modal


@pytest.fixture
async def modal(slack, client, asked):
    opened = await client.views_open(trigger_id=slack.trigger(), view=question(asked.place))
    await client.views_update(view_id=opened["view"]["id"], view=reading(WAIT))
    return opened["view"]["id"]


async def test_a_modal_shows_the_answer_in_place_of_the_wait(slack, client, asked, modal):
    await InModal(client, modal, Alone(client, asked)).say([plain("Ana."), plain("And Ben.")])
    assert "Ana." in shown(slack.modals[modal])
    assert "And Ben." in shown(slack.modals[modal])
    assert WAIT not in shown(slack.modals[modal])
    assert slack.ephemeral == []


async def test_an_answer_for_a_closed_modal_is_shown_in_the_thread(slack, client, asked, modal):
    slack.modals.clear()
    await InModal(client, modal, Alone(client, asked)).say([plain("Ana.")])
    assert [message["text"] for message in slack.ephemeral] == ["Ana."]
