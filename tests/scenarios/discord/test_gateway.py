"""The gateway under Parley: whatever happens to the connection, each request is answered, and answered once."""

from __future__ import annotations

import asyncio

import pytest
from prometheus_client import CollectorRegistry

from bot.platforms.discord import gateway
from bot.platforms.discord.client import intents
from bot.platforms.discord.shards import Shards
from bot.platforms.refused import Refused
from bot.state import State

pytestmark = pytest.mark.timeout(30)


@pytest.fixture
def ask(discord, channel, ana):
    """Somebody mentions the bot."""

    def ask(text="help", where=channel):
        return discord.say(where, ana, f"{discord.bot.mention} {text}")

    return ask


@pytest.fixture
def answered(discord):
    """Waits until a message has an answer, and gives it."""

    async def answered(message):
        await discord.until(lambda: replies(discord, message))
        return replies(discord, message)[0]

    return answered


def replies(discord, message):
    return [one for one in discord.answers(message.channel) if one.reply_to is message]


def up(client):
    """Which shards are up, as the figures tell."""
    registry = CollectorRegistry()
    registry.register(Shards(client))
    samples = [sample for family in registry.collect() for sample in family.samples]
    return {one.labels["shard"]: one.value for one in samples if one.name == "parley_discord_shard_up"}


async def run(connecting):
    """Answer until it ends."""
    async with connecting:
        await asyncio.Event().wait()


def out_of_reach(client):
    """Let new connections to the gateway wait until what is returned is set."""
    back, reach = asyncio.Event(), client.http.ws_connect

    async def reach_later(*args, **kwargs):
        await back.wait()
        return await reach(*args, **kwargs)

    client.http.ws_connect = reach_later
    return back


async def settled(health, ready):
    """Wait until readiness is as it should be; nobody tells when it changes."""
    async with asyncio.timeout(10):
        while await health.ready() is not ready:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


# Once


async def test_what_a_resume_brings_again_is_answered_once(discord, connect, channel, ana, ask, answered):
    discord.rewind = 100
    async with connect():
        mention, command = ask(), discord.command(ana, channel, "help")
        await answered(mention)
        await command.answer()
        discord.drop()
        await discord.reconnected()
        await answered(ask())  # which comes after all that comes again
    assert len(replies(discord, mention)) == 1
    assert (len(command.responses), len(command.shown)) == (1, 1)


async def test_events_that_come_twice_are_answered_once(discord, connect, channel, ana, ask, answered):
    async with connect():
        mention, command = ask(), discord.command(ana, channel, "summarize")
        discord.replay(2)
        await command.answer()
        button = discord.click(ana, command.shown[0], "feedback")
        discord.replay(1)
        await button.answer()
        await answered(ask())
    assert len(replies(discord, mention)) == 1
    assert [len(one.shown) for one in (command, button)] == [1, 1]


async def test_a_second_delivery_during_the_work_is_left_alone(discord, connect, channel, ana, ask, answered):
    reading = discord.hold("GET", "/channels/*/messages")
    async with connect():
        mention, command = ask("summarize"), discord.command(ana, channel, "summarize")
        await discord.until(lambda: reading.waiting)
        discord.replay(2)
        await answered(ask())
        reading.open()
        await answered(mention)
        await command.answer()
    assert len(replies(discord, mention)) == 1
    assert len(command.shown) == 1


async def test_two_processes_with_one_database_answer_once(discord, connect, channel, guild, ana, tmp_path, ask, answered):
    channels = [discord.channel(guild, f"number {number}") for number in range(10)]
    async with connect(), State(f"sqlite+aiosqlite:///{tmp_path}/parley.db") as same, connect(same):
        assert len(discord.connections) == 2
        asked = [(ask(where=one), discord.command(ana, one, "help")) for one in channels]
        for mention, command in asked:
            await answered(mention)
            await command.answer()
    assert all(len(replies(discord, mention)) == 1 for mention, _ in asked)
    assert all(len(command.shown) == 1 for _, command in asked)


# Staying up


async def test_what_was_asked_while_the_connection_was_lost_is_answered(discord, parley, ask, answered):
    discord.drop()
    await discord.until(lambda: not discord.connections)
    await answered(ask())
    assert discord.identified == [0]


async def test_work_outlasts_the_connection(discord, parley, channel, ana, ask, answered):
    reading = discord.hold("GET", "/channels/*/messages")
    mention, command = ask("summarize"), discord.command(ana, channel, "summarize")
    await discord.until(lambda: reading.waiting)
    discord.drop()
    await discord.until(lambda: not discord.connections)
    reading.open()
    await answered(mention)
    assert "Payments are failing" in (await command.answer()).text


@pytest.mark.parametrize("op", ["reconnect", "resumable"])
async def test_a_connection_that_discord_takes_back_is_resumed(discord, parley, ask, answered, op):
    discord.ask_reconnect() if op == "reconnect" else discord.invalidate(resumable=True)
    await discord.reconnected()
    await answered(ask())
    assert discord.identified == [0]


@pytest.mark.usefixtures("at_once")
async def test_a_session_that_is_lost_begins_anew(discord, parley, ask, answered):
    discord.invalidate()
    await discord.until(lambda: discord.identified == [0, 0])
    await answered(ask())


async def test_a_connection_that_went_deaf_is_replaced_and_nothing_is_lost(discord, connect, ask, answered):
    discord.heartbeat_s = 0.1
    async with connect(deaf_s=0.4):
        discord.deaf = True
        mention = ask()
        await answered(mention)
        assert discord.resumed == [0]


async def test_readiness_follows_the_connection(discord, connect, channel, health):
    assert not await health.ready()
    async with connect() as client:
        assert await health.ready()
        back = out_of_reach(client)
        discord.drop()
        await settled(health, False)
        back.set()
        await settled(health, True)
        assert not health.stopping
    assert health.stopping


async def test_the_figures_tell_that_a_shard_is_gone(discord, connect, channel, health):
    async with connect() as client:
        back = out_of_reach(client)
        discord.drop()
        await settled(health, False)
        assert up(client) == {"0": 0.0}
        back.set()
        await settled(health, True)
        assert up(client) == {"0": 1.0}


@pytest.mark.usefixtures("at_once")
async def test_every_shard_answers_its_servers(discord, connect, ana, ask, answered):
    discord.shards = 2
    channels = [discord.channel(discord.guild(f"number {shard}", ana, shard=shard), "general") for shard in (0, 1)]
    async with connect() as client:
        assert sorted(discord.identified) == [0, 1]
        numbers = {guild.name: guild.shard_id for guild in client.guilds}
        assert (numbers["number 0"], numbers["number 1"]) == (0, 1)
        for channel in channels:
            await answered(ask(where=channel))
        await answered(ask(where=discord.dm(ana)))


# Intents


@pytest.mark.parametrize("app", ["none", "limited", "full"])
async def test_no_more_is_asked_for_than_is_needed(discord, connect, app):
    discord.content = app
    async with connect():
        (session,) = discord.sessions.values()
        assert session.intents == intents(content=app != "none").value
    assert {name for name, on in intents(content=True) if on} == {
        "guilds",
        "guild_messages",
        "dm_messages",
        "guild_reactions",
        "dm_reactions",
        "message_content",
    }


async def test_an_intent_that_is_withdrawn_is_one_sentence(discord, connect):
    asking = discord.hold("GET", "/gateway/bot")
    task = asyncio.create_task(run(connect()))
    await discord.until(lambda: asking.waiting)
    discord.content = "none"
    asking.open()
    with pytest.raises(Refused, match=r"^[^\n]*Message Content Intent[^\n]*\.$"):
        await task


# What ends it


async def test_a_token_that_is_reset_ends_it_in_one_sentence(discord, connect):
    task = asyncio.create_task(run(connect()))
    await discord.ready()
    discord.token = "MTIz.another.token"
    await discord.close(4004)
    with pytest.raises(Refused, match=r"^[^\n]*Reset Token[^\n]*\.$"):
        await task


async def test_being_stopped_is_no_refusal(discord, connect):
    task = asyncio.create_task(run(connect()))
    await discord.ready()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_it_can_be_stopped_while_a_connection_is_made_anew(discord, connect, channel, health):
    async with asyncio.timeout(5):
        async with connect() as client:
            out_of_reach(client)
            discord.drop()
            await settled(health, False)


async def test_it_can_be_stopped_before_it_is_connected(discord, connect, channel):
    task = asyncio.create_task(run(connect(discord_gateway_url="ws://127.0.0.1:1/")))
    await discord.until(lambda: discord.called("GET", "/gateway/bot"))
    task.cancel()
    async with asyncio.timeout(5):
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_gateway_that_cannot_be_reached_is_one_sentence(connect, monkeypatch):
    monkeypatch.setattr(gateway, "CONNECT_S", 0.3)
    with pytest.raises(Refused, match=r"^Discord's gateway cannot be reached[^\n]+\.$"):
        await run(connect(discord_gateway_url="ws://127.0.0.1:1/"))


async def test_a_gateway_that_is_slow_is_waited_for_but_not_in_silence(discord, connect, channel, monkeypatch, caplog):
    monkeypatch.setattr(gateway, "CONNECT_S", 0.1)
    monkeypatch.setattr(discord, "_greet", lambda session: late.append(session))
    late = []
    task = asyncio.create_task(run(connect()))
    await discord.until(lambda: late)
    async with asyncio.timeout(5):
        while "Discord is slow: 1 of 1 connections" not in caplog.text:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_tasks_own_errors_are_not_taken_for_discords(connect, channel):
    with pytest.raises(TimeoutError):
        async with connect():
            raise TimeoutError


# Heartbeats


async def test_heartbeats_are_on_time_while_requests_are_answered(discord, connect, channel, ana):
    discord.heartbeat_s = 0.1
    async with connect():
        (connection,) = discord.connections
        for _ in range(20):
            await discord.command(ana, channel, "summarize").answer()
        await discord.until(lambda: len(connection.beats) > 5)
        assert max(connection.gaps[1:]) < 0.3
