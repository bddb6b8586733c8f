"""Checks of the way to Discord: its REST API, and its gateway."""

from __future__ import annotations

import math
import time
from collections.abc import AsyncIterator

from yarl import URL

from bot.platforms.discord import api
from bot.platforms.discord.doctor.visit import Visit
from bot.platforms.doctor import Said, Skip
from bot.platforms.doctor.sockets import greeting, parsed
from bot.platforms.doctor.way import place
from bot.platforms.refused import Refused
from bot.settings import variable

VERSION, HELLO = "10", 10
"""The gateway's version, and the opcode of what it says first."""

FEW = 0.1
"""The part of a day's connections below which those that are left are few."""

MS_PER_HOUR = 3_600_000


async def network(visit: Visit) -> AsyncIterator[Said]:
    """Whether Discord can be reached. It names its gateway to anybody, so that no token is needed."""
    start = time.monotonic()
    async with visit.session.get(f"{visit.way.url}/gateway", proxy=visit.way.proxy) as answer:
        told = parsed(await answer.text(errors="replace")).get("url")
    seconds = time.monotonic() - start
    if answer.status == 429:
        raise Skip(api.TOO_OFTEN)
    if answer.status >= 500:
        raise Refused(api.BROKEN)
    if not isinstance(told, str):
        raise Refused(visit.way.stranger(answer.status))
    visit.reached, visit.link = True, visit.settings.discord_gateway_url or told
    yield "ok", visit.way.answered(seconds)


async def gateway(visit: Visit) -> AsyncIterator[Said]:
    """Whether a websocket opens and the gateway greets us over it, and how often the bot may still connect."""
    if visit.link is None:
        raise Skip("Discord named no gateway.")
    hello = await greeting(visit, str(URL(visit.link).update_query(v=VERSION, encoding="json")))
    if hello.get("op") != HELLO:
        checked = f"check {variable('discord_gateway_url')}, and the proxy in HTTPS_PROXY"
        raise Refused(f"{place(visit.link)} does not greet as Discord's gateway does; {checked}.")
    yield "ok", "A websocket opens, and Discord's gateway says hello."
    if visit.known:
        limits = await visit.asked(visit.client.fetch_session_start_limits())
        if limits.remaining < FEW * limits.total:
            yield _few(limits.remaining, math.ceil(limits.reset_after / MS_PER_HOUR))


def _few(left: int, hours: int) -> Said:
    """What it means that the bot may not often connect any more."""
    span = f"{hours} hour{'s' * (hours != 1)}"
    if left == 0:
        return "problem", f"The bot has connected too often and may not for {span}; stop what starts it over and over."
    again = f"{left} time{'s' * (left != 1)}"
    return "note", f"The bot may connect only {again} more in the next {span}; find out what starts it over and over."
