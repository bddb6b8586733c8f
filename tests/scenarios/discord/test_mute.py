"""Where people may read but not write, such as a channel of announcements, Parley does not write for them either."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.timeout(30), pytest.mark.usefixtures("parley")]

FLAG, MEMO = "\U0001f1e7\U0001f1f7", "\U0001f4dd"
NOT_YOURS = "You may not write there"


@pytest.fixture
def mute(discord, guild, ana, ben):
    """A channel where Ana may read only, and Parley may write."""
    mute = discord.channel(guild, "announcements")
    discord.deny(mute, "send_messages send_messages_in_threads", to=ana)
    discord.say(mute, ben, "We have a new office, which is great.")
    return mute


@pytest.mark.parametrize("way", ["menu", "command"])
async def test_an_answer_is_for_the_asker_alone(discord, mute, ana, way):
    (first,) = discord.messages(mute)
    if way == "menu":
        interaction = discord.menu(ana, "Sentiment", first)
    else:
        interaction = discord.command(ana, mute, "summarize", {"show": "Everyone"})
    assert (await interaction.answer()).ephemeral


async def test_in_a_thread_it_is_the_right_to_write_there_that_counts(discord, mute, ana, ben):
    thread = discord.thread(discord.messages(mute)[0], "Office", ben)
    discord.say(thread, ben, "It is in Lisbon.")
    assert (await discord.command(ana, thread, "summarize").answer()).ephemeral
    discord.allow(mute, "send_messages_in_threads", to=ana)
    assert not (await discord.command(ana, thread, "summarize").answer()).ephemeral


async def test_nothing_is_shared_there(discord, mute, ana):
    shown = await discord.menu(ana, "Summarize from here", discord.messages(mute)[0]).answer()
    refused = await discord.click(ana, shown, "Share").answer()
    assert NOT_YOURS in refused.text
    assert refused.ephemeral
    assert discord.answers(mute) == []


async def test_nothing_is_shared_there_from_a_direct_message(discord, mute, ana, answered):
    discord.react(discord.messages(mute)[0], ana, MEMO)
    refused = await discord.click(ana, await answered(discord.dm(ana)), "Share").answer()
    assert NOT_YOURS in refused.text
    assert discord.answers(mute) == []


async def test_a_reaction_posts_nothing_there(discord, mute, ana, quiet, ben):
    ana.closed = True
    discord.react(discord.messages(mute)[0], ana, FLAG)
    await quiet(ben)
    assert discord.answers(mute) == []
