"""Buttons on Discord outlive the process that showed them."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.timeout(30)


@pytest.fixture
async def before(discord, connect, channel, ana, answered):
    """A summary that everybody sees and one that Ana alone sees, shown by a process that is gone."""
    async with connect():
        discord.say(channel, ana, f"{discord.bot.mention} summarize in 1 point")
        public = await answered(channel)
        alone = await discord.command(ana, channel, "summarize", {"points": 1}).answer()
    return public, alone


async def test_everything_goes_on_after_a_restart(discord, state, connect, channel, ana, ben, before):
    public, alone = before
    ben.locale = "pt-BR"
    async with connect():
        assert "PAYMENTS ARE FAILING" in (await discord.click(ben, public, "Translate this answer").answer()).text
        assert (await discord.click(ben, public, "More detail").answer()).text.count("•") == 2
        await discord.click(ben, public, "Not helpful").answer()
        assert await state.feedback() == {("summarize", "bad"): 1}
        discord.click(ana, alone, "Share")
        await discord.until(lambda: alone.deleted)
        assert len(discord.answers(channel)) == 3


async def test_what_was_answered_before_goes_with_its_request(discord, connect, channel, before):
    public, _ = before
    async with connect():
        discord.delete(public.reply_to)
        await discord.until(lambda: public.deleted)


async def test_a_follow_up_is_heard_in_a_thread_of_before(discord, engine, connect, channel, ana, ben, answered):
    engine.intents["who rolls back?"] = "ask"
    thread = discord.thread(discord.messages(channel)[0], "Payments", ana)
    async with connect():
        discord.say(thread, ana, f"{discord.bot.mention} summarize")
        await answered(thread)
    async with connect():
        discord.say(thread, ben, "who rolls back?")
        assert (await answered(thread, 2)).reply_to.author is ben


async def test_answers_under_way_are_finished_when_parley_stops(discord, connect, channel, ana):
    reading = discord.hold("GET", "/channels/*/messages")
    async with connect():
        discord.say(channel, ana, f"{discord.bot.mention} summarize")
        interaction = discord.command(ana, channel, "summarize")
        await interaction.acknowledged()
        await discord.until(lambda: reading.waiting)
        reading.open()
    assert "Payments are failing" in interaction.shown[0].text
    assert "Payments are failing" in discord.answers(channel)[0].text
