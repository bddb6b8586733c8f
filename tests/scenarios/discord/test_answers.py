"""Where answers are shown on Discord, and how much of them fits."""

from __future__ import annotations

import re

import pytest

from bot.platforms.discord.busy import BUSY

pytestmark = [pytest.mark.timeout(30), pytest.mark.usefixtures("parley")]

SENTENCE = "Good morning, said he. "
LENGTHS = [200, 300, 1000]  # sentences: more than one embed, than the embeds of one message, than most people read


@pytest.fixture
def long(discord, ana):
    """Asks for a translation so many sentences long."""

    def long(channel, sentences, text=SENTENCE):
        return discord.say(channel, ana, f"{discord.bot.mention} translate to pt: {text * sentences}")

    return long


@pytest.fixture
def hurry(discord, channel, ana, ben):
    """Makes a channel a busy one."""

    def hurry():
        for number in range(BUSY):
            discord.say(channel, ben, f"Step {number} is done, after all {number * 7} attempts.")

    return hurry


def told(messages, word="GOOD MORNING"):
    return sum(message.text.count(word) for message in messages)


# Length


@pytest.mark.parametrize("sentences", LENGTHS)
async def test_nothing_of_a_long_answer_is_lost(discord, channel, long, answered, sentences):
    asked = long(channel, sentences)
    await discord.until(lambda: discord.answers(channel) and discord.answers(channel)[-1].controls)
    messages = discord.answers(channel)
    assert told(messages) == sentences
    assert len(messages) > 1
    assert {message.reply_to for message in messages} == {asked}
    assert messages[-1].files["answer.md"].decode().count("GOOD MORNING") == sentences
    assert not any(message.files for message in messages[:-1])


@pytest.mark.parametrize("sentences", LENGTHS)
async def test_nothing_of_a_long_private_answer_is_lost(discord, guild, channel, ana, sentences):
    here = discord.channel(guild, "here")
    link = discord.say(channel, ana, SENTENCE * sentences).url
    interaction = discord.command(ana, here, "translate", {"to": "pt", "link": link})
    await discord.until(lambda: interaction.whole and interaction.whole[-1].controls)
    assert told(interaction.whole) == sentences
    assert interaction.ephemeral
    assert "answer.md" in interaction.whole[-1].files


async def test_fences_are_closed_and_opened_again_where_an_answer_is_cut(discord, engine, channel, ana):
    code = "```python\n" + "".join(f"print({number})\n" for number in range(600)) + "```"
    engine.translations[f"See:\n{code}", "en", "pt"] = f"Veja:\n{code}"
    discord.say(channel, ana, f"{discord.bot.mention} translate to pt: See:\n{code}")
    await discord.until(lambda: discord.answers(channel) and discord.answers(channel)[-1].controls)
    messages = discord.answers(channel)
    texts = [embed["description"] for message in messages for embed in message.embeds]
    assert len(texts) > 1
    assert all(text.count("```") % 2 == 0 for text in texts)
    assert [int(number) for text in texts for number in re.findall(r"(?i)print\((\d+)\)", text)] == list(range(600))


@pytest.mark.parametrize("files", [True, False])
async def test_without_embed_links_an_answer_comes_in_plain_words(discord, channel, long, files):
    discord.deny(channel, "embed_links" if files else "embed_links attach_files", to=discord.bot)
    long(channel, 300)
    await discord.until(lambda: discord.answers(channel) and discord.answers(channel)[-1].controls)
    messages = discord.answers(channel)
    assert told(messages) == 300
    assert all(len(message.content) <= 2000 and not message.embeds for message in messages)
    assert bool(messages[-1].files) == files


async def test_without_attach_files_only_the_file_is_missing(discord, channel, long):
    discord.deny(channel, "attach_files", to=discord.bot)
    long(channel, 300)
    await discord.until(lambda: discord.answers(channel) and discord.answers(channel)[-1].controls)
    assert told(discord.answers(channel)) == 300
    assert not any(message.files for message in discord.answers(channel))


async def test_where_only_the_asker_has_parley_the_most_that_discord_takes_is_shown(discord, ana, ben):
    group = discord.group(ana, ben, name="Friends")
    said = discord.say(group, ben, SENTENCE * 2000, quiet=True)
    ana.locale = "pt-BR"
    interaction = discord.menu(ana, "Translate", said)
    await discord.until(lambda: interaction.whole and interaction.whole[-1].controls)
    assert len(interaction.shown) == 6
    assert interaction.ephemeral
    assert any("stands in the file below" in message.text for message in interaction.shown)
    assert interaction.whole[-1].files["answer.md"].decode().count("GOOD MORNING") == 2000


# Links


async def test_points_lead_to_their_messages(discord, channel, ana, answered):
    first, second = discord.messages(channel)
    discord.say(channel, ana, f"{discord.bot.mention} summarize")
    text = (await answered(channel)).text
    assert f"({first.url})" in text
    assert f"({second.url})" in text


async def test_what_proves_an_answer_is_quoted_with_its_link(discord, engine, channel, ana, answered):
    engine.answers["who rolls back?"] = "I roll back"
    discord.say(channel, ana, f"{discord.bot.mention} ask who rolls back?")
    text = (await answered(channel)).text
    assert "> **I roll back** to 4.11 & watch it." in text
    assert f"({discord.messages(channel)[1].url})" in text


async def test_hostile_words_notify_nobody(discord, guild, channel, ana, ben, answered):
    discord.allow(channel, "mention_everyone", to=discord.bot)
    role = discord.role(guild, "admins")
    text = f"@everyone {role.mention} {ben.mention} read [this](https://evil.example) <https://evil.example>"
    discord.say(channel, ana, f"{discord.bot.mention} translate to pt: {text}")
    answer = await answered(channel)
    assert [answer.mentions, answer.mention_roles, answer.mention_everyone] == [[], [], False]
    assert "](https://evil" not in answer.text


# Where


async def test_a_busy_channel_gets_a_thread(discord, channel, ana, hurry, answered):
    hurry()
    asked = discord.say(channel, ana, f"{discord.bot.mention} summarize in 2 points")
    await discord.until(lambda: asked.thread)
    answer = await answered(asked.thread)
    assert "Step" in answer.text
    assert discord.answers(channel) == []
    assert asked.thread.name == "summarize in 2 points"


async def test_a_follow_up_in_that_thread_is_about_the_channel(discord, engine, channel, ana, ben, hurry, answered):
    engine.intents["who rolls back?"] = "ask"
    engine.answers["who rolls back?"] = "I roll back"
    hurry()
    asked = discord.say(channel, ana, f"{discord.bot.mention} summarize")
    await discord.until(lambda: asked.thread)
    await answered(asked.thread)
    discord.say(asked.thread, ben, "who rolls back?")
    assert "I roll back" in (await answered(asked.thread, 2)).text


async def test_in_a_thread_that_parley_opened_it_listens_whatever_became_of_its_answer(
    discord, engine, channel, ana, answered
):
    engine.intents["who rolls back?"] = "ask"
    engine.answers["who rolls back?"] = "I roll back"
    thread = discord.thread(discord.messages(channel)[0], "summarize", owner=discord.bot)
    discord.say(thread, ana, "who rolls back?")
    assert "I roll back" in (await answered(thread)).text


async def test_where_no_thread_can_be_opened_there_is_a_reply(discord, channel, ana, hurry, answered):
    discord.deny(channel, "create_public_threads", to=discord.bot)
    hurry()
    asked = discord.say(channel, ana, f"{discord.bot.mention} summarize")
    assert (await answered(channel)).reply_to is asked


async def test_who_wants_answers_alone_gets_no_thread(discord, state, channel, ana, hurry, answered, monkeypatch):
    monkeypatch.setattr("bot.platforms.outlets.SLOW_S", 0.01)
    await state.prefer(f"discord:{ana.id}", "private", "on")
    hurry()
    reading = discord.hold("GET", "/channels/*/messages")
    asked = discord.say(channel, ana, f"{discord.bot.mention} summarize")
    waiting = await answered(channel)
    reading.open()
    await answered(discord.dm(ana))
    await discord.until(lambda: waiting.deleted)
    assert asked.thread is None


async def test_whoever_waits_long_is_told_and_gets_the_answer_in_its_place(discord, channel, ana, answered, monkeypatch):
    monkeypatch.setattr("bot.platforms.outlets.SLOW_S", 0.01)
    reading = discord.hold("GET", "/channels/*/messages")
    discord.say(channel, ana, f"{discord.bot.mention} summarize")
    assert "One moment" in (await answered(channel)).text
    reading.open()
    await discord.until(lambda: "Payments are failing" in discord.answers(channel)[0].text)
    assert len(discord.answers(channel)) == 1


@pytest.mark.parametrize("kind", ["summary", "question"])
async def test_who_wants_answers_alone_gets_them_by_direct_message(discord, engine, state, channel, ana, answered, kind):
    await state.prefer(f"discord:{ana.id}", "private", "on")
    asked = {"summary": "summarize", "question": "ask who rolls back?"}[kind]
    engine.answers["who rolls back?"] = "I roll back"
    discord.say(channel, ana, f"{discord.bot.mention} {asked}")
    assert "roll back" in (await answered(discord.dm(ana))).text
    assert discord.answers(channel) == []


async def test_who_takes_no_direct_messages_is_told_what_to_do(discord, state, channel, ana, answered):
    await state.prefer(f"discord:{ana.id}", "private", "on")
    ana.closed = True
    discord.say(channel, ana, f"{discord.bot.mention} summarize")
    text = (await answered(channel)).text
    assert "allow direct messages" in text
    assert "Payments" not in text


async def test_where_parley_may_not_write_whoever_asks_is_told_so(discord, channel, ana, answered):
    discord.deny(channel, "send_messages", to=discord.bot)
    discord.say(channel, ana, f"{discord.bot.mention} summarize")
    assert "Send Messages" in (await answered(discord.dm(ana))).text


async def test_where_parley_may_not_reply_it_writes_all_the_same(discord, channel, ana, answered):
    discord.deny(channel, "read_message_history", to=discord.bot)
    discord.say(channel, ana, f"{discord.bot.mention} translate to pt: Good morning.")
    answer = await answered(channel)
    assert "GOOD MORNING." in answer.text
    assert answer.reply_to is None
