"""The picture of a thread's mood on Discord: who gets it, and where."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.timeout(30), pytest.mark.usefixtures("parley")]

ALT = (
    "The mood over 16 messages starts negative, turns positive at message 9 and ends positive. "
    "It is lowest around message 1 and highest around message 15."
)


@pytest.fixture
def people(discord, guild, ana, ben):
    others = [discord.user(name) for name in ("Cara", "Dan")]
    for other in others:
        discord.join(guild, other)
    return [ana, ben, *others]


@pytest.fixture
def heated(discord, engine, guild, people):
    """A channel in which the mood turns from bad to good; as many write as are wanted."""

    def heated(writers=4):
        channel = discord.channel(guild, "heated")
        for number in range(16):
            text = f"Message {number} is {'awful' if number < 8 else 'great'}"
            engine.sentiments[text] = "negative" if number < 8 else "positive"
            discord.say(channel, people[number % writers], text, quiet=True)
        return channel

    return heated


def pictured(message):
    """Whether an answer shows the mood, in its embed and for those who listen."""
    [attached] = message.attachments
    assert (attached["filename"], attached["description"]) == ("mood.png", ALT)
    assert message.files["mood.png"].startswith(b"\x89PNG")
    return message.embeds[-1]["image"]["url"] == attached["url"]


async def test_an_answer_in_a_channel_shows_the_mood_and_links_to_where_it_turns(discord, heated, ana, answered):
    channel = heated()
    discord.say(channel, ana, f"{discord.bot.mention} sentiment")
    answer = await answered(channel)
    assert pictured(answer)
    assert f"The mood turns positive at [message 9]({discord.messages(channel)[8].url})." in answer.text


@pytest.mark.parametrize("show", ["me", "everyone"])
async def test_a_command_shows_the_mood(discord, heated, ana, show):
    interaction = discord.command(ana, heated(), "sentiment", {"show": show})
    assert pictured(await interaction.answer())
    assert interaction.ephemeral == (show == "me")


async def test_the_picture_is_shared(discord, heated, ana, answered):
    channel = heated()
    shown = await discord.command(ana, channel, "sentiment", {"show": "me"}).answer()
    discord.click(ana, shown, "Share")
    assert pictured(await answered(channel, 2))


async def test_the_picture_stays_in_another_language(discord, heated, ana, ben, answered):
    channel = heated()
    discord.say(channel, ana, f"{discord.bot.mention} sentiment")
    ben.locale = "pt-BR"
    told = await discord.click(ben, await answered(channel), "Translate this answer").answer()
    assert "MOSTLY" in told.text
    assert pictured(told)


async def test_a_mood_of_fewer_than_four_has_no_picture(discord, heated, ana, answered):
    channel = heated(writers=3)
    discord.say(channel, ana, f"{discord.bot.mention} sentiment")
    answer = await answered(channel)
    assert "Mostly" in answer.text
    assert not answer.attachments
    assert "image" not in answer.embeds[0]


async def test_without_attach_files_the_words_tell_where_the_mood_turns(discord, heated, ana, answered):
    channel = heated()
    discord.deny(channel, "attach_files", to=discord.bot)
    discord.say(channel, ana, f"{discord.bot.mention} sentiment")
    answer = await answered(channel)
    assert "The mood turns positive at [message 9]" in answer.text
    assert not answer.attachments
    assert "image" not in answer.embeds[0]


async def test_without_embed_links_the_picture_comes_by_itself(discord, heated, ana, answered):
    channel = heated()
    discord.deny(channel, "embed_links", to=discord.bot)
    discord.say(channel, ana, f"{discord.bot.mention} sentiment")
    answer = await answered(channel)
    assert (answer.embeds, [attached["description"] for attached in answer.attachments]) == ([], [ALT])
