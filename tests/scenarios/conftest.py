"""A fake Slack, and Parley connected to it; and how long anything keeps the event loop."""

from __future__ import annotations

import asyncio
import time

import pytest

from bot.assistant import Assistant
from bot.platforms.slack.desks import Desks
from bot.platforms.slack.sockets import connected
from bot.router import Router
from handlers import build

OURS = ("/bot/", "/handlers/", "/models/", "/slack_bolt/", "/slack_sdk/", "/discord/")
FAKES = "/tests/"


@pytest.fixture
async def desk(slack, engine, state):
    """Parley, connected to the fake."""
    assistant = Assistant(Router(engine), build(engine))
    async with (
        Desks(assistant, state, url=slack.api_url, pace_s=0.0) as desks,
        connected(desks, slack.bot_token, slack.app_token, url=slack.api_url, grace_s=5.0),
    ):
        await slack.connected()
        yield


@pytest.fixture
def incident(slack, ana, ben):
    """A channel with a thread: (channel, root)."""
    channel = slack.channel("incident", ana, ben)
    root = slack.say(channel, ana, "Payments are failing since the deploy.")
    slack.say(channel, ben, f"<@{ana}> I roll back to 4.11 &amp; watch it.", root)
    return channel, root


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, str]]:
    """How long each step of our coroutines, and of the platforms' own packages, keeps the event loop: (seconds, which one).

    In seconds of the loop's thread, so that other work on the machine does not count; the fakes, which live on the same
    loop, do not either.
    """
    found: list[tuple[float, str]] = []
    run = asyncio.Handle._run

    def timed(self: asyncio.Handle) -> None:
        begun = time.thread_time()
        run(self)
        task = getattr(self._callback, "__self__", None)
        code = getattr(task.get_coro(), "cr_code", None) if isinstance(task, asyncio.Task) else None
        if code and FAKES not in code.co_filename and any(part in code.co_filename for part in OURS):
            found.append((time.thread_time() - begun, code.co_qualname))

    monkeypatch.setattr(asyncio.Handle, "_run", timed)
    return found
