"""Which workspaces an app serves over HTTP: one, whose token the operator set, or all that install it."""

from __future__ import annotations

from typing import Protocol

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import sealing
from bot.platforms.slack import oauth
from bot.platforms.slack.installations import Installations, OAuthStates


class Workspaces(Protocol):
    """Those that are served."""

    @property
    def routes(self) -> list[web.RouteDef]:
        """The pages by which a workspace joins."""

    async def token(self, enterprise_id: str | None, team_id: str | None) -> str | None:
        """The bot token of a workspace; None where Parley is not installed."""

    async def left(self, enterprise_id: str | None, team_id: str | None, at: float) -> None:
        """A workspace took its token back, at a time in seconds since the epoch."""


class One:
    """The workspace that a token belongs to."""

    def __init__(self, token: str) -> None:
        self._token = token
        self.routes: list[web.RouteDef] = []

    async def token(self, enterprise_id: str | None, team_id: str | None) -> str | None:
        """The one token there is."""
        return self._token

    async def left(self, enterprise_id: str | None, team_id: str | None, at: float) -> None:
        """Nothing is kept that could be forgotten."""


class Several:
    """All that install the app; made by `several`."""

    def __init__(self, installations: Installations, flow: oauth.Flow) -> None:
        self._installations = installations
        self.routes = oauth.routes(flow)

    async def token(self, enterprise_id: str | None, team_id: str | None) -> str | None:
        """The token that a workspace gave last."""
        return await self._installations.token(enterprise_id, team_id)

    async def left(self, enterprise_id: str | None, team_id: str | None, at: float) -> None:
        """Forget the workspace, unless it has installed Parley again since."""
        await self._installations.forget(enterprise_id, team_id, until=at)


async def several(engine: AsyncEngine, *, client_id: str, client_secret: str, keys: str, url: str) -> Several:
    """All workspaces that install the app of this client id, kept in a database.

    Args:
        keys: what their tokens are encrypted with, as `bot.sealing.keyring` reads it.
        url: where Slack's Web API is.

    Raises:
        bot.sealing.KeyUnusable: No key, or not the one that the tokens in the database were stored with.
    """
    installations, states = Installations(engine, client_id, sealing.keyring(keys)), OAuthStates(engine)
    await installations.prepare()
    await states.prepare()
    return Several(installations, oauth.flow(client_id, client_secret, installations, states, url=url))
