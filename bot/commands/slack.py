"""`parley slack`: answer in a Slack workspace until stopped."""

from __future__ import annotations

import asyncio
import signal

from rich.console import Console

from bot.commands import loading
from bot.platforms.slack.api import Refused
from bot.platforms.slack.desks import Desks
from bot.platforms.slack.sockets import connected
from bot.settings import Settings, variable
from bot.state import State
from bot.wiring import running


async def run(settings: Settings, err: Console) -> int:
    """Connect, answer, and stop in order when told to; returns the exit code."""
    missing = [name for name in ("slack_bot_token", "slack_app_token") if getattr(settings, name) is None]
    if missing:
        names = " and ".join(variable(name) for name in missing)
        err.print(f"parley: set {names}; the README's chapter on Slack tells where to find them.", soft_wrap=True)
        return 2
    assert settings.slack_bot_token is not None
    assert settings.slack_app_token is not None
    url = settings.slack_api_url
    stopping = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    try:
        async with (
            running(settings) as parley,
            State(settings.database) as state,
            Desks(parley.assistant, state, url=url) as desks,
        ):
            await loading.load(parley.engine, err)
            tokens = settings.slack_bot_token.get_secret_value(), settings.slack_app_token.get_secret_value()
            async with connected(desks, *tokens, url=url):
                err.print("Connected to Slack; mention Parley in a channel it was invited to. Ctrl-C stops.")
                await stopping.wait()
                err.print("Finishing the answers under way …")
    except Refused as error:
        err.print(f"parley: {error}", soft_wrap=True)
        return 1
    return 0
