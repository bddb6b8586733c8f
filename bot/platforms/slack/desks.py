"""The desks of all workspaces that one process answers."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, Self

import aiohttp
from slack_bolt.authorization import AuthorizeResult

from bot.assistant import Assistant
from bot.platforms.slack import api
from bot.platforms.slack.desk import PACE_S, Desk
from bot.state import State

TIMEOUT_S = 30.0
"""Seconds that one call of Slack's Web API may take."""


class Desks:
    """A desk for each workspace, set up at its first request; use it as `async with`: their calls share connections.

    Args:
        url: where Slack's Web API is.
        pace_s: seconds between two posts to the same channel.
    """

    def __init__(self, assistant: Assistant, state: State, *, url: str = api.API, pace_s: float = PACE_S) -> None:
        self._assistant, self._state, self._url, self._pace_s = assistant, state, url, pace_s
        self._desks: dict[str, tuple[str, Desk]] = {}
        self._known: dict[str, asyncio.Task[AuthorizeResult]] = {}

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S))
        return self

    async def __aexit__(self, *_: object) -> None:
        asking = list(self._known.values())
        for each in asking:
            each.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        await self._session.close()

    async def known(self, token: str) -> AuthorizeResult:
        """Who a bot token belongs to, as Slack says; it is asked once for each token, and again after a failure.

        A caller may leave; the answer is there for the next one. Raises `slack_sdk.errors.SlackApiError`,
        `aiohttp.ClientError` and `TimeoutError`.
        """
        asking = self._known.get(token)
        if asking is None:
            asking = self._known[token] = asyncio.create_task(self._ask(token), name="auth.test")
            asking.add_done_callback(partial(self._answered, token))
        return await asyncio.shield(asking)

    async def _ask(self, token: str) -> AuthorizeResult:
        told = await api.client(token, url=self._url, session=self._session).auth_test()
        return AuthorizeResult.from_auth_test_response(bot_token=token, auth_test_response=told)

    def _answered(self, token: str, asking: asyncio.Task[AuthorizeResult]) -> None:
        if asking.cancelled() or asking.exception():
            self._known.pop(token, None)

    def of(self, known: AuthorizeResult) -> Desk:
        """The desk of a workspace: always the same one, until the token changes."""
        team, token = _held(known.team_id), _held(known.bot_token)
        if self._desks.get(team, ("", None))[0] != token:
            self._desks[team] = token, self._made(known, team, token)
        return self._desks[team][1]

    def _made(self, known: AuthorizeResult, team: str, token: str) -> Desk:
        return Desk(
            api.client(token, url=self._url, session=self._session),
            self._assistant,
            self._state,
            home=_held(known.url),
            me=_held(known.bot_user_id),
            team=team,
            pace_s=self._pace_s,
        )


def _held(value: Any) -> str:
    """What Slack gives for every bot token, as text."""
    if not isinstance(value, str):
        raise TypeError("Slack told no workspace, address or user for a bot token")
    return value
