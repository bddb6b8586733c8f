"""What is read for whom on Discord, and what is said where it is not."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.timeout(30)

NOBODY_KNOWS = "I cannot read that for you"
PAGES = "/channels/*/messages"


@pytest.fixture
def ask(discord, ana):
    """Asks for a summary of a place, in a channel, in one of two ways; gives what is answered."""

    async def ask(way, here, link):
        if way == "command":
            return await discord.command(ana, here, "summarize", {"link": link}).answer()
        discord.say(here, ana, f"{discord.bot.mention} summarize {link}")
        await discord.until(lambda: discord.answers(discord.dm(ana)))
        return discord.answers(discord.dm(ana))[0]

    return ask


@pytest.mark.usefixtures("parley")
async def test_who_may_not_read_what_was_before_is_told_why(discord, channel, ana, answered):
    discord.deny(channel, "read_message_history", to=ana)
    discord.say(channel, ana, f"{discord.bot.mention} summarize")
    assert "Read Message History" in (await answered(channel)).text
    assert not [call for call in discord.calls if call.fits("GET", PAGES)]


@pytest.mark.usefixtures("parley")
@pytest.mark.parametrize("way", ["command", "mention"])
@pytest.mark.parametrize("kind", ["hidden", "without history", "another server", "a thread of others", "nowhere"])
async def test_a_link_gives_nothing_away(discord, guild, channel, ana, ben, ask, way, kind):
    hidden = discord.channel(guild, "hidden", private=True)
    discord.allow(hidden, "view_channel", to=discord.bot)
    mute = discord.channel(guild, "mute")
    discord.deny(mute, "read_message_history", to=ana)
    place = {
        "hidden": lambda: hidden,
        "without history": lambda: mute,
        "another server": lambda: discord.channel(discord.guild("Other", ben), "general"),
        "a thread of others": lambda: discord.thread(channel, "secret", ben, discord.bot, private=True),
        "nowhere": lambda: None,
    }[kind]()
    link = discord.say(place, ben, "We will buy Globex.").url if place else f"{channel.url}0/{channel.id}"
    answer = await ask(way, channel, link)
    assert NOBODY_KNOWS in answer.text
    assert discord.called("GET", PAGES) == []


@pytest.mark.usefixtures("parley")
async def test_a_private_thread_is_read_for_its_members(discord, channel, ana, ben, ask):
    thread = discord.thread(channel, "secret", ben, ana, discord.bot, private=True)
    answer = await ask("mention", channel, discord.say(thread, ben, "We will buy Globex.").url)
    assert "Globex" in answer.text
    assert discord.answers(channel) == []


@pytest.mark.usefixtures("parley")
async def test_what_is_age_restricted_stays_where_that_is(discord, guild, channel, ana, ben, ask):
    adult = discord.channel(guild, "adult", nsfw=True)
    link = discord.say(adult, ben, "Cheers.").url
    assert "age-restricted" in (await ask("command", channel, link)).text
    assert "Cheers" in (await ask("command", adult, link)).text


@pytest.mark.usefixtures("parley")
async def test_who_is_in_two_servers_may_ask_in_one_about_the_other(discord, channel, ana, ask):
    other = discord.channel(discord.guild("Other", ana), "general")
    link = discord.say(other, ana, "We will buy Globex.").url
    answer = await ask("command", channel, link)
    assert "Globex" in answer.text
    assert answer.ephemeral


@pytest.mark.usefixtures("parley")
@pytest.mark.parametrize("way", ["command", "reaction"])
async def test_what_was_lost_meanwhile_cannot_be_shared(discord, guild, channel, ana, ben, way, monkeypatch):
    monkeypatch.setattr("bot.platforms.discord.access.FOR_S", 0.0)
    source = discord.channel(guild, "source")
    first = discord.say(source, ben, "We will buy Globex.")
    if way == "command":
        shown = await discord.command(ana, channel, "summarize", {"link": first.url}).answer()
    else:
        discord.react(first, ana, "\U0001f4dd")
        await discord.until(lambda: discord.answers(discord.dm(ana)))
        (shown,) = discord.answers(discord.dm(ana))
    discord.deny(source, "view_channel", to=ana)
    refused = await discord.click(ana, shown, "Share").answer()
    assert (NOBODY_KNOWS if way == "command" else "You may not read") in refused.text
    assert discord.answers(channel) == discord.answers(source) == []


@pytest.mark.usefixtures("parley")
async def test_a_channel_that_parley_may_not_read_is_named_as_the_reason(discord, channel, ana, answered):
    discord.deny(channel, "read_message_history", to=discord.bot)
    shown = await discord.command(ana, channel, "summarize").answer()
    assert "give me Read Message History" in shown.text


@pytest.mark.usefixtures("parley")
async def test_trouble_on_discords_side_is_told(discord, channel, ana, answered):
    discord.fail("GET", PAGES, status=403, code=50001)
    discord.say(channel, ana, f"{discord.bot.mention} summarize")
    assert "ask again in a minute" in (await answered(channel)).text


@pytest.mark.usefixtures("parley")
async def test_where_parley_is_not_a_member_it_says_what_it_can_do(discord, ana, ben):
    group = discord.group(ana, ben, name="Friends")
    said = discord.say(group, ben, "Good morning.", quiet=True)
    refused = await discord.command(ana, group, "summarize").answer()
    assert "I am not a member here" in refused.text
    assert refused.ephemeral
    ana.locale = "pt-BR"
    shown = await discord.menu(ana, "Translate", said).answer()
    assert "GOOD MORNING." in shown.text
    assert shown.ephemeral


@pytest.mark.usefixtures("parley")
async def test_in_a_server_without_parley_everyone_may_be_shown_an_answer(discord, ana, ben):
    elsewhere = discord.channel(discord.guild("Other", ana, ben, bot=False), "general")
    options = {"text": "Good morning.", "to": "pt", "show": "Everyone"}
    shown = await discord.command(ana, elsewhere, "translate", options).answer()
    assert not shown.ephemeral
    assert "GOOD MORNING." in shown.text


@pytest.mark.usefixtures("parley")
async def test_what_is_answered_in_a_group_can_be_shared_there(discord, ana, ben):
    group = discord.group(ana, ben, name="Friends")
    said = discord.say(group, ben, "Good morning.", quiet=True)
    ana.locale = "pt-BR"
    shown = await discord.menu(ana, "Translate", said).answer()
    click = discord.click(ana, shown, "Share")
    await click.answer(2)
    by, shared = click.shown
    assert not by.ephemeral
    assert by.text == "Ana shared this answer:"
    assert not shared.ephemeral
    assert "GOOD MORNING." in shared.text
    await discord.until(lambda: shown.deleted)


@pytest.mark.usefixtures("parley")
async def test_the_name_of_a_channel_is_told_to_those_alone_who_see_it(discord, guild, channel, ana, ben, answered):
    hidden = discord.channel(guild, "layoffs", private=True)
    discord.allow(hidden, "view_channel", to=discord.bot)
    asks = f"{discord.bot.mention} translate to pt: See {hidden.mention}."
    discord.say(channel, ana, asks)
    assert "layoffs" not in str((await answered(channel)).embeds).lower()
    discord.allow(hidden, "view_channel", to=ben)
    discord.say(channel, ben, asks)
    assert "layoffs" in str((await answered(channel, 2)).embeds).lower()


# Without the message-content intent


@pytest.fixture
async def blind(discord, channel, connect):
    discord.content = "none"
    async with connect():
        yield


@pytest.mark.usefixtures("blind")
async def test_without_contents_mentions_replies_and_direct_messages_work(discord, channel, ana, answered):
    asks = "translate to pt: Good morning."
    discord.say(channel, ana, f"{discord.bot.mention} {asks}")
    answer = await answered(channel)
    discord.say(channel, ana, asks, reply_to=answer)
    assert "GOOD MORNING." in (await answered(channel, 2)).text
    direct = discord.dm(ana)
    discord.say(direct, ana, asks)
    assert "GOOD MORNING." in (await answered(direct)).text


@pytest.mark.usefixtures("blind")
async def test_without_contents_a_menu_is_about_what_comes_along(discord, channel, ana):
    ana.locale = "pt-BR"
    shown = await discord.menu(ana, "Translate", discord.messages(channel)[0]).answer()
    assert "PAYMENTS ARE FAILING" in shown.text


@pytest.mark.usefixtures("blind")
async def test_without_contents_it_is_said_what_is_missing_and_what_works(discord, channel, ana, answered):
    shown = await discord.command(ana, channel, "summarize").answer()
    assert "Message Content Intent" in shown.text
    discord.say(channel, ana, f"{discord.bot.mention} translate to pt", reply_to=discord.messages(channel)[0])
    assert "under Apps in the menu" in (await answered(channel)).text


@pytest.mark.usefixtures("blind")
async def test_without_contents_a_reply_that_does_not_ping_is_told_so(discord, channel, ana, answered):
    discord.say(channel, ana, f"{discord.bot.mention} help")
    answer = await answered(channel)
    discord.say(channel, ana, "summarize", reply_to=answer, ping=False)
    assert "mention me" in (await answered(channel, 2)).text
