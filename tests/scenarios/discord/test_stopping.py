"""Parley is stopped: what is under way is finished and reaches Discord, and nothing new is begun."""

from __future__ import annotations

import asyncio

import pytest

pytestmark = [pytest.mark.timeout(30), pytest.mark.usefixtures("channel")]

STOPPED = "I am being restarted; please try again in a minute."


@pytest.fixture
def started(discord, channel, ana):
    """Starts Parley and asks it for two things, whose reading does not end; gives the task, the requests and the gate."""

    async def started(connecting):
        reading, here = discord.hold("GET", "/channels/*/messages"), asyncio.Event()

        async def run():
            async with connecting:
                here.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(run())
        await here.wait()
        mention = discord.say(channel, ana, f"{discord.bot.mention} summarize")
        command = discord.command(ana, channel, "summarize")
        await discord.until(lambda: reading.waiting and command.responses)
        return task, mention, command, reading

    return started


async def stopping(health):
    """Wait until the end has begun."""
    async with asyncio.timeout(5):
        while not health.stopping:  # noqa: ASYNC110 -- nobody tells
            await asyncio.sleep(0.01)


async def test_answers_under_way_reach_discord(discord, connect, started, channel, ana, health):
    task, mention, command, reading = await started(connect())
    task.cancel()
    await stopping(health)
    late = discord.say(channel, ana, f"{discord.bot.mention} help"), discord.command(ana, channel, "help")
    discord.replay(1, of="MESSAGE_CREATE")
    reading.open()
    with pytest.raises(asyncio.CancelledError):
        await task
    (answer,) = discord.answers(channel)
    assert answer.reply_to is mention
    assert "Payments are failing" in answer.text
    assert "Payments are failing" in command.shown[0].text
    assert not late[1].responses
    assert not discord.connections


@pytest.mark.parametrize("twice", [False, True], ids=["the grace runs out", "a second signal"])
async def test_whoever_waits_in_vain_is_told(discord, connect, started, channel, health, twice):
    task, _, command, _ = await started(connect(grace_s=60.0 if twice else 0.05))
    task.cancel()
    if twice:
        await stopping(health)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [answer.text for answer in discord.answers(channel)] == [STOPPED]
    assert [shown.text for shown in command.shown] == [STOPPED]


async def test_what_was_cut_short_is_answered_when_it_is_delivered_again(discord, connect, started, channel):
    task, mention, _, reading = await started(connect(grace_s=0.05))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    reading.open()
    async with connect():
        discord.dispatch("MESSAGE_CREATE", lambda content: discord.dispatched(mention, content=content), channel=channel)
        await discord.until(lambda: len(discord.answers(channel)) == 2)
    assert "Payments are failing" in discord.answers(channel)[-1].text
