"""A busy hour in a second: two hundred people at once, with the default models."""

from __future__ import annotations

import pytest

from bot import wording
from bot.assistant import Assistant
from bot.commands import loading
from bot.platforms.discord.gateway import connected
from bot.router import Router
from handlers import build

CHANNELS = 40
COMMANDS = (
    ("ask", {"question": "who rolls back?"}),
    ("summarize", {}),
    ("sentiment", {}),
    ("help", {}),
    ("translate", {"to": "pt", "text": "Payments are failing since the deploy."}),
)
MENTIONS = ("who rolls back?", "summarize", "how do people feel about this?", "help", "tl;dr in 2 points")
FAILURES = set(wording.SENTENCES.values()) | {wording.BROKEN}
BEAT_S = 0.5


@pytest.fixture
def channels(discord, guild, ana, ben):
    """Channels where something has happened."""
    found = [discord.channel(guild, f"team-{number}") for number in range(CHANNELS)]
    for number, channel in enumerate(found):
        discord.say(channel, ana, f"Payments have been failing since deploy {number}.")
        discord.say(channel, ben, "I roll back to 4.11, and Ana tells the customers.")
    return found


@pytest.fixture
async def beats(discord, settings, state, real_engine, channels):
    """Parley with the default models, connected; gives the connection that it beats over."""
    await real_engine.warm(lambda *_: None)
    loading.settle()
    discord.heartbeat_s = BEAT_S
    assistant = Assistant(Router(real_engine), build(real_engine))
    async with connected(settings, assistant, state, ready_s=0.05):
        (connection,) = discord.connections
        yield connection


@pytest.mark.real
@pytest.mark.timeout(180)
async def test_two_hundred_commands_are_deferred_and_answered_once_and_block_nothing(discord, ana, channels, beats, steps):
    used = [discord.command(ana, channel, name, options) for channel in channels for name, options in COMMANDS]
    await discord.until(lambda: all(each.whole for each in used), within=150)
    assert all(len(each.shown) == 1 for each in used)
    assert not [each for each in used if any(failure in each.shown[0].text for failure in FAILURES)]
    assert max(each.seconds for each in used) < 3
    assert max(beats.gaps[1:]) < 2 * BEAT_S
    assert max(steps)[0] < 0.05


@pytest.mark.real
@pytest.mark.timeout(180)
async def test_two_hundred_mentions_are_each_answered_once_and_block_nothing(discord, ana, channels, beats, steps):
    for channel in channels:
        for text in MENTIONS:
            discord.say(channel, ana, f"{discord.bot.mention} {text}")
    await discord.until(lambda: sum(len(discord.answers(one)) for one in channels) >= 200, within=150)
    assert all(len(discord.answers(one)) == len(MENTIONS) for one in channels)
    assert max(beats.gaps[1:]) < 2 * BEAT_S
    assert max(steps)[0] < 0.05
