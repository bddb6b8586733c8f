"""What people write stays out of the logs, whatever happens and however much is logged."""

from __future__ import annotations

import logging

import pytest

from bot import logs
from bot.platforms.discord import rest

pytestmark = pytest.mark.timeout(30)

SECRET = "porcupine"


@pytest.fixture(autouse=True)
def _put_back():
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


@pytest.mark.parametrize("debug", [True, False])
async def test_no_log_holds_what_people_write(discord, connect, channel, ana, engine, quiet, monkeypatch, capfd, debug):
    monkeypatch.setattr(rest, "PAUSE_S", 0.01)
    engine.answers[f"where is the {SECRET}?"] = SECRET
    logs.begin(debug=debug)
    async with connect():
        said = discord.say(channel, ana, f"The {SECRET} is in the kitchen.")
        for failure in ({"status": 400}, {"status": 403}, {"status": None}, {"status": 429}, {}):
            if failure:
                discord.fail("POST", f"/channels/{channel.id}/messages", message=SECRET, **failure)
                discord.fail("PATCH", "/webhooks/*", message=SECRET, **failure)
                discord.fail("GET", f"/channels/{channel.id}/messages", message=SECRET, **failure)
            asked = discord.say(channel, ana, f"{discord.bot.mention} /ask where is the {SECRET}?")
            discord.edit(asked, f"{discord.bot.mention} /ask where is the {SECRET}, then?")
            discord.command(ana, channel, "ask", {"question": f"where is the {SECRET}?"})
            discord.menu(ana, "Translate", said)
            await quiet(ana)
        discord.drop()
        await discord.reconnected()
        await quiet(ana)
    written = capfd.readouterr()
    assert SECRET not in written.err + written.out
    assert ("bot." in written.err) or not debug  # that anything is logged at all
