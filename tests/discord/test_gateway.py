"""The fake's gateway under discord.py: sessions that are lost, resumed and refused, shards, intents, heartbeats."""

from __future__ import annotations

import discord
import pytest

from .client import Client, running

pytestmark = pytest.mark.timeout(30)


async def test_what_was_said_while_away_is_replayed_once(fake, client, ana, channel):
    fake.say(channel, ana, "before")
    await client.hears("message")
    fake.drop()
    await fake.until(lambda: not fake.connections)
    fake.say(channel, ana, "meanwhile")
    await fake.reconnected()
    fake.say(channel, ana, "after")
    await client.hears("message", 3)
    assert [message.content for message in client.all_heard("message")] == ["before", "meanwhile", "after"]
    assert fake.identified == [0]


async def test_a_resume_may_bring_again_what_was_heard(fake, client, ana, channel):
    fake.rewind = 1
    said = fake.say(channel, ana, "hello")
    await client.hears("message")
    fake.ask_reconnect()
    await fake.reconnected()
    assert (await client.hears("message", 2)).id == said.id


async def test_events_can_be_sent_twice(fake, client, ana, channel):
    said = fake.say(channel, ana, "hello")
    fake.react(said, ana, "👀")
    fake.replay(of="MESSAGE_CREATE")
    assert (await client.hears("message", 2)).id == said.id


async def test_op_9_that_can_be_resumed_keeps_the_session(fake, client, ana, channel):
    fake.invalidate(resumable=True)
    await fake.reconnected()
    assert fake.identified == [0]


async def test_op_9_makes_a_new_session(fake, client, ana, channel):
    fake.invalidate()
    await client.hears("ready", 2)
    assert (fake.identified, fake.resumed) == ([0, 0], [])
    fake.say(channel, ana, "hello")
    assert (await client.hears("message")).content == "hello"


async def test_a_forgotten_session_cannot_be_resumed(fake, client):
    fake.sessions.clear()
    fake.drop()
    await client.hears("ready", 2)
    assert fake.identified == [0, 0]


async def test_a_close_is_survived_or_not_by_its_code(fake, client):
    await fake.close(4000)
    await fake.reconnected()
    await fake.close(4004)
    with pytest.raises(discord.ConnectionClosed) as refused:
        await client.life
    assert refused.value.code == 4004


async def test_a_deaf_gateway_is_left_for_another_connection(fake, channel):
    fake.heartbeat_s = 0.1
    async with running(fake, Client(heartbeat_timeout=0.5)) as client:
        fake.deaf = True
        await fake.reconnected()
        assert not fake.deaf
        await client.hears("resumed")


async def test_heartbeats_are_recorded(fake, channel):
    fake.heartbeat_s = 0.05
    async with running(fake, Client()):
        (connection,) = fake.connections
        await fake.until(lambda: len(connection.beats) >= 5)
        assert all(0.04 <= gap < 1 for gap in connection.gaps[1:])


async def test_the_content_intent_must_be_the_apps_own(fake, channel):
    fake.content = "none"
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with running(fake, Client()):
            pass


@pytest.mark.parametrize("app", ["none", "full"])
async def test_without_the_content_intent_little_can_be_read(fake, ana, channel, app):
    fake.content = app
    async with running(fake, Client(content=False)) as client:
        first = fake.say(channel, ana, "anything")
        fake.say(channel, ana, f"{fake.bot.mention} this")
        fake.say(fake.dm(ana), ana, "and this")
        await client.hears("message", 3)
        answer = await client.get_channel(channel.id).send("own")
        fake.say(channel, ana, "a reply", reply_to=fake.message_at(channel, answer.id))
        fake.say(channel, ana, "silent", reply_to=fake.message_at(channel, answer.id), ping=False)
        await client.hears("message", 6)
        heard = [message.content for message in client.all_heard("message")]
        assert heard == ["", f"{fake.bot.mention} this", "and this", "own", "a reply", ""]
        read = await client.get_channel(channel.id).fetch_message(first.id)
        assert read.content == ("" if app == "none" else "anything")  # only the gateway asks what IDENTIFY asked for


async def test_events_go_to_the_shard_of_their_server(fake, ana):
    fake.shards = 2
    guilds = [fake.guild(f"number {shard}", ana, shard=shard) for shard in (0, 1)]
    channels = [fake.channel(guild, "general") for guild in guilds]
    async with running(fake, Client()) as client:
        await fake.ready(shards=2)
        assert {guild.name: guild.shard_id for guild in client.guilds} == {"number 0": 0, "number 1": 1}
        for channel in (*channels, fake.dm(ana)):
            fake.say(channel, ana, "hello")
        await client.hears("message", 3)
    heard = [(session.shard, name) for session in fake.sessions.values() for name, _ in session.sent if "MESSAGE" in name]
    assert heard == []  # a client that takes its leave gives its sessions up


async def test_every_session_of_a_shard_hears(fake, client, ana, channel):
    async with running(fake, Client()) as other:
        fake.say(channel, ana, "hello")
        assert (await client.hears("message")).id == (await other.hears("message")).id


async def test_events_that_were_not_asked_for_stay_away(fake, ana, channel):
    client = Client()
    client._connection._intents.guild_reactions = False
    async with running(fake, client):
        message = fake.say(channel, ana, "hello")
        fake.react(message, ana, "👀")
        fake.say(channel, ana, "bye")
        await client.hears("message", 2)
        assert client.all_heard("raw_reaction_add") == []


async def test_hidden_channels_are_silent(fake, client, ana, guild):
    hidden = fake.channel(guild, "hidden", private=True)
    fake.say(hidden, ana, "psst")
    fake.allow(hidden, "view_channel", fake.bot)
    fake.say(hidden, ana, "hello")
    assert (await client.hears("message")).content == "hello"


async def test_members_come_when_asked_for(fake, client, ana, guild):
    (found,) = await client.get_guild(guild.id).query_members(user_ids=[ana.id])
    assert found.id == ana.id
