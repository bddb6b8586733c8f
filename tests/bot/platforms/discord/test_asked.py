"""What of all that reaches Parley from Discord is a request, and what it asks for."""

from __future__ import annotations

import pytest
from discord import Message, PartialEmoji, RawReactionActionEvent

from bot.platforms.asked import SETTINGS, Place
from bot.platforms.discord import asked


@pytest.fixture
def channel(discord, guild):
    return discord.channel(guild, "general")


@pytest.fixture
def request_of(discord, client):
    """What a message asks for."""

    def request_of(message, bots=()):
        channel = client.get_channel(message.channel.id) or client.get_partial_messageable(message.channel.id)
        told = discord.message_json(message, content=True)
        if message.reply_to:
            told["referenced_message"] = discord.message_json(message.reply_to, content=True)
        made = Message(state=client._connection, channel=channel, data=told)
        if message.channel.guild:
            made.guild = client.get_guild(message.channel.guild.id)
        return asked.from_message(made, me=client.user, bots=bots)

    return request_of


@pytest.fixture
def said(discord, channel, ana, request_of):
    """What a text asks for."""

    def said(text, where=channel, user=ana, *, bots=(), **about):
        return request_of(discord.say(where, user, text, **about), bots)

    return said


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("{me} summarize in 3 points", "/summarize in 3 points"),
        ("{me}: summarize", "/summarize"),
        ("summarize, {me}, please", "summarize, please"),
        ("{me} who did it?", "who did it?"),
        ("{me} settings", SETTINGS),
        ("{me} help me find it", "help me find it"),
        ("{me} /ask why?", "/ask why?"),
        ("{me} {me}", ""),
        ("{me} ask who {ana} is", "/ask who @Ana is"),
    ],
)
def test_a_call_is_no_part_of_what_is_asked(discord, said, ana, text, command):
    request = said(text.format(me=discord.bot.mention, ana=ana.mention))
    assert (request.text, request.outright, request.direct) == (command, True, False)


def test_a_call_by_an_older_name_counts(discord, said):
    assert said(f"<@!{discord.bot.id}> summarize").outright


@pytest.mark.parametrize("text", ["summarize", "ask Ben", "/summarize", "!", "!important: summarize", "Parley, summarize"])
def test_talk_in_a_channel_is_no_request(said, text):
    assert said(text) is None


def test_a_short_command_is_one_perhaps(said):
    request = said("!tldr since Monday")
    assert (request.text, request.outright, request.short) == ("!tldr since Monday", False, True)


def test_talk_in_a_thread_is_one_perhaps_and_a_leading_word_no_command(discord, said, channel, ana):
    thread = discord.thread(channel, "topic", ana)
    request = said("ask Ben", thread)
    assert (request.text, request.outright, request.about) == ("ask Ben", False, None)
    assert said("", thread) is None


def test_in_a_thread_of_ours_the_channel_is_meant(discord, said, channel, ana):
    thread = discord.thread(channel, "topic", owner=discord.bot)
    assert said("who did it?", thread).about == Place(str(channel.id))


def test_everything_in_a_direct_message_is_for_parley(discord, said, ana):
    request = said("summarize", discord.dm(ana))
    assert (request.text, request.outright, request.direct) == ("/summarize", True, True)


@pytest.mark.parametrize("ping", [True, False])
def test_a_reply_to_parley_calls_it_and_one_to_others_does_not(discord, said, channel, ben, ping):
    answer = discord.say(channel, discord.bot, "Here you are.")
    request = said("in Portuguese, please", reply_to=answer, ping=ping)
    assert request.outright
    assert request.about == Place(str(channel.id), None, str(answer.id))
    assert said("in Portuguese, please", reply_to=discord.say(channel, ben, "Hello."), ping=ping) is None


def test_a_call_in_reply_to_others_is_about_what_they_wrote(discord, said, channel, ben):
    other = discord.say(channel, ben, "Hello.")
    request = said(f"{discord.bot.mention} translate", reply_to=other)
    assert request.about == Place(str(channel.id), None, str(other.id))


@pytest.mark.parametrize(
    ("link", "about"),
    [
        ("https://discord.com/channels/1/22/333", Place("22", None, "333")),
        ("<https://canary.discord.com/channels/1/22>", Place("22")),
        ("<#22>", Place("22")),
        ("https://example.com/channels/1/22", None),
    ],
)
def test_a_link_names_what_a_request_is_about(discord, said, link, about):
    assert said(f"{discord.bot.mention} summarize {link}").about == about


def test_bots_and_webhooks_are_heard_if_they_are_named(discord, said):
    robot, hook = discord.user("Robot", bot=True), discord.user("Hook", bot=True)
    call = f"{discord.bot.mention} summarize"
    assert said(call, user=robot) is None
    assert said(call, user=robot, bots={robot.id}).user == str(robot.id)
    assert said(call, user=hook, webhook_id=hook.id) is None
    assert said(call, user=hook, webhook_id=hook.id, bots={hook.id}).user == str(hook.id)
    assert said(call, user=discord.bot, bots={discord.bot.id}) is None


# Reactions


def reaction(name, *, custom=None, guild=7):
    emoji = PartialEmoji(name=name, id=custom)
    data = {"user_id": "1", "channel_id": "2", "message_id": "3", "type": 0, "burst": False}
    return RawReactionActionEvent(data | ({"guild_id": str(guild)} if guild else {}), emoji, "REACTION_ADD")


@pytest.mark.parametrize(("flag", "language"), [("\U0001f1e7\U0001f1f7", "pt"), ("\U0001f1e9\U0001f1ea", "de")])
def test_a_flag_asks_for_a_translation_of_its_message(flag, language):
    request = asked.from_reaction(reaction(flag))
    assert (request.text, request.about, request.user) == (f"/translate {language}", Place("2", None, "3"), "1")
    assert not request.direct


@pytest.mark.parametrize("memo", ["\U0001f4dd", "\U0001f5d2\ufe0f", "\U0001f5d2"])
def test_a_memo_asks_for_a_summary_from_its_message_on(memo):
    request = asked.from_reaction(reaction(memo, guild=None))
    assert (request.text, request.about, request.direct) == ("/summarize", Place("2", "3"), True)


@pytest.mark.parametrize("name", ["👍", "", None, "\U0001f3f4", "\U0001f1e7", "\U0001f1fd\U0001f1fd"])
def test_other_reactions_ask_for_nothing(name):
    assert asked.from_reaction(reaction(name)) is None


def test_an_emoji_of_a_servers_own_is_not_what_it_is_called():
    assert asked.from_reaction(reaction("\U0001f1e7\U0001f1f7", custom=9)) is None
    assert asked.from_reaction(reaction("🇧🇷", custom=None))


def test_the_same_reaction_again_is_the_same_request():
    flag, memo = "\U0001f1e7\U0001f1f7", "\U0001f4dd"
    first, again, other = (asked.from_reaction(reaction(name)).keys for name in (flag, flag, memo))
    assert first == again != other
