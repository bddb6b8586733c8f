"""Who may read what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from discord import HTTPException

from bot.assistant import NotReadable
from bot.platforms.discord.access import (
    AGE_RESTRICTED,
    FOR_S,
    NO_ACCESS,
    NO_HISTORY,
    NO_MESSAGES,
    NOT_INSIDE,
    UNAVAILABLE,
    Access,
)

HISTORY = "read_message_history"


@pytest.fixture
def channel(discord, guild):
    return discord.channel(guild, "general")


@pytest.fixture
def elsewhere(discord, guild):
    return str(discord.channel(guild, "elsewhere").id)


@pytest.fixture
def refusal(access):
    """Why somebody may not read a channel; None where they may."""

    async def refusal(user, channel, here=None, shown_in=None):
        try:
            found = await access.source(str(user.id), str(channel.id), here=here, shown_in=shown_in or here)
        except NotReadable as error:
            return str(error)
        assert (found.channel.id, found.reader.id) == (channel.id, user.id)
        return None

    return refusal


# Channels of a server


@pytest.mark.parametrize(("denied", "may"), [("", True), ("view_channel", False), (HISTORY, False), ("send_messages", True)])
@pytest.mark.parametrize("whom", ["everyone", "a role", "one"])
async def test_who_sees_a_channel_and_its_history_reads_it(discord, refusal, guild, channel, ana, ben, denied, may, whom):
    role = discord.role(guild, "New", members=[ana])
    discord.deny(channel, denied, to={"everyone": guild.roles[0], "a role": role, "one": ana}[whom])
    discord.allow(channel, f"view_channel {HISTORY}", to=discord.bot)
    assert await refusal(ana, channel) == (None if may else NO_ACCESS)
    assert await refusal(ben, channel) == (None if may or whom != "everyone" else NO_ACCESS)


async def test_a_role_may_open_what_is_closed_to_everyone(discord, refusal, guild, ana, ben):
    channel = discord.channel(guild, "staff", private=True)
    discord.allow(channel, "view_channel", to=discord.bot)
    discord.allow(channel, "view_channel", to=discord.role(guild, "Staff", members=[ana]))
    assert await refusal(ana, channel) is None
    assert await refusal(ben, channel) == NO_ACCESS


async def test_owners_and_administrators_read_everything(discord, refusal, guild, ana):
    channel = discord.channel(guild, "staff", private=True)
    discord.allow(channel, "view_channel", to=discord.bot)
    assert await refusal(guild.owner, channel) is None
    discord.role(guild, "Admins", "administrator", members=[ana])
    assert await refusal(ana, channel) is None


async def test_who_has_a_timeout_may_still_read(discord, refusal, channel, ana, monkeypatch):
    told, until = discord.member_json, (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    monkeypatch.setattr(discord, "member_json", lambda *a, **k: told(*a, **k) | {"communication_disabled_until": until})
    assert await refusal(ana, channel) is None


async def test_who_is_no_member_reads_nothing(discord, refusal, channel):
    assert await refusal(discord.user("Eve"), channel) == NO_ACCESS


async def test_who_is_sent_away_reads_for_a_minute_at_most(discord, client, guild, channel, ana):
    now = 0.0
    access = Access(client, clock=lambda: now)

    async def read():
        return await access.source(str(ana.id), str(channel.id), here=None, shown_in=None)

    await read()
    await read()
    assert len(discord.called("GET", "/guilds/*/members/*")) == 1
    discord.leave(guild, ana)
    now = FOR_S
    assert FOR_S <= 60
    with pytest.raises(NotReadable, match=NO_ACCESS):
        await read()


async def test_what_a_channel_allows_is_heeded_at_once(discord, refusal, channel, ana):
    assert await refusal(ana, channel) is None
    discord.deny(channel, HISTORY, to=ana)
    assert await refusal(ana, channel) == NO_ACCESS


async def test_the_chat_of_a_voice_channel_is_for_those_who_may_join(discord, refusal, guild, ana, ben, monkeypatch):
    told = discord.channel_json
    monkeypatch.setattr(discord, "channel_json", lambda *a: told(*a) | {"bitrate": 64_000, "user_limit": 0})
    channel = discord.channel(guild, "talk", type=2)
    discord.allow(channel, "connect", to=ana)
    assert "give me Connect there" in await refusal(ana, channel)
    discord.allow(channel, "connect", to=discord.bot)
    assert await refusal(ana, channel) is None
    assert await refusal(ben, channel) == NO_ACCESS


async def test_a_place_without_messages_of_its_own_is_not_read(discord, refusal, guild, ana):
    assert await refusal(ana, discord.channel(guild, "Projects", type=4)) == NO_MESSAGES


# What one learns


async def test_of_other_channels_one_learns_nothing_and_of_this_one_why(discord, refusal, guild, channel, ana, elsewhere):
    discord.deny(channel, HISTORY, to=ana)
    assert await refusal(ana, channel, here=elsewhere) == NO_ACCESS
    assert await refusal(ana, channel, here=str(channel.id)) == NO_HISTORY


@pytest.mark.parametrize(
    ("denied", "named"),
    [
        ("view_channel", "View Channel and Read Message History"),
        (HISTORY, "Read Message History"),
    ],
)
async def test_what_the_bot_lacks_is_named_to_who_may_read(discord, refusal, channel, ana, ben, elsewhere, denied, named):
    discord.deny(channel, denied if denied == HISTORY else f"{denied} {HISTORY}", to=discord.bot)
    discord.deny(channel, HISTORY, to=ben)
    here = str(channel.id)
    assert await refusal(ana, channel, here=here) == f"I am not allowed to read this channel: give me {named} there."
    assert await refusal(ana, channel, here=elsewhere) == f"I am not allowed to read that channel: give me {named} there."
    assert await refusal(ben, channel, here=elsewhere) == NO_ACCESS


@pytest.mark.parametrize("place", ["a server without the bot", "a group", "somebody else's messages", "nowhere"])
async def test_where_the_bot_is_not_nothing_is_read(discord, refusal, access, ana, ben, elsewhere, place):
    eve = discord.user("Eve")
    channel = {
        "a server without the bot": lambda: discord.channel(discord.guild("Other", ana, bot=False), "general"),
        "a group": lambda: discord.group(ana, ben, eve),
        "somebody else's messages": lambda: discord.group(ana, ben),
        "nowhere": lambda: eve,
    }[place]()
    assert await refusal(ana, channel, here=elsewhere) == NO_ACCESS
    assert await refusal(ana, channel, here=str(channel.id)) == NOT_INSIDE


@pytest.mark.parametrize("channel", ["", "C123", "-1", "99999999999999999999999"])
async def test_what_is_no_channel_is_not_there(discord, access, ana, channel):
    discord.fail("GET", "/channels/99999999999999999999999", status=400, code=50035)
    with pytest.raises(NotReadable, match=NO_ACCESS):
        await access.source(str(ana.id), channel, here=None, shown_in=None)


async def test_a_server_that_is_down_is_no_refusal(discord, client, refusal, guild, channel, ana):
    client.get_guild(guild.id).unavailable = True
    assert await refusal(ana, channel) == UNAVAILABLE


@pytest.mark.parametrize("pattern", ["/guilds/*/members/*", "/channels/*"])
async def test_trouble_is_no_refusal(discord, client, access, guild, channel, ana, pattern):
    thread = discord.thread(channel, "old", ana)
    discord.archive(thread)
    discord.fail("GET", pattern, status=503)
    with pytest.raises(HTTPException):
        await access.source(str(ana.id), str(thread.id), here=None, shown_in=None)


# Threads


@pytest.mark.parametrize("archived", [False, True])
async def test_a_thread_is_read_by_who_may_read_its_channel(discord, refusal, channel, ana, ben, archived):
    thread = discord.thread(channel, "topic", ben)
    discord.archive(thread, archived=archived)
    assert await refusal(ana, thread) is None
    discord.deny(channel, HISTORY, to=ana)
    assert await refusal(ana, thread) == NO_ACCESS
    assert await refusal(ben, thread) is None


async def test_a_private_thread_is_read_by_those_in_it_and_those_who_manage_threads(
    discord, refusal, guild, channel, ana, ben
):
    thread = discord.thread(channel, "secret", ben, private=True)
    discord.enter(thread, discord.bot)
    assert await refusal(ben, thread) is None
    assert await refusal(ana, thread) == NO_ACCESS
    thread.people.remove(ben)
    assert await refusal(ben, thread) == NO_ACCESS
    moderator = discord.user("Mo")
    discord.role(guild, "Moderators", "manage_threads", members=[moderator])
    assert await refusal(moderator, thread) is None


async def test_a_private_thread_that_the_bot_is_not_in_is_not_there(discord, refusal, channel, ben):
    assert await refusal(ben, discord.thread(channel, "secret", ben, private=True)) == NO_ACCESS


async def test_a_thread_whose_channel_is_not_known_is_not_read(discord, client, refusal, guild, channel, ana):
    thread = discord.thread(channel, "topic", ana)
    discord.dispatch("CHANNEL_DELETE", discord.channel_json(channel), guild=guild)
    assert await refusal(ana, thread) == NO_ACCESS


# Direct messages


async def test_a_direct_message_is_read_by_whom_the_bot_writes_with(discord, refusal, ana, ben):
    direct = discord.dm(ana)
    assert await refusal(ana, direct, here=str(direct.id)) is None
    assert await refusal(ben, direct) == NO_ACCESS


# Age-restricted places


@pytest.mark.parametrize("inside", ["the channel", "its thread"])
async def test_what_is_age_restricted_is_shown_where_that_is_too(discord, refusal, guild, channel, ana, inside, elsewhere):
    adult, other = discord.channel(guild, "adult", nsfw=True), discord.channel(guild, "other", nsfw=True)
    source = adult if inside == "the channel" else discord.thread(adult, "topic", ana)
    direct = discord.dm(ana)
    for shown_in in (None, elsewhere, str(direct.id), "1", "junk"):
        assert await refusal(ana, source, shown_in=shown_in) == AGE_RESTRICTED
    for place in (source, adult, other, discord.thread(other, "topic", ana)):
        assert await refusal(ana, source, shown_in=str(place.id)) is None
    assert await refusal(ana, channel, shown_in=str(adult.id)) is None


async def test_of_age_restricted_places_only_those_who_see_them_learn(discord, refusal, guild, ana, elsewhere):
    adult = discord.channel(guild, "adult", private=True, nsfw=True)
    discord.allow(adult, "view_channel", to=discord.bot)
    assert await refusal(ana, adult, here=elsewhere) == NO_ACCESS


@pytest.mark.parametrize(("level", "restricted"), [(0, False), (1, True), (2, False), (3, True)])
async def test_a_whole_server_may_be_age_restricted(discord, refusal, ana, elsewhere, monkeypatch, level, restricted):
    told = discord.guild_json
    monkeypatch.setattr(discord, "guild_json", lambda guild: told(guild) | {"nsfw_level": level})
    channel = discord.channel(discord.guild("Adults", ana), "general")
    assert await refusal(ana, channel, here=elsewhere) == (AGE_RESTRICTED if restricted else None)
