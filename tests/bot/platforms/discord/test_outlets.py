"""Where answers can be said, where that is in doubt. What people see of it is in `tests/scenarios/discord`."""

from __future__ import annotations

import discord as library
import pytest
from discord import Message

from bot.platforms.asked import Asked
from bot.platforms.buttons import SHARE
from bot.platforms.discord.outlets import CLOSED, THREAD_NAME, Direct, InThread
from bot.platforms.discord.render import Button, plain
from bot.platforms.discord.wire import DiscordWire
from bot.platforms.posts import Posts


class Closed:
    """What is said where somebody takes no direct messages."""

    def __init__(self):
        self.told = []

    async def say(self, messages, sources=()):
        self.told += [(message.embeds[0].description, message.buttons, set(sources)) for message in messages]


@pytest.fixture
def channel(discord, guild):
    return discord.channel(guild, "general")


@pytest.fixture
def posts(client, state):
    return Posts(DiscordWire(client), state, home="discord")


@pytest.fixture
def closed():
    return Closed()


async def test_a_direct_message_is_sent(discord, client, ana, closed):
    await Direct(client, str(ana.id), closed).say([plain("One."), plain("Two.")])
    assert [answer.text for answer in discord.answers(discord.dm(ana))] == ["One.", "Two."]
    assert closed.told == []


@pytest.mark.parametrize("kind", ["closed", "a bot", "nobody"])
@pytest.mark.parametrize("open_", [True, False])
async def test_who_takes_none_is_told_where_that_is_right(discord, client, ana, closed, kind, open_):
    ana.closed = True
    user = {"closed": ana.id, "a bot": discord.bot.id, "nobody": 1}[kind]
    answer = plain("One.", buttons=[Button(SHARE, "Share", "share:1")])
    await Direct(client, str(user), closed, open_=open_).say([answer], ["discord:1:2"])
    assert closed.told == [("One." if open_ else CLOSED, (), {"discord:1:2"})]


async def test_where_there_is_nowhere_else_nothing_is_said(client, ana):
    ana.closed = True
    await Direct(client, str(ana.id), None).say([plain("One.")])


async def test_trouble_on_discords_side_is_nobodys_choice(discord, client, ana, closed):
    discord.fail("POST", "/channels/*/messages", status=503)
    with pytest.raises(library.DiscordServerError):
        await Direct(client, str(ana.id), closed).say([plain("One.")])
    assert closed.told == []


@pytest.fixture
def begun(discord, client, posts):
    """An answer to a message in a thread of its own."""

    def begun(message):
        made = Message(
            state=client._connection,
            channel=client.get_channel(message.channel.id),
            data=discord.message_json(message, content=True),
        )
        request = Asked("discord", str(message.channel.id), str(message.author.id), message.content, str(message.id))
        return InThread(posts, request, made)

    return begun


async def test_a_thread_is_called_by_what_was_asked(discord, channel, ana, begun):
    asked = discord.say(channel, ana, "/ask\n" + "xy " * 200)
    await begun(asked).say([plain("Here you are.")])
    assert asked.thread.name.startswith("ask xy xy")
    assert len(asked.thread.name) <= THREAD_NAME
    assert discord.answers(asked.thread)[-1].text == "Here you are."


async def test_a_thread_that_is_there_is_taken(discord, channel, ana, begun):
    asked = discord.say(channel, ana, "Hello.")
    thread = discord.thread(asked, "topic", ana)
    await begun(asked).say([plain("Here you are.")])
    assert discord.answers(thread)[-1].text == "Here you are."
    assert discord.answers(channel) == []


async def test_nothing_to_say_opens_no_thread(discord, channel, ana, begun):
    asked = discord.say(channel, ana, "Hello.")
    await begun(asked).say([])
    assert asked.thread is None


async def test_there_are_no_threads_in_threads(discord, channel, ana, begun):
    thread = discord.thread(channel, "topic", ana)
    asked = discord.say(thread, ana, "Hello.")
    await begun(asked).say([plain("Here you are.")])
    assert discord.answers(thread)[-1].reply_to is asked
