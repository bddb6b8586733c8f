"""How messages get into channels, and what becomes of those that do not."""

from __future__ import annotations

import discord as library
import pytest

from bot.platforms.discord.render import File, Message, plain
from bot.platforms.discord.wire import NOT_POSTED, DiscordWire
from bot.platforms.posts import NotPosted


@pytest.fixture
def channel(discord, guild):
    return discord.channel(guild, "general")


@pytest.fixture
def wire(client):
    return DiscordWire(client)


@pytest.fixture
def long():
    """More words than one message without embeds holds, and a file."""
    return Message((library.Embed(description="Good morning. " * 200),), files=(File("answer.md", b"Good morning."),))


async def test_a_message_is_posted_in_reply_and_notifies_nobody(discord, wire, channel, ana):
    asked = discord.say(channel, ana, "Hello.")
    (post,) = await wire.send(str(channel.id), str(asked.id), plain("Here you are."))
    answer = channel.find(int(post))
    assert answer.reply_to is asked
    assert answer.mentions == []


async def test_what_is_replied_to_may_be_gone(discord, wire, channel):
    (post,) = await wire.send(str(channel.id), "1", plain("Here you are."))
    assert channel.find(int(post)).reply_to is None


async def test_without_embeds_as_many_messages_are_posted_as_it_takes(discord, wire, channel, long):
    discord.deny(channel, "embed_links", to=discord.bot)
    posts = await wire.send(str(channel.id), None, long)
    told = [channel.find(int(post)) for post in posts]
    assert [len(message.files) for message in told] == [0, 1]
    assert sum(message.content.count("Good morning.") for message in told) == 200


async def test_a_thread_is_as_its_channel_is(discord, wire, channel, ana, long):
    discord.deny(channel, "embed_links attach_files", to=discord.bot)
    thread = discord.thread(channel, "topic", ana)
    posts = await wire.send(str(thread.id), None, long)
    assert len(posts) == 2
    assert not any(thread.find(int(post)).files for post in posts)


@pytest.mark.parametrize("kind", ["no leave", "not seen", "locked", "gone"])
async def test_where_nothing_can_be_posted_it_is_said_why(discord, wire, channel, ana, kind, caplog):
    match kind:
        case "no leave":
            discord.deny(channel, "send_messages", to=discord.bot)
        case "not seen":
            discord.deny(channel, "view_channel", to=discord.bot)
        case "locked":
            channel = discord.thread(channel, "topic", ana)
            discord.archive(channel, locked=True)
        case "gone":
            discord.remove(channel)
    with pytest.raises(NotPosted, match=NOT_POSTED.split(":")[0]):
        await wire.send(str(channel.id), None, plain("Here you are."))
    assert str(channel.id) in caplog.text
    assert "Here you are" not in caplog.text


async def test_what_is_our_own_fault_is_raised(discord, wire, channel):
    too_long = Message((library.Embed(description="x" * 5000),))
    with pytest.raises(library.HTTPException):
        await wire.send(str(channel.id), None, too_long)


@pytest.fixture
async def post(discord, wire, channel):
    (post,) = await wire.send(str(channel.id), None, plain("One moment."))
    return channel.find(int(post))


async def test_a_post_is_written_over(wire, channel, post, long):
    assert await wire.edit(str(channel.id), str(post.id), long)
    assert "One moment" not in post.text
    assert list(post.files) == ["answer.md"]


async def test_a_post_that_is_gone_cannot_be_written_over(discord, wire, channel, post):
    discord.delete(post)
    assert not await wire.edit(str(channel.id), str(post.id), plain("Here you are."))
    await wire.delete(str(channel.id), str(post.id))


async def test_a_post_goes_where_one_does_not_hold_what_takes_its_place(discord, wire, channel, post, long):
    discord.deny(channel, "embed_links", to=discord.bot)
    assert not await wire.edit(str(channel.id), str(post.id), long)
    assert post.deleted


async def test_a_thread_is_a_thread_and_nothing_else_is(discord, wire, channel, ana):
    thread = discord.thread(channel, "topic", ana)
    assert wire.thread(str(thread.id), None) == str(thread.id)
    assert wire.thread(str(channel.id), "5") is None
    assert wire.thread("1", None) is None
