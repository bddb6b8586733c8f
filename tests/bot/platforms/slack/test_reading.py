"""What is fetched for whom, and what is said where it is not."""

from __future__ import annotations

import logging

import aiohttp
import pytest

from bot.assistant import NotReadable
from bot.platforms.asked import Place
from bot.platforms.desk import GONE
from bot.platforms.slack.asked import asked as asked_in
from bot.platforms.slack.reading import NO_ACCESS, NOT_INSIDE, TROUBLE, Reading
from handlers.conversation import Request

DAY = 86_400


@pytest.fixture
def reading(history, people):
    return Reading(history, people)


@pytest.fixture
def channel(slack, ana, ben):
    return slack.channel("general", ana, ben)


@pytest.fixture
def ask(slack, reading, ana):
    """Reads what a request of Ana's is about."""

    async def ask(place, *, here=None, text="/summarize", intent="summarize", **about):
        asked = asked_in(slack.team_id, here or place.channel, ana, text, about=place, **about)
        return await reading.read(Request(text, intent=intent), asked, place)

    return ask


@pytest.mark.parametrize("intent", ["translate", "sentiment"])
async def test_what_is_about_one_message_reads_that_one(slack, ask, channel, ana, ben, intent):
    root = slack.say(channel, ana, "Root.")
    reply = slack.say(channel, ben, "Reply.", root)
    request = await ask(Place(channel, root, reply), intent=intent)
    assert request.quoted
    assert request.quoted.text == "Reply."
    assert not request.thread.turns


async def test_all_else_reads_the_thread_of_a_message(slack, ask, channel, ana, ben):
    root = slack.say(channel, ana, "Root.")
    reply = slack.say(channel, ben, "Reply.", root)
    for place in (Place(channel, root, reply), Place(channel, None, reply), Place(channel, root)):
        assert [turn.text for turn in (await ask(place)).thread.turns] == ["Root.", "Reply."]
    assert [turn.text for turn in (await ask(Place(channel))).thread.turns] == ["Root.", "Reply."]


@pytest.mark.parametrize("kind", ["not there", "private", "the bot is outside", "a message that is not there"])
async def test_whoever_asks_about_another_channel_is_told_the_same_whatever_is_wrong(slack, ask, channel, ben, kind):
    place = {
        "not there": Place("C0NOWHERE"),
        "private": Place(slack.channel("secret", ben, kind="private")),
        "the bot is outside": Place(slack.channel("open", ben, bot=False)),
        "a message that is not there": Place(slack.channel("open", ben), "1700000000.000000"),
    }[kind]
    with pytest.raises(NotReadable, match=NO_ACCESS):
        await ask(place, here=channel)


async def test_access_is_proved_before_anything_is_read(slack, ask, channel, ben):
    secret = slack.channel("secret", ben, kind="private")
    with pytest.raises(NotReadable):
        await ask(Place(secret), here=channel)
    assert not {"conversations.history", "conversations.replies"} & {call.method for call in slack.calls}


async def test_a_modal_or_a_button_elsewhere_proves_nothing(slack, ask, ben):
    secret = slack.channel("secret", ben, kind="private")
    with pytest.raises(NotReadable, match=NO_ACCESS):
        await ask(Place(secret), there=False)


async def test_why_nothing_is_read_here_is_told(slack, ask, channel, ana, caplog):
    outside = slack.channel("outside", ana, bot=False)
    with pytest.raises(NotReadable, match=NOT_INSIDE):
        await ask(Place(outside))
    with pytest.raises(NotReadable, match=GONE):
        await ask(Place(channel, "1700000000.000000"))
    assert caplog.records == []


@pytest.mark.parametrize("error", ["internal_error", "account_inactive", "missing_scope"])
@pytest.mark.parametrize("elsewhere", [True, False])
async def test_what_the_operator_can_mend_is_logged(slack, ask, channel, ana, ben, caplog, error, elsewhere):
    place = Place(slack.channel("open", ben)) if elsewhere else Place(channel)
    slack.fail("conversations.history", error)
    with caplog.at_level(logging.WARNING), pytest.raises(NotReadable) as told:
        await ask(place, here=channel)
    assert error in caplog.text
    assert (str(told.value) == TROUBLE) == (error != "missing_scope")


async def test_a_connection_that_breaks_is_told_as_trouble(ask, channel, history, monkeypatch):
    async def broken(*_, **__):
        raise aiohttp.ServerDisconnectedError

    monkeypatch.setattr(history, "channel", broken)
    with pytest.raises(NotReadable, match=TROUBLE):
        await ask(Place(channel))


@pytest.mark.parametrize("text", ["/summarize yesterday", "/summarize the last 24 hours"])
async def test_a_time_counts_from_when_it_was_asked(slack, ask, channel, ana, text):
    noon = slack.now() // DAY * DAY + DAY / 2
    slack.users[ana].tz = "Europe/London"
    for days in (2.4, 1, 0.4):
        slack.say(channel, ana, f"{days} days ago.", at=noon - days * DAY)
    asked = f"{noon - 0.5 * DAY:.6f}"
    later = await ask(Place(channel), text=text, until=asked)
    assert [turn.text for turn in later.thread.turns] == ["1 days ago."]


async def test_a_reaction_is_placed_in_its_thread(slack, reading, channel, ana, ben):
    root = slack.say(channel, ana, "Root.")
    reply = slack.say(channel, ben, "Reply.", root)

    async def placed(ts):
        found = await reading.placed(asked_in(slack.team_id, channel, ana, "/summarize", about=Place(channel, None, ts)))
        return found.root, found.about

    assert await placed(reply) == (root, Place(channel, root, reply))
    assert await placed(root) == (None, Place(channel, root, root))
    assert await placed("1700000000.000000") == (None, Place(channel, None, "1700000000.000000"))


async def test_a_reaction_survives_a_connection_that_breaks(reading, history, channel, ana, monkeypatch):
    async def broken(*_):
        raise TimeoutError

    monkeypatch.setattr(history, "root", broken)
    asked = asked_in("T", channel, ana, "/summarize", about=Place(channel, None, "1.0"))
    assert await reading.placed(asked) == asked
