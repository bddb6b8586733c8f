"""How requests reach Parley on Discord, and what comes back."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.timeout(30), pytest.mark.usefixtures("parley")]

FLAG, MEMO = "\U0001f1e7\U0001f1f7", "\U0001f4dd"


# Messages


async def test_a_mention_is_answered_in_reply(discord, engine, channel, ana, answered):
    engine.answers["who rolls back?"] = "I roll back"
    asked = discord.say(channel, ana, f"{discord.bot.mention} /ask who rolls back?")
    answer = await answered(channel)
    assert answer.reply_to is asked
    assert "I roll back" in answer.text
    assert not answer.mentions


async def test_the_bots_own_role_is_a_mention_too(discord, guild, channel, ana, answered):
    (role,) = (role for role in guild.roles if role.managed)
    discord.say(channel, ana, f"Please {role.mention}, summarize")
    assert (await answered(channel)).reply_to


@pytest.mark.parametrize("ping", [True, False])
async def test_a_reply_to_an_answer_needs_no_mention(discord, engine, channel, ana, ben, answered, ping):
    engine.answers["who rolls back?"] = "I roll back"
    discord.say(channel, ana, f"{discord.bot.mention} summarize")
    answer = await answered(channel)
    discord.say(channel, ben, "ask who rolls back?", reply_to=answer, ping=ping)
    assert "I roll back" in (await answered(channel, 2)).text


async def test_a_mention_in_reply_to_somebody_is_about_that_message(discord, engine, channel, ana, ben, answered):
    first = discord.messages(channel)[0]
    discord.say(channel, ana, f"{discord.bot.mention} sentiment", reply_to=first)
    await answered(channel)
    assert [given for name, given in engine.calls if name == "sentiment"] == [first.content]


async def test_an_answer_can_be_translated_by_replying_to_it(discord, engine, channel, ana, answered):
    engine.answers["who rolls back?"] = "I roll back"
    discord.say(channel, ana, f"{discord.bot.mention} ask who rolls back?")
    answer = await answered(channel)
    discord.say(channel, ana, "translate pt", reply_to=answer)
    await answered(channel, 2)
    assert any("I roll back" in given[0] for name, given in engine.calls if name == "translate")


async def test_what_is_asked_in_reply_to_an_answer_is_about_the_conversation(discord, engine, channel, ana, answered):
    discord.say(channel, ana, f"{discord.bot.mention} summarize")
    answer = await answered(channel)
    discord.say(channel, ana, "summarize", reply_to=answer)
    assert "2 of 2 messages read" in (await answered(channel, 2)).text


async def test_a_question_in_reply_to_somebody_is_about_what_follows(discord, engine, channel, ana, answered):
    second = discord.messages(channel)[1]
    discord.say(channel, ana, f"{discord.bot.mention} summarize", reply_to=second)
    assert "1 of 1 messages read" in (await answered(channel)).text


@pytest.mark.parametrize("kind", ["message", "channel", "mention"])
async def test_a_mention_may_link_to_another_channel(discord, guild, channel, ana, answered, kind):
    here = discord.channel(guild, "here")
    first = discord.messages(channel)[0]
    link = {"message": first.url, "channel": channel.url, "mention": channel.mention}[kind]
    discord.say(here, ana, f"{discord.bot.mention} summarize {link}")
    direct = discord.dm(ana)
    answer = await answered(direct)  # who else reads here may not read there
    assert "Payments are failing" in answer.text
    assert discord.answers(here) == []


async def test_a_follow_up_needs_no_mention_where_parley_takes_part(discord, engine, channel, ana, ben, answered, quiet):
    thread = discord.thread(discord.messages(channel)[0], "Payments", ana)
    engine.intents["who rolls back?"] = "ask"
    engine.answers["who rolls back?"] = "I roll back"
    discord.say(thread, ben, "I roll back to 4.11.")
    discord.say(thread, ben, "who rolls back?")  # not yet
    await quiet(ana)
    assert discord.answers(thread) == []
    discord.say(thread, ana, f"{discord.bot.mention} ask who rolls back?")
    await answered(thread)
    await quiet(ana)
    discord.say(thread, ben, "Thanks, I am off to lunch.")
    discord.say(thread, ben, "who rolls back?")
    assert (await answered(thread, 2)).reply_to.author is ben


async def test_a_direct_message_needs_no_mention(discord, channel, ana, answered):
    direct = discord.dm(ana)
    discord.say(direct, ana, "translate to pt: Good morning.")
    answer = await answered(direct)
    assert "GOOD MORNING." in answer.text
    assert "Share" not in answer.labels


async def test_a_short_command_needs_no_mention_where_it_is_wanted(discord, state, channel, ana, ben, answered, quiet):
    await state.prefer(f"discord:{ben.id}", "short", "on")
    discord.say(channel, ana, "!tldr")
    discord.say(channel, ben, "!tldr")
    assert (await answered(channel)).reply_to.author is ben
    await quiet(ana)
    assert len(discord.answers(channel)) == 1


async def test_bots_and_webhooks_are_listened_to_only_if_the_operator_says_so(
    discord, guild, channel, ana, connect, answered, quiet
):
    robot, other = discord.user("Robot", bot=True), discord.user("Other", bot=True)
    hook, stranger = discord.user("Hook", bot=True), discord.user("Stranger", bot=True)
    asks = f"{discord.bot.mention} translate to pt: Good morning, "
    async with connect(discord_bots=frozenset({str(robot.id), str(hook.id)})):  # beside the one that listens to none
        for user in (robot, other):
            discord.say(channel, user, asks + user.name)
        for user in (hook, stranger):
            discord.say(channel, user, asks + user.name, webhook_id=user.id)
        await answered(channel, 2)
        await quiet(ana)
    assert [answer.reply_to.author for answer in discord.answers(channel)] == [robot, hook]


async def test_what_parley_says_itself_is_no_request(discord, channel, ana, quiet):
    discord.say(channel, discord.bot, f"{discord.bot.mention} summarize")
    await quiet(ana)
    assert len(discord.answers(channel)) == 1


async def test_joins_pins_and_the_like_are_no_requests(discord, channel, ana, quiet):
    discord.say(channel, ana, f"{discord.bot.mention} summarize", type=6)
    await quiet(ana)
    assert discord.answers(channel) == []


@pytest.mark.parametrize("words", ["", "👋"])
async def test_a_bare_mention_is_told_what_one_can_write(discord, channel, ana, answered, words):
    discord.say(channel, ana, f"{discord.bot.mention} {words}")
    assert "summarize" in (await answered(channel)).text


async def test_settings_are_shown_by_a_command_alone(discord, channel, ana, answered):
    discord.say(channel, ana, f"{discord.bot.mention} settings")
    assert "/settings" in (await answered(channel)).text


# Commands


async def test_a_slash_command_is_answered_to_the_asker_alone(discord, channel, ana):
    interaction = discord.command(ana, channel, "summarize")
    shown = await interaction.answer()
    assert "Payments are failing" in shown.text
    assert shown.ephemeral
    assert discord.answers(channel) == []


@pytest.mark.parametrize(("show", "ephemeral"), [("Everyone", False), ("Only me", True)])
async def test_whoever_commands_chooses_who_sees_it(discord, engine, channel, ana, show, ephemeral):
    engine.answers["who?"] = "I roll back"
    for name, options in [("summarize", {}), ("ask", {"question": "who?"})]:
        shown = await discord.command(ana, channel, name, options | {"show": show}).answer()
        assert shown.ephemeral is ephemeral


async def test_in_a_thread_a_command_is_answered_to_all(discord, channel, ana):
    thread = discord.thread(discord.messages(channel)[0], "Payments", ana)
    discord.say(thread, ana, "It is the gateway.")
    shown = await discord.command(ana, thread, "summarize").answer()
    assert not shown.ephemeral
    assert "2 of 2 messages read" in shown.text


async def test_points_and_last_are_heeded(discord, channel, ana, ben):
    for number in range(9):
        discord.say(channel, ben, f"Step {number} is done, after all {number * 7} attempts.")
    shown = await discord.command(ana, channel, "summarize", {"points": 2, "last": 5}).answer()
    assert shown.text.count("•") == 2
    assert "5 of 5 messages read" in shown.text


async def test_since_is_heeded(discord, channel, ana, ben):
    for hours in (30, 5, 1):
        discord.say(channel, ben, f"It was {hours} hours ago.", at=discord.now() - hours * 3600)
    shown = await discord.command(ana, channel, "summarize", {"since": "6 hours"}).answer()
    assert "30 hours" not in shown.text
    assert "5 hours" in shown.text


@pytest.mark.parametrize("kind", ["message", "channel"])
async def test_a_command_may_link_elsewhere(discord, guild, channel, ana, kind):
    here = discord.channel(guild, "here")
    link = discord.messages(channel)[1].url if kind == "message" else channel.mention
    shown = await discord.command(ana, here, "summarize", {"link": link}).answer()
    assert shown.ephemeral
    assert "I roll back" in shown.text
    assert ("Payments" in shown.text) == (kind == "channel")


async def test_a_single_message_is_translated_by_its_link(discord, guild, channel, ana):
    here = discord.channel(guild, "here")
    link = discord.messages(channel)[0].url
    shown = await discord.command(ana, here, "translate", {"to": "pt", "link": link}).answer()
    assert "PAYMENTS ARE FAILING" in shown.text


async def test_help_is_for_whoever_needs_it(discord, channel, ana):
    shown = await discord.command(ana, channel, "help").answer()
    assert shown.ephemeral
    assert "summarize" in shown.text


# Menus


@pytest.mark.parametrize("name", ["Translate", "Sentiment"])
async def test_a_menu_is_about_its_message(discord, engine, channel, ana, ben, name):
    first = discord.messages(channel)[0]
    ana.locale = "pt-BR"
    shown = await discord.menu(ana, name, first).answer()
    method = {"Translate": "translate", "Sentiment": "sentiment"}[name]
    assert [first.content in given for called, given in engine.calls if called == method] == [True]
    assert shown.ephemeral == (name == "Translate")


async def test_a_summary_from_here_on_leaves_out_what_was_before(discord, channel, ana):
    shown = await discord.menu(ana, "Summarize from here", discord.messages(channel)[1]).answer()
    assert "1 of 1 messages read" in shown.text
    assert shown.ephemeral


async def test_a_question_about_a_message_is_asked_in_a_modal(discord, engine, channel, ana):
    engine.answers["who rolls back?"] = "I roll back"
    opened = discord.menu(ana, "Ask about this", discord.messages(channel)[0])
    await opened.modal()
    shown = await discord.submit(opened, {"question": "who rolls back?"}).answer()
    assert "I roll back" in shown.text


async def test_the_longest_question_keeps_its_buttons(discord, engine, channel, ana):
    question = "who rolls back".ljust(239, "k") + "?"
    engine.answers[question] = "I roll back"
    opened = discord.menu(ana, "Ask about this", discord.messages(channel)[0])
    await opened.modal()
    shown = await discord.submit(opened, {"question": question}).answer()
    assert "Translate this answer" in shown.labels


# Reactions


async def test_a_flag_translates_once_for_each_who_sets_it(discord, engine, channel, ana, ben, answered, quiet):
    first = discord.messages(channel)[0]
    engine.translations[first.content, "en", "pt"] = "Os pagamentos falham."
    discord.react(first, ana, FLAG)
    assert "Os pagamentos falham." in (await answered(discord.dm(ana))).text
    discord.unreact(first, ana, FLAG)
    discord.react(first, ana, FLAG)
    discord.react(first, ben, FLAG)
    assert "Os pagamentos falham." in (await answered(discord.dm(ben))).text
    await quiet(ana)
    assert len(discord.answers(discord.dm(ana))) == 1
    assert discord.answers(channel) == []


async def test_a_memo_sums_up_what_a_message_begins(discord, channel, ana, answered):
    discord.react(discord.messages(channel)[0], ana, MEMO)
    answer = await answered(discord.dm(ana))
    assert "2 of 2 messages read" in answer.text
    assert "Share" in answer.labels


@pytest.mark.parametrize("private", [False, True])
async def test_who_takes_no_direct_messages_is_answered_where_that_is_right(discord, state, channel, ana, answered, private):
    if private:
        await state.prefer(f"discord:{ana.id}", "private", "on")
    ana.closed = True
    first = discord.messages(channel)[0]
    discord.react(first, ana, FLAG)
    answer = await answered(channel)
    assert answer.reply_to is first
    assert ("PAYMENTS" in answer.text) == (not private)
    assert ("direct messages" in answer.text) == private
    assert "Share" not in answer.labels


async def test_other_reactions_and_those_of_bots_are_not_for_parley(discord, channel, ana, quiet):
    robot = discord.user("Robot", bot=True)
    first = discord.messages(channel)[0]
    discord.react(first, ana, "👍")
    discord.react(first, robot, MEMO)
    discord.react(first, discord.bot, FLAG)
    await quiet(ana)
    assert discord.answers(channel) == []
    assert discord.answers(discord.dm(ana)) == []
