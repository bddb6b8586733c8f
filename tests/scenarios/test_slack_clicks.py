"""The buttons under an answer."""

from __future__ import annotations

import asyncio

import pytest

from ..slack.talk import answers, mention, shown

pytestmark = [pytest.mark.timeout(30), pytest.mark.usefixtures("desk")]


async def click(slack, user, channel, message, action_id, **action):
    ack = await slack.deliver("interactive", slack.block_actions(user, channel, message, action_id, **action))
    assert ack.seconds < 3


@pytest.fixture
async def whispered(slack, incident, ana):
    """A summary of the channel, which Ana alone was shown, and the channel."""
    channel, _ = incident
    await mention(slack, channel, ana, "summarize")
    await slack.until(lambda: slack.ephemeral)
    return channel, slack.ephemeral[0]


async def test_a_summary_of_a_channel_is_the_askers_until_shared(slack, whispered, ana):
    channel, message = whispered
    assert message["user"] == ana
    assert slack.called("chat.postMessage") == []
    await click(slack, ana, channel, message, "share")
    await slack.until(lambda: len(slack.called("chat.postMessage")) == 2 and not slack.ephemeral)
    by, shared = slack.messages(channel)[-2:]
    assert by["text"] == "Ana shared this answer:"
    assert "Payments are failing" in shown(shared)
    assert "Share" not in shown(shared)


async def test_what_is_clicked_twice_is_shared_once(slack, whispered, ana):
    channel, message = whispered
    await asyncio.gather(*(click(slack, ana, channel, message, "share") for _ in range(3)))
    await slack.until(lambda: len(slack.called("chat.postMessage")) == 2 and not slack.ephemeral)
    await mention(slack, channel, ana, "help")
    await slack.until(lambda: len(slack.called("chat.postMessage")) == 3)


async def test_what_is_shared_is_what_was_shown(slack, whispered, ana, ben):
    channel, message = whispered
    slack.say(channel, ben, "By the way, I quit.")
    await click(slack, ana, channel, message, "share")
    await slack.until(lambda: len(slack.called("chat.postMessage")) == 2)
    assert "I quit" not in shown(slack.messages(channel)[-1])


async def test_who_lost_access_to_the_source_can_not_share_it(slack, engine, ana, ben):
    hidden = slack.channel("hidden", ana, kind="private")
    root = slack.say(hidden, ana, "We will buy Globex.")
    here = slack.channel("here", ana, ben)
    await mention(slack, here, ana, f"summarize <{slack.permalink(hidden, root)}>")
    await slack.until(lambda: slack.ephemeral)
    slack.channels[hidden].members.remove(ana)
    await click(slack, ana, here, slack.ephemeral[0], "share")
    await slack.until(lambda: slack.responses)
    assert "I cannot read that for you" in slack.responses[0]["text"]
    assert slack.called("chat.postMessage") == []


@pytest.mark.parametrize("locale", ["pt-BR", "en-US"])
async def test_an_answer_is_shown_in_the_readers_language(slack, engine, incident, ana, ben, locale):
    channel, root = incident
    slack.users[ben].locale = locale
    engine.answers["who rolls back?"] = "I roll back"
    await mention(slack, channel, ana, "ask who rolls back?", root)
    await slack.until(lambda: answers(slack, channel, root))
    await click(slack, ben, channel, answers(slack, channel, root)[0], "retell")
    await slack.until(lambda: slack.ephemeral)
    if locale == "pt-BR":
        assert "I ROLL BACK" in shown(slack.ephemeral[0])
    else:  # it is in English already: which one then?
        await click(slack, ben, channel, slack.ephemeral[0], "retell:pt")
        await slack.until(lambda: len(slack.ephemeral) == 2)
        assert "I ROLL BACK" in shown(slack.ephemeral[1])
    assert {told["user"] for told in slack.ephemeral} == {ben}


async def test_more_detail_is_for_whoever_wants_it(slack, engine, incident, ana, ben):
    channel, root = incident
    for number in range(8):
        slack.say(channel, ben, f"Step {number} is done, after all {number * 7} attempts.", root)
    await mention(slack, channel, ana, "summarize in 2 points", root)
    await slack.until(lambda: answers(slack, channel, root))
    answer = answers(slack, channel, root)[0]
    assert shown(answer).count("•") == 2
    await click(slack, ben, channel, answer, "more")
    await slack.until(lambda: slack.ephemeral)
    assert shown(slack.ephemeral[0]).count("•") == 4
    assert slack.ephemeral[0]["user"] == ben


async def test_verdicts_are_counted_once_a_person_and_without_words(slack, state, incident, ana, ben):
    channel, root = incident
    await mention(slack, channel, ana, "summarize", root)
    await slack.until(lambda: answers(slack, channel, root))
    answer = answers(slack, channel, root)[0]
    for user in (ana, ana, ben):
        await click(slack, user, channel, answer, "feedback", value="good:summarize")
    await slack.until(lambda: len(slack.ephemeral) == 2)
    assert await state.feedback() == {("summarize", "good"): 2}


async def test_a_translation_is_shown_to_whoever_wanted_it(slack, incident, ana):
    channel, root = incident
    await mention(slack, channel, ana, "translate to Portuguese: Good morning.", root)
    await slack.until(lambda: slack.ephemeral)
    assert "GOOD MORNING." in shown(slack.ephemeral[0])
    assert answers(slack, channel, root) == []
    await click(slack, ana, channel, slack.ephemeral[0], "share")
    await slack.until(lambda: len(answers(slack, channel, root)) == 2)


async def test_an_answer_too_long_for_a_button_has_fewer(slack, incident, ana):
    channel, root = incident
    await mention(slack, channel, ana, "translate to pt: " + "Good morning. " * 200, root)
    await slack.until(lambda: slack.ephemeral)
    assert "retell" not in shown(slack.ephemeral[-1])
    assert "feedback" in shown(slack.ephemeral[-1])


async def test_what_is_too_long_for_an_address_goes_on_in_another_way(slack, incident, ana):
    channel, _ = incident
    words = "Good morning, said he. " * 3500
    await slack.deliver("slash_commands", slack.command(ana, channel, f"translate to pt: {words}"))
    await slack.until(lambda: slack.responses and "feedback" in shown(slack.ephemeral[-1]), within=20)
    told = "".join(shown(message) for message in slack.ephemeral)
    assert told.count("GOOD MORNING") == 3500
    assert len(slack.responses) <= 5


@pytest.mark.parametrize("refusal", ["rate limit", "half an hour is over"])
async def test_no_answer_is_lost_when_an_address_takes_it_late_or_not_at_all(slack, incident, ana, refusal):
    channel, _ = incident
    if refusal == "rate limit":
        slack.fail("response_url", "ratelimited", status=429, retry_after=1)
    else:
        slack.fail("response_url", "expired_url", status=404)
    await slack.deliver("slash_commands", slack.command(ana, channel, "summarize"))
    await slack.until(lambda: slack.ephemeral)
    (told,) = slack.ephemeral
    assert "Payments are failing" in shown(told)
    assert bool(slack.responses) == (refusal == "rate limit")


async def test_whoever_waits_for_a_command_is_told_and_gets_the_answer_in_its_place(slack, incident, ana, monkeypatch):
    monkeypatch.setattr("bot.platforms.outlets.SLOW_S", 0.01)
    slack.delays["conversations.history"] = 0.3
    channel, _ = incident
    await slack.deliver("slash_commands", slack.command(ana, channel, "summarize"))
    await slack.until(lambda: slack.ephemeral)
    assert slack.ephemeral[0]["text"] == "One moment, I am reading."
    await slack.until(lambda: "Payments are failing" in shown(slack.ephemeral[0]))
    assert len(slack.ephemeral) == 1
