"""Each message is answered once, however often Slack delivers it, and its answer goes when it is deleted."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from ..slack.talk import answers, mention

pytestmark = pytest.mark.timeout(30)


@pytest.mark.usefixtures("desk")
async def test_one_message_under_many_deliveries_gets_one_answer(slack, incident, ana):
    channel, root = incident
    ts = slack.say(channel, ana, f"<@{slack.bot_user}> help", root)
    mentioned, written = slack.app_mention(channel, ts), slack.message(channel, ts)
    for event in (mentioned, written, mentioned):
        await slack.deliver("events_api", slack.callback(event))
    await slack.deliver("events_api", slack.callback(mentioned), retry_attempt=1, retry_reason="timeout")
    await slack.until(lambda: answers(slack, channel, root))
    last, _ = await mention(slack, channel, ana, "help", root)
    await slack.until(lambda: len(answers(slack, channel, root)) == 2)
    assert len(answers(slack, channel, root)) == 2
    assert last


@pytest.mark.usefixtures("desk")
async def test_the_same_message_under_another_timestamp_gets_no_second_answer(slack, incident, ana):
    channel, root = incident
    sent = [slack.say(channel, ana, f"<@{slack.bot_user}> help", root, client_msg_id="m-1") for _ in range(2)]
    for ts in sent:
        await slack.deliver("events_api", slack.callback(slack.app_mention(channel, ts)))
    await mention(slack, channel, ana, "help", root)
    await slack.until(lambda: len(answers(slack, channel, root)) == 2)


@pytest.mark.usefixtures("desk")
async def test_a_retry_is_answered_when_the_first_attempt_failed(slack, incident, ana):
    channel, root = incident
    slack.fail("chat.postMessage", "fatal_error", times=1)
    ts, _ = await mention(slack, channel, ana, "help", root)
    await slack.until(lambda: any(call.method == "chat.postMessage" for call in slack.calls))
    assert answers(slack, channel, root) == []
    event = slack.callback(slack.app_mention(channel, ts))
    for attempt in (1, 2, 3):
        await slack.deliver("events_api", event, retry_attempt=attempt, retry_reason="timeout")
        with suppress(TimeoutError):
            await slack.until(lambda: answers(slack, channel, root), within=2)
    assert len(answers(slack, channel, root)) == 1


@pytest.mark.usefixtures("desk")
async def test_what_is_delivered_again_after_a_reconnection_is_answered_once(slack, incident, ana):
    channel, root = incident
    ts, _ = await mention(slack, channel, ana, "help", root)
    await slack.until(lambda: answers(slack, channel, root))
    await slack.disconnect()
    await slack.connected(opened=2)
    await slack.deliver("events_api", slack.callback(slack.app_mention(channel, ts)))
    await mention(slack, channel, ana, "help", root)
    await slack.until(lambda: len(answers(slack, channel, root)) == 2)


@pytest.mark.usefixtures("desk")
async def test_a_message_deleted_later_takes_its_answer_along(slack, incident, ana):
    channel, root = incident
    ts, _ = await mention(slack, channel, ana, "help", root)
    await slack.until(lambda: answers(slack, channel, root))
    await slack.deliver("events_api", slack.callback(slack.delete(channel, ts)))
    await slack.until(lambda: not answers(slack, channel, root))


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("which", [0, 1])
async def test_a_message_deleted_later_takes_answers_along_that_quote_it(slack, engine, incident, ana, which):
    channel, root = incident
    engine.answers["who rolls back?"] = "I roll back"
    await mention(slack, channel, ana, ("summarize", "ask who rolls back?")[which], root)
    await slack.until(lambda: answers(slack, channel, root))
    quoted = slack.messages(channel, root)[which]["ts"]  # the first is the root of the thread: it leaves a tombstone
    await slack.deliver("events_api", slack.callback(slack.delete(channel, quoted)))
    await slack.until(lambda: not answers(slack, channel, root))


@pytest.mark.usefixtures("desk")
async def test_a_message_deleted_before_it_is_answered_gets_no_answer(slack, incident, ana):
    channel, root = incident
    slack.delays["conversations.replies"] = 0.3
    ts, _ = await mention(slack, channel, ana, "summarize", root)
    await slack.deliver("events_api", slack.callback(slack.delete(channel, ts)))
    slack.delays.clear()
    await slack.until(lambda: slack.called("conversations.replies"))
    await mention(slack, channel, ana, "help", root)
    await slack.until(lambda: answers(slack, channel, root))
    assert len(answers(slack, channel, root)) == 1


@pytest.mark.usefixtures("desk")
async def test_a_new_connection_goes_on_where_the_old_one_ended(slack, incident, ana):
    channel, root = incident
    await slack.disconnect()
    await slack.connected(opened=2)
    await mention(slack, channel, ana, "help", root)
    await slack.until(lambda: answers(slack, channel, root))


async def test_many_at_once_are_each_answered_once(slack, engine, desk, ana):
    channel = slack.channel("busy", ana)
    stamps = [slack.say(channel, ana, f"<@{slack.bot_user}> help {number}"[:-1]) for number in range(60)]
    acks = await asyncio.gather(
        *(slack.deliver("events_api", slack.callback(slack.app_mention(channel, ts))) for ts in stamps)
    )
    await slack.until(lambda: all(answers(slack, channel, ts) for ts in stamps), within=20)
    assert all(len(answers(slack, channel, ts)) == 1 for ts in stamps)
    assert max(ack.seconds for ack in acks) < 3
