"""How messages get into Slack: at its pace, within what it takes, and gone where they are gone."""

from __future__ import annotations

import asyncio
import json

import pytest
from slack_sdk.errors import SlackApiError

from bot.platforms.outlets import WAIT
from bot.platforms.posts import NotPosted
from bot.platforms.slack.render import plain, render
from bot.platforms.slack.wire import EDITED, SlackWire
from handlers.conversation import Reply, Text


@pytest.fixture
def wire(client):
    return SlackWire(client, pace_s=0.0)


@pytest.fixture
def channel(slack, ana):
    return slack.channel("general", ana)


async def test_a_message_is_posted_where_it_belongs_and_unfolds_no_links(slack, wire, channel, ana):
    root = slack.say(channel, ana, "Root.")
    [inside] = await wire.send(channel, root, plain("Here."))
    [outside] = await wire.send(channel, None, plain("To all."))
    assert [message["ts"] for message in slack.messages(channel, root)] == [root, inside]
    assert slack.message_at(channel, outside)["text"] == "To all."
    assert "thread_ts" not in slack.message_at(channel, outside)
    assert {call["unfurl_links"] for call in slack.called("chat.postMessage")} == {False}


async def test_a_thread_is_known_by_its_first_message(wire, channel):
    assert wire.thread(channel, "1.0") == "1.0"
    assert wire.thread(channel, None) is None


@pytest.mark.parametrize("text", ["字" * 3_500, "é" * 3_000, "a &amp; b " * 900, "a" * 2_999], ids=len)
async def test_any_message_can_be_written_over_another(slack, wire, channel, text):
    message, *_ = render(Reply((Text(text),)))
    [post] = await wire.send(channel, None, plain(WAIT))
    assert await wire.edit(channel, post, message)
    [shown] = slack.messages(channel)
    assert shown["text"] != WAIT
    assert len(shown["text"].encode()) <= EDITED
    assert sum(text[0] in json.dumps(block, ensure_ascii=False) for block in shown["blocks"]) >= 1


async def test_what_is_gone_is_neither_written_over_nor_deleted_again(slack, wire, channel):
    [post] = await wire.send(channel, None, plain(WAIT))
    await wire.delete(channel, post)
    assert slack.messages(channel) == []
    assert not await wire.edit(channel, post, plain("Here."))
    await wire.delete(channel, post)


async def test_where_the_bot_is_not_it_says_how_to_let_it_in(slack, wire, ana):
    with pytest.raises(NotPosted, match="/invite @Parley"):
        await wire.send(slack.channel("elsewhere", ana, bot=False), None, plain("Here."))


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update", "chat.delete"])
async def test_trouble_is_neither_a_closed_door_nor_a_message_that_is_gone(slack, wire, channel, method):
    [post] = await wire.send(channel, None, plain(WAIT))
    slack.fail(method, "fatal_error")
    with pytest.raises(SlackApiError):
        await {
            "chat.postMessage": lambda: wire.send(channel, None, plain("Here.")),
            "chat.update": lambda: wire.edit(channel, post, plain("Here.")),
            "chat.delete": lambda: wire.delete(channel, post),
        }[method]()


async def test_posts_to_one_channel_keep_slacks_pace_and_others_do_not_wait(slack, client, ana):
    wire = SlackWire(client, pace_s=0.2)
    slack.post_gap = 0.15
    channels = [slack.channel(name, ana) for name in ("one", "two", "three")]
    await asyncio.gather(*(wire.send(channel, None, plain(f"{n}")) for channel in channels for n in range(3)))
    assert [call for call in slack.calls if call.error] == []
    first = [next(call.at for call in slack.calls if call.arguments["channel"] == channel) for channel in channels]
    assert max(first) - min(first) < 0.2
