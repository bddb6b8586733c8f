"""Checks of the way to Slack: the network, the clocks, and the websocket of Socket Mode."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime

from slack_sdk.errors import SlackApiError

from bot.platforms.doctor import Said, Skip
from bot.platforms.doctor.sockets import greeting, parsed
from bot.platforms.doctor.way import place
from bot.platforms.refused import Refused
from bot.platforms.slack import api
from bot.platforms.slack.credentials import APP
from bot.platforms.slack.doctor.refusal import SOCKET_MODE_OFF
from bot.platforms.slack.doctor.visit import NO_SOCKET, Visit

SKEW_NOTED_S, SKEW_REFUSED_S = 60, 300
"""Slack's signatures are good for five minutes."""


async def network(visit: Visit) -> AsyncIterator[Said]:
    """Whether Slack can be reached. Any answer of the Web API will do, so that no token is needed."""
    start = time.time()
    async with visit.session.post(f"{visit.way.url}api.test", proxy=visit.way.proxy) as answer:
        body, date = await answer.text(errors="replace"), answer.headers.get("Date", "")
    end = time.time()
    if not isinstance(parsed(body).get("ok"), bool):
        raise Refused(visit.way.stranger(answer.status))
    visit.reached, visit.skew_s = True, _skew(date, (start + end) / 2)
    yield "ok", visit.way.answered(end - start)


async def clock(visit: Visit) -> AsyncIterator[Said]:
    """Whether this machine's clock agrees with Slack's, which signs its requests with the time."""
    if visit.skew_s is None:
        raise Skip("It is not known what time it is for Slack.")
    off = abs(visit.skew_s)
    if off <= SKEW_NOTED_S:
        yield "ok", "This machine's clock agrees with Slack's."
        return
    wrong = f"This machine's clock is {off:.0f} seconds {'ahead of' if visit.skew_s > 0 else 'behind'} Slack's"
    if visit.http and off > SKEW_REFUSED_S:
        yield "problem", f"{wrong}, so that all its requests count as forged; let NTP set the clock."
    else:
        yield "note", f"{wrong}; let NTP set the clock."


async def app_token(visit: Visit) -> AsyncIterator[Said]:
    """Whether Slack gives out an address for a websocket."""
    if visit.http:
        raise Skip(NO_SOCKET)
    client = visit.client(APP)
    try:
        answer = await client.apps_connections_open(app_token=str(client.token))
    except SlackApiError as error:
        if api.code(error) != "missing_scope":
            raise
        raise Refused("The app-level token lacks connections:write; make another with it under Basic Information.") from None
    visit.link = str(answer["url"])
    yield "ok", "Slack accepts the app-level token."


async def websocket(visit: Visit) -> AsyncIterator[Said]:
    """Whether a websocket opens, and Slack greets us over it."""
    if visit.link is None:
        raise Skip(NO_SOCKET if visit.http else "Slack gave no address for a websocket.")
    hello = await greeting(visit, visit.link)
    if hello.get("reason") == "link_disabled":
        raise Refused(f"{SOCKET_MODE_OFF}.")
    if hello.get("reason") == "too_many_websockets":
        raise Refused("All ten connections that Slack allows an app are taken; stop some of the processes that hold them.")
    if hello.get("type") != "hello":
        raise Refused(f"{place(visit.link)} does not greet as Slack does; check the proxy in HTTPS_PROXY.")
    visit.app_id = (hello.get("connection_info") or {}).get("app_id")
    yield "ok", "A websocket opens, and Slack says hello."
    if (others := int(hello.get("num_connections") or 1) - 1) > 0:
        more = f"{others} other connection{'s' * (others != 1)}"
        yield "note", f"This app has {more} open, as while Parley runs; each event goes to one of them alone."


def _skew(date: str, now: float) -> float | None:
    """Seconds that `now` is ahead of an HTTP date, which is cut to whole seconds; None where there is no date."""
    try:
        return now - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None
