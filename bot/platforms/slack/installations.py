"""The workspaces that installed Parley, in the project's database: their tokens, encrypted, and installations under way."""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography.fernet import MultiFernet
from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import AsyncSQLAlchemyOAuthStateStore
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.sealing import Sealed

SECRETS = ("bot_token", "bot_refresh_token", "user_token", "user_refresh_token", "incoming_webhook_url")
STATE_S = 600
"""Seconds that an administrator may take from the install page to the end."""


class Installations(AsyncSQLAlchemyInstallationStore):
    """slack_sdk's store, with the columns sealed that let whoever reads them into a workspace.

    Args:
        client_id: the app's; one database may serve several apps.
        keys: what `bot.sealing.keyring` read.
    """

    def __init__(self, engine: AsyncEngine, client_id: str, keys: MultiFernet) -> None:
        super().__init__(client_id, engine)
        for column in (*self.bots.c, *self.installations.c):
            if column.name in SECRETS:
                column.type = Sealed(keys)

    async def prepare(self) -> None:
        """Make the tables, and seal what is there with the first key. Raises `KeyUnusable` if no key opens it.

        So a key is replaced by putting a new one in front of it, and may go after the next start.
        """
        async with self.engine.begin() as connection:
            await connection.run_sync(self.metadata.create_all)
            for table in (self.bots, self.installations):
                sealed = [column for column in table.c if column.name in SECRETS]
                for number, *opened in (await connection.execute(select(table.c.id, *sealed))).all():
                    values = dict(zip(sealed, opened, strict=True))
                    await connection.execute(update(table).where(table.c.id == number).values(values))

    async def token(self, enterprise_id: str | None, team_id: str | None) -> str | None:
        """The bot token of a workspace; None where Parley is not installed."""
        bot = await self.async_find_bot(enterprise_id=enterprise_id, team_id=team_id)
        return bot.bot_token if bot else None

    async def forget(self, enterprise_id: str | None, team_id: str | None, *, until: float) -> None:
        """Forget what a workspace installed up to a time, in seconds since the epoch: word of its end may come late."""
        ended = datetime.fromtimestamp(until, UTC).replace(tzinfo=None)
        async with self.engine.begin() as connection:
            for table in (self.bots, self.installations):
                theirs = (table.c.client_id == self.client_id) & (table.c.team_id == team_id)
                theirs &= table.c.enterprise_id == enterprise_id
                await connection.execute(delete(table).where(theirs & (table.c.installed_at <= ended)))


class OAuthStates(AsyncSQLAlchemyOAuthStateStore):
    """slack_sdk's store of what proves that an installation was begun here; each is good for once."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(STATE_S, engine)

    async def prepare(self) -> None:
        """Make the table."""
        async with self.engine.begin() as connection:
            await connection.run_sync(self.metadata.create_all)

    async def async_issue(self, *args: object, **kwargs: object) -> str:
        """A new state. Those that have run out are swept away: anybody may ask for new ones."""
        async with self.engine.begin() as connection:
            await connection.execute(delete(self.oauth_states).where(self.oauth_states.c.expire_at <= _now()))
        return await super().async_issue()

    async def async_consume(self, state: str) -> bool:
        """Whether a state is good, in one statement, so that of two who bring it one is let in."""
        theirs = (self.oauth_states.c.state == state) & (self.oauth_states.c.expire_at > _now())
        async with self.engine.begin() as connection:
            return (await connection.execute(delete(self.oauth_states).where(theirs))).rowcount == 1


def _now() -> datetime:
    """UTC without saying so, which is how slack_sdk stores times."""
    return datetime.now(UTC).replace(tzinfo=None)
