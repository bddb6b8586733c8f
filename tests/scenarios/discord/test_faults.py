"""Calls, a channel or the database fail in the middle of work: no request is lost, and none is answered twice."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from bot import state as states
from bot.platforms.discord import rest

pytestmark = [pytest.mark.timeout(30), pytest.mark.usefixtures("parley")]

SEND = ("POST", "/channels/*/messages")
ACKNOWLEDGE = ("POST", "/interactions/*/callback")
SHOW = ("PATCH", "/webhooks/*/messages/@original")
READ = ("GET", "/channels/*/messages")

FAILURES = {
    "limited": {"status": 429},
    "limited everywhere": {"status": 429, "everywhere": True},
    "broken after it took effect": {"status": 500, "landed": True},
    "overloaded": {"status": 503},
    "cut": {"status": None},
    "cut after it took effect": {"status": None, "landed": True},
}


@pytest.fixture(params=FAILURES.values(), ids=FAILURES)
def failure(request):
    return request.param


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    """What fails is tried again soon."""
    monkeypatch.setattr(rest, "PAUSE_S", 0.01)
    monkeypatch.setattr(states, "AGAIN_S", 0.01)


@pytest.fixture
def ask(discord, channel, ana):
    """Somebody mentions the bot."""
    return lambda text: discord.say(channel, ana, f"{discord.bot.mention} {text}")


async def test_an_answer_is_posted_once_whatever_becomes_of_the_call(discord, channel, ana, ask, quiet, failure):
    discord.fail(*SEND, **failure)
    mention = ask("summarize")
    await discord.until(lambda: discord.answers(channel))
    await quiet(ana)
    (answer,) = discord.answers(channel)
    assert answer.reply_to is mention
    assert "Payments are failing" in answer.text


@pytest.mark.parametrize("call", [ACKNOWLEDGE, SHOW, READ], ids=["acknowledge", "show", "read"])
async def test_a_command_is_answered_once_whatever_becomes_of_a_call(discord, channel, ana, failure, call):
    discord.fail(*call, **failure)
    command = discord.command(ana, channel, "summarize")
    assert "Payments are failing" in (await command.answer()).text
    assert len(command.shown) == 1


@pytest.mark.parametrize("landed", [False, True])
async def test_a_picture_comes_whole_though_it_is_sent_twice(discord, channel, ana, landed):
    people = [discord.user(name) for name in ("Cleo", "Dan", "Eve", "Finn")]
    for number in range(12):
        discord.say(channel, people[number % 4], f"This is number {number}.", quiet=True)
    discord.fail(*SHOW, status=None, landed=landed)
    shown = await discord.command(ana, channel, "sentiment").answer()
    (picture,) = shown.files.values()
    assert picture.endswith(b"IEND\xaeB`\x82")


async def test_a_channel_that_goes_during_the_work_harms_no_other_request(discord, channel, guild, ana, ask, quiet, caplog):
    reading = discord.hold(*READ)
    ask("summarize")
    command = discord.command(ana, channel, "ask", {"question": "who rolls back?"})
    await discord.until(lambda: reading.waiting)
    discord.remove(channel)
    reading.open()
    await quiet(ana)
    await command.answer()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_a_place_where_the_bot_may_not_write_harms_no_other_request(discord, channel, ana, ask, quiet, caplog):
    discord.deny(channel, "send_messages")
    ask("help")
    await quiet(ana)
    assert discord.answers(channel) == []
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_a_database_that_is_away_for_a_moment_loses_no_request(discord, channel, ana, ask, state):
    left = [OperationalError("", {}, Exception()) for _ in range(6)]

    @event.listens_for(state.engine.sync_engine, "before_cursor_execute")
    def _fail(*_):
        if left:
            raise left.pop()

    ask("summarize")
    command = discord.command(ana, channel, "summarize")
    await discord.until(lambda: discord.answers(channel))
    assert "Payments are failing" in (await command.answer()).text
    assert not left
    assert len(discord.answers(channel)) == 1


async def test_a_database_that_stays_away_is_told_to_whoever_waits(discord, channel, ana, state, monkeypatch):
    monkeypatch.setattr(states, "AWAY_S", 0.05)
    command = discord.command(ana, channel, "help")
    await command.answer()

    @event.listens_for(state.engine.sync_engine, "before_cursor_execute")
    def _fail(_connection, _cursor, statement, *_):
        if statement.startswith("INSERT"):
            raise OperationalError("", {}, Exception())

    command = discord.command(ana, channel, "summarize")
    assert "Something went wrong" in (await command.answer()).text
    assert command.ephemeral


async def test_what_is_for_the_asker_alone_is_shown_to_nobody_though_a_call_fails(
    discord, guild, channel, ana, ben, answered
):
    hidden = discord.channel(guild, "hidden", private=True)
    discord.fail("DELETE", "/webhooks/*", status=400)
    options = {"link": discord.say(hidden, ben, "We will buy Globex.").url, "show": "Everyone"}
    command = discord.command(ana, channel, "summarize", options)
    assert "I cannot read that for you" in (await answered(discord.dm(ana), 2)).text
    assert command.whole == []
