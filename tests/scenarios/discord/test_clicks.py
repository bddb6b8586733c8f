"""The buttons under an answer on Discord, and what becomes of answers that come late."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.timeout(30), pytest.mark.usefixtures("parley")]

MEMO = "\U0001f4dd"
LATER = 15 * 60 + 1
"""Seconds after which Discord takes no answer to an interaction."""


@pytest.fixture
async def shown(discord, channel, ana):
    """A summary of the channel, which Ana alone was shown."""
    return await discord.command(ana, channel, "summarize").answer()


@pytest.fixture
async def public(discord, engine, channel, ana, answered):
    """An answer that everybody sees."""
    engine.answers["who rolls back?"] = "I roll back"
    discord.say(channel, ana, f"{discord.bot.mention} ask who rolls back?")
    return await answered(channel)


# Share


async def test_a_summary_of_a_channel_is_the_askers_until_shared(discord, channel, ana, shown):
    assert discord.answers(channel) == []
    discord.click(ana, shown, "Share")
    await discord.until(lambda: shown.deleted)
    by, shared = discord.answers(channel)
    assert by.text == "Ana shared this answer:"
    assert "Payments are failing" in shared.text
    assert shared.labels == []


async def test_what_is_clicked_twice_is_shared_once(discord, channel, ana, shown, quiet):
    for _ in range(3):
        discord.click(ana, shown, "Share")
    await discord.until(lambda: shown.deleted)
    await quiet(ana)
    assert len(discord.answers(channel)) == 2


async def test_what_is_shared_is_what_was_shown(discord, channel, ana, ben, shown):
    discord.say(channel, ben, "By the way, I quit.")
    discord.click(ana, shown, "Share")
    await discord.until(lambda: len(discord.answers(channel)) == 2)
    assert "I quit" not in discord.answers(channel)[-1].text


async def test_what_came_by_direct_message_is_shared_where_it_is_from(discord, channel, ana, answered):
    discord.react(discord.messages(channel)[0], ana, MEMO)
    shown = await answered(discord.dm(ana))
    discord.click(ana, shown, "Share")
    await discord.until(lambda: shown.deleted)
    assert "Payments are failing" in (await answered(channel, 2)).text


async def test_what_was_said_in_a_deleted_message_is_shared_no_more(discord, channel, ana, shown):
    discord.delete(discord.messages(channel)[0])
    discord.click(ana, shown, "Share")
    await discord.until(lambda: shown.deleted)
    assert "Payments" not in discord.answers(channel)[-1].text  # what is left is


async def test_a_message_that_is_gone_is_named_as_the_reason(discord, channel, ana):
    first = discord.messages(channel)[0]
    ana.locale = "pt-BR"
    shown = await discord.command(ana, channel, "translate", {"link": first.url}).answer()
    discord.delete(first)
    refused = await discord.click(ana, shown, "Share").answer()
    assert "That message is not there any more." in refused.text
    assert discord.answers(channel) == []
    assert not shown.deleted


async def test_where_parley_may_not_write_sharing_says_what_is_missing(discord, channel, ana, shown):
    discord.deny(channel, "send_messages", to=discord.bot)
    refused = await discord.click(ana, shown, "Share").answer()
    assert "Send Messages" in refused.text
    assert refused.ephemeral
    assert not shown.deleted


# In another language


@pytest.mark.parametrize("locale", ["pt-BR", "en-US"])
async def test_an_answer_is_shown_in_the_readers_language(discord, channel, ben, public, locale):
    ben.locale = locale
    told = await discord.click(ben, public, "Translate this answer").answer()
    if locale == "en-US":  # it is in English already: which one then?
        told = await discord.click(ben, told, "Portuguese").answer()
    assert "I ROLL BACK" in told.text
    assert told.ephemeral
    assert len(discord.answers(channel)) == 1


async def test_a_summary_is_told_in_a_language_of_ones_choice(discord, channel, ana, ben, answered):
    discord.say(channel, ana, f"{discord.bot.mention} summarize")
    summary = await answered(channel)
    ben.locale = "pt-BR"
    assert "PAYMENTS ARE FAILING" in (await discord.click(ben, summary, "Translate this answer").answer()).text
    ana.locale = "pt-BR"
    mine = await discord.command(ana, channel, "summarize").answer()
    assert "PAYMENTS ARE FAILING" in mine.text
    asked = await discord.click(ana, mine, "Translate this answer").answer()
    assert asked.labels == ["English"]  # it is in Portuguese already: which one then?


# More, and verdicts


async def test_more_detail_is_for_whoever_wants_it(discord, channel, ana, ben, answered):
    for number in range(8):
        discord.say(channel, ben, f"Step {number} is done, after all {number * 7} attempts.", quiet=True)
    discord.say(channel, ana, f"{discord.bot.mention} summarize in 2 points")
    answer = await answered(channel)
    assert answer.text.count("•") == 2
    told = await discord.click(ben, answer, "More detail").answer()
    assert told.text.count("•") == 4
    assert told.ephemeral


async def test_verdicts_are_counted_once_a_person_and_without_words(discord, state, channel, ana, ben, public, quiet):
    thanked = [discord.click(user, public, "Helpful") for user in (ana, ana, ben)]
    await discord.until(lambda: sum(len(click.whole) for click in thanked) == 2)
    await quiet(ana)
    assert sum(len(click.whole) for click in thanked) == 2
    assert all(click.ephemeral for click in thanked)
    assert await state.feedback() == {("ask", "good"): 2}


async def test_a_request_too_long_to_stand_above_its_answer_has_a_verdict_alone(discord, channel, ana, answered):
    for words in ("Good morning. " * 20, "Good\nmorning."):
        discord.say(channel, ana, f"{discord.bot.mention} translate to pt: {words}")
    assert (await answered(channel, 2)).labels == ["Helpful", "Not helpful"]


async def test_no_answer_has_no_buttons(discord, channel, ana, answered):
    discord.say(channel, ana, f"{discord.bot.mention} /translate tlh: Good morning.")
    discord.say(channel, ana, f"{discord.bot.mention} help")
    await answered(channel, 2)
    assert [answer.labels for answer in discord.answers(channel)] == [[], []]


async def test_without_embed_links_a_click_says_that_it_cannot_tell(discord, channel, ana, answered):
    discord.deny(channel, "embed_links", to=discord.bot)
    discord.say(channel, ana, f"{discord.bot.mention} summarize")
    told = await discord.click(ana, await answered(channel), "Translate this answer").answer()
    assert "ask me again" in told.text


# Settings


async def test_settings_count_and_last(discord, state, connect, channel, ana, answered):
    panel = await discord.command(ana, channel, "settings").answer()
    assert panel.ephemeral
    await discord.select(ana, panel, "language", "pt").acknowledged()
    await discord.click(ana, panel, "switch:private").acknowledged()
    await discord.click(ana, panel, "switch:short").acknowledged()
    assert [label.rpartition(" ")[2] for label in panel.labels] == ["on", "on"]
    async with connect():
        again = await discord.command(ana, channel, "settings").answer()
    assert again.labels == panel.labels
    chosen = [option["value"] for option in again.control("language")["options"] if option.get("default")]
    assert chosen == ["pt"]
    discord.say(channel, ana, "!tldr")
    assert "PAYMENTS ARE FAILING" in (await answered(discord.dm(ana))).text
    assert discord.answers(channel) == []


async def test_settings_can_be_taken_back(discord, state, channel, ana):
    await state.prefer(f"discord:{ana.id}", "private", "on")
    await state.prefer(f"discord:{ana.id}", "language", "pt")
    panel = await discord.command(ana, channel, "settings").answer()
    await discord.click(ana, panel, "switch:private").acknowledged()
    await discord.select(ana, panel, "language", "The language of my Discord").acknowledged()
    assert await state.preferences(f"discord:{ana.id}") == {}


# Late, and more than once


@pytest.mark.parametrize("show", ["Everyone", "Only me"])
async def test_what_takes_longer_than_discord_waits_comes_another_way(discord, channel, ana, answered, show):
    reading = discord.hold("GET", "/channels/*/messages")
    interaction = discord.command(ana, channel, "summarize", {"show": show})
    await discord.until(lambda: reading.waiting)
    discord.age(interaction, LATER)
    reading.open()
    where = channel if show == "Everyone" else discord.dm(ana)
    assert "Payments are failing" in (await answered(where, 2)).text
    note, _ = discord.answers(where)
    assert "it comes here" in note.text
    assert interaction.whole == []


async def test_what_comes_too_late_to_where_parley_may_not_write_comes_to_the_asker(discord, channel, ana, answered):
    discord.deny(channel, "send_messages", to=discord.bot)
    reading = discord.hold("GET", "/channels/*/messages")
    interaction = discord.command(ana, channel, "summarize", {"show": "Everyone"})
    await discord.until(lambda: reading.waiting)
    discord.age(interaction, LATER)
    reading.open()
    assert "Payments are failing" in (await answered(discord.dm(ana), 2)).text


async def test_what_reaches_parley_too_late_is_answered_all_the_same(discord, channel, ana, answered):
    discord.skew += 10
    discord.command(ana, channel, "summarize", age=4)
    assert "Payments are failing" in (await answered(discord.dm(ana), 2)).text


async def test_an_acknowledgement_that_got_there_although_discord_failed_loses_nothing(discord, channel, ana):
    discord.fail("POST", "/interactions/*/callback", status=500, landed=True)
    interaction = discord.command(ana, channel, "summarize")
    assert "Payments are failing" in (await interaction.answer()).text
    assert [call.code for call in discord.calls if call.fits("POST", "/interactions/*/callback")] == [0, 40060]


@pytest.mark.parametrize(("status", "code"), [(404, 10015), (401, 50027), (400, 40094)])
async def test_an_answer_that_discord_does_not_take_comes_another_way(discord, channel, ana, answered, status, code):
    discord.fail("PATCH", "/webhooks/*", status=status, code=code)
    discord.command(ana, channel, "summarize")
    assert "Payments are failing" in (await answered(discord.dm(ana), 2)).text


async def test_several_processes_give_one_answer(discord, connect, channel, ana, quiet):
    async with connect():
        interaction = discord.command(ana, channel, "summarize")
        asked = discord.say(channel, ana, f"{discord.bot.mention} summarize")
        await interaction.answer()
        await quiet(ana)
    assert len(interaction.shown) == 1
    assert [answer.reply_to for answer in discord.answers(channel)] == [asked]


async def test_what_is_refused_for_everyone_is_told_to_the_asker_alone(discord, guild, channel, ana, ben):
    hidden = discord.channel(guild, "hidden", private=True)
    link = discord.say(hidden, ben, "We will buy Globex.").url
    interaction = discord.command(ana, channel, "summarize", {"link": link, "show": "Everyone"})
    await discord.until(lambda: interaction.whole)
    assert "I cannot read that for you" in interaction.whole[0].text
    assert interaction.whole[0].ephemeral
    assert [message for message in discord.messages(channel) if message.author is discord.bot] == []


async def test_in_a_direct_message_commands_are_answered_openly(discord, ana):
    direct = discord.dm(ana)
    discord.say(direct, ana, "The deploy failed.")
    for options in ({}, {"link": "https://discord.com/channels/1/2"}):
        shown = await discord.command(ana, direct, "summarize", options).answer()
        assert not shown.ephemeral
        assert "Share" not in shown.labels
