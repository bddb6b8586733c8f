"""Where in Slack answers are said, and what becomes of them there."""

from __future__ import annotations

import aiohttp
import pytest

from bot.platforms.outlets import WAIT
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
from bot.platforms.slack.render import plain
from bot.platforms.slack.views import question, reading
from bot.platforms.slack.wire import SlackWire

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
