"""What making an answer takes of Slack."""

from __future__ import annotations

import json

import pytest

from bot.platforms.asked import Place
from bot.platforms.slack.asked import asked as asked_in
from bot.platforms.slack.platform import Slack
from bot.platforms.slack.reading import Reading
from handlers.conversation import Reply, Text, Turn

HERE = Place("C1", "1.0")


@pytest.fixture
def platform(slack, people, history):
    return Slack(people, Reading(history, people), team=slack.team_id)


@pytest.fixture
def asking(slack, ana):
    """A request of Ana's."""

    def asking(text="/summarize", channel="C1", **about):
        return asked_in(slack.team_id, channel, ana, text, **about)

    return asking


def test_its_home_is_the_workspace(slack, platform, asking):
    assert platform.home == asking().home == f"slack:{slack.team_id}"


def test_what_is_looked_at_counts_in_direct_messages_alone(platform, asking, ana):
    platform.looked(ana, HERE)
    direct = asking(channel="D1", message="5.0")
    assert platform.place(direct) == HERE
    assert platform.place(asking(channel="C2")) == Place("C2")
    assert platform.place(asking(channel="D1", about=Place("C3"))) == Place("C3")
    platform.looked(ana, None)
    assert platform.place(direct) == Place("D1")


def test_what_somebody_else_looks_at_does_not_count(platform, asking, ben):
    platform.looked(ben, HERE)
    assert platform.place(asking(channel="D1")) == Place("D1")


def test_a_place_is_a_thread_or_a_channel_and_may_be_another_one(platform, asking):
    assert platform.threaded(HERE)
    assert not platform.threaded(Place("C1"))
    assert not platform.elsewhere(HERE, asking())
    assert platform.elsewhere(HERE, asking(channel="C2", root="1.0"))


async def test_a_request_is_read_with_names_for_ids(platform, asking, ben):
    assert await platform.words(asking(f"what does <@{ben}> say &amp; do?")) == "what does @Ben say & do?"


def test_a_permalink_leads_to_its_message(slack, platform, ana):
    channel = slack.channel("general", ana)
    ts = slack.say(channel, ana, "Root.")
    assert platform.linked(slack.permalink(channel, ts)) == Place(channel, None, ts)
    assert platform.linked("https://example.com/a") is None


def test_now_stands_behind_what_was_written(slack, platform, ana):
    channel = slack.channel("general", ana)
    assert float(platform.now()) > 1.7e9
    assert len(platform.now().partition(".")[2]) == len(slack.say(channel, ana, "Root.").partition(".")[2])


def test_an_answer_has_its_buttons_below_where_it_stands_for_a_request(platform, asking):
    reply = Reply((Text("Ana."),), intent="ask")
    how = {"turns": [Turn("Ana", "I do.")], "seconds": 0.5, "private": True}
    [bare] = platform.draw(reply, asked=None, **how)
    [offered] = platform.draw(reply, asked=asking("/ask who?", about=HERE, until="5.0"), **how)
    assert offered.blocks[: len(bare.blocks)] == bare.blocks
    assert [block["type"] for block in offered.blocks[len(bare.blocks) :]] == ["actions", "context_actions"]
    assert "500 ms" in json.dumps(bare.blocks)


def test_the_languages_to_choose_from_hold_the_request(platform, asking):
    message = platform.choices(asking("/ask who?", about=HERE, until="5.0"), ["pt", "en"])
    buttons = message.blocks[-1]["elements"]
    assert [button["action_id"] for button in buttons] == ["retell:pt", "retell:en"]
    assert {json.loads(button["value"])["q"] for button in buttons} == {"/ask who?"}


def test_a_sentence_of_our_own_is_escaped(platform):
    assert platform.plain("Tom & Jerry").text == "Tom &amp; Jerry"
