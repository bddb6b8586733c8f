"""Requests on Discord that are edited or deleted."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.timeout(30), pytest.mark.usefixtures("parley")]

ASKS = "/channels/*/messages"


@pytest.fixture
def say(discord, channel, ana):
    """Asks in a channel."""

    def say(text, where=channel, **more):
        return discord.say(where, ana, f"{discord.bot.mention} {text}", **more)

    return say


# Edited


async def test_an_edit_is_answered_anew_and_the_earlier_answer_goes(discord, channel, say, answered):
    asked = say("translate to pt: Good moning.")
    first = await answered(channel)
    assert "GOOD MONING." in first.text
    discord.edit(asked, f"{discord.bot.mention} translate to pt: Good morning.")
    await discord.until(lambda: first.deleted)
    assert "GOOD MORNING." in (await answered(channel)).text


async def test_an_edit_while_an_answer_is_made_is_what_is_answered(discord, channel, say, answered, quiet, ana):
    reading = discord.hold("GET", ASKS)
    asked = say("summarize")
    await discord.until(lambda: reading.waiting)
    discord.edit(asked, f"{discord.bot.mention} translate to pt: Good morning.")
    assert "GOOD MORNING." in (await answered(channel)).text
    reading.open()
    await quiet(ana)
    assert len(discord.answers(channel)) == 1


async def test_an_edit_while_an_answer_is_posted_takes_that_along(discord, channel, say, quiet, ana):
    here = "POST", f"/channels/{channel.id}/messages"
    posting = discord.hold(*here)
    asked = say("translate to pt: Good moning.")
    await discord.until(lambda: posting.waiting)
    discord.edit(asked, f"{discord.bot.mention} translate to pt: Good morning.")
    await quiet(ana)
    posting.open()
    await discord.until(lambda: len(discord.called(*here)) == 2)
    await discord.until(lambda: len(discord.answers(channel)) == 1)
    assert "GOOD MORNING." in discord.answers(channel)[0].text


async def test_an_edit_that_calls_parley_is_a_request(discord, channel, ana, answered):
    asked = discord.say(channel, ana, "translate to pt: Good morning.")
    discord.edit(asked, f"{discord.bot.mention} translate to pt: Good morning.")
    assert (await answered(channel)).reply_to is asked


async def test_an_edit_that_calls_parley_no_more_takes_the_answer_along(discord, channel, say, answered):
    asked = say("summarize")
    answer = await answered(channel)
    discord.edit(asked, "Never mind.")
    await discord.until(lambda: answer.deleted)
    assert discord.answers(channel) == []


async def test_an_edit_is_answered_in_the_thread_of_its_first_answer(discord, channel, ben, say, answered):
    for number in range(6):
        discord.say(channel, ben, f"Step {number} is done.")
    asked = say("summarize")
    await discord.until(lambda: asked.thread)
    first = await answered(asked.thread)
    discord.edit(asked, f"{discord.bot.mention} translate to pt: Good morning.")
    await discord.until(lambda: first.deleted)
    assert "GOOD MORNING." in (await answered(asked.thread)).text
    assert discord.answers(channel) == []


async def test_later_edits_are_ignored(discord, channel, say, answered, quiet, ana):
    asked = say("summarize")
    answer = await answered(channel)
    discord.skew += 16
    discord.edit(asked, f"{discord.bot.mention} translate to pt: Good morning.")
    await quiet(ana)
    assert discord.answers(channel) == [answer]


@pytest.mark.parametrize("edited", [False, True])
async def test_links_that_unfold_are_no_edits(discord, channel, say, answered, quiet, ana, edited):
    asked = say("summarize https://example.com")
    answer = await answered(channel)
    if edited:
        discord.edit(asked, f"{discord.bot.mention} translate to pt: https://example.com is down.")
        await discord.until(lambda: answer.deleted)
        answer = await answered(channel)
    asked.embeds = [{"type": "link", "title": "Example", "url": "https://example.com"}]
    discord.changed(asked)
    await quiet(ana)
    assert discord.answers(channel) == [answer]


# Deleted


async def test_a_request_deleted_before_it_is_answered_gets_no_answer(discord, channel, say, quiet, ana):
    reading = discord.hold("GET", ASKS)
    asked = say("summarize")
    await discord.until(lambda: reading.waiting)
    discord.delete(asked)
    await quiet(ana)
    reading.open()
    await quiet(ana)
    assert discord.answers(channel) == []


async def test_a_private_answer_to_a_deleted_request_is_not_sent_either(discord, state, channel, say, quiet, ana, ben):
    await state.prefer(f"discord:{ana.id}", "private", "on")
    reading = discord.hold("GET", ASKS)
    asked = say("summarize")
    await discord.until(lambda: reading.waiting)
    discord.delete(asked)
    await quiet(ben)
    reading.open()
    await quiet(ben)
    assert [answer for answer in discord.answers(discord.dm(ana)) if "Payments" in answer.text] == []


async def test_what_told_to_wait_goes_with_a_deleted_request(discord, channel, say, answered, monkeypatch):
    monkeypatch.setattr("bot.platforms.outlets.SLOW_S", 0.01)
    reading = discord.hold("GET", ASKS)
    asked = say("summarize")
    waiting = await answered(channel)
    discord.delete(asked)
    reading.open()
    await discord.until(lambda: waiting.deleted)


async def test_a_request_deleted_later_takes_all_of_its_answer_along(discord, channel, say):
    asked = say("translate to pt: " + "Good morning, said he. " * 600)
    await discord.until(lambda: discord.answers(channel) and discord.answers(channel)[-1].controls)
    assert len(discord.answers(channel)) > 2
    discord.delete(asked)
    await discord.until(lambda: not discord.answers(channel))


@pytest.mark.parametrize("way", ["mention", "command"])
async def test_a_message_deleted_later_takes_answers_along_that_quote_it(discord, engine, channel, ana, say, answered, way):
    engine.answers["who rolls back?"] = "I roll back"
    if way == "mention":
        say("ask who rolls back?")
    else:
        discord.command(ana, channel, "ask", {"question": "who rolls back?"})
    answer = await answered(channel)
    await discord.until(lambda: answer in discord.answers(channel))
    discord.delete(discord.messages(channel)[1])
    await discord.until(lambda: answer.deleted)


async def test_many_deleted_at_once_take_their_answers_along(discord, channel, say, answered):
    asked = say("summarize")
    answer = await answered(channel)
    about = {"ids": [str(asked.id)], "channel_id": str(channel.id), "guild_id": str(channel.guild.id)}
    discord.dispatch("MESSAGE_DELETE_BULK", about, channel=channel)
    await discord.until(lambda: answer.deleted)
