"""What Parley remembers between messages: which requests are taken, and what people set. Never what they write.

SQLite by default; any database that SQLAlchemy reaches asynchronously and that knows ON CONFLICT (PostgreSQL) where several
processes share it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import BigInteger, Column, Float, MetaData, String, Table, delete, event, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

METADATA = MetaData()
CLAIMS = Table(
    "claims",
    METADATA,
    Column("key", String(200), primary_key=True),
    Column("until", Float, nullable=False, index=True),
)
PREFERENCES = Table(
    "preferences",
    METADATA,
    Column("owner", String(100), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("value", String(100), nullable=False),
)
FEEDBACK = Table(
    "feedback",
    METADATA,
    Column("intent", String(20), primary_key=True),
    Column("verdict", String(20), primary_key=True),
    Column("times", BigInteger, nullable=False),
)


class State:
    """The database; use it as `async with`.

    Args:
        url: SQLAlchemy's, e.g. `sqlite+aiosqlite:///parley.db`.
        lease_s: how long a request counts as being worked on without a sign of life of who took it.
        kept_s: how long a finished request is remembered.
        clock: seconds since the epoch.
    """

    def __init__(
        self, url: str, *, lease_s: float = 60.0, kept_s: float = 86_400.0, clock: Callable[[], float] = time.time
    ) -> None:
        self._url, self._lease_s, self._kept_s, self._clock = url, lease_s, kept_s, clock
        self._writing = asyncio.Lock()

    async def __aenter__(self) -> Self:
        self._engine = await asyncio.to_thread(_opened, self._url)
        async with self._engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
            await connection.execute(delete(CLAIMS).where(CLAIMS.c.until < self._clock()))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def claimed(self, key: str) -> AsyncIterator[bool]:
        """Whether a request is ours to answer: `async with state.claimed(key) as ours`.

        False where somebody answers it or has answered it. The claim is renewed while the block runs, and is done when
        the block ends without an error; after an error, or when this process dies, the next delivery may take it.
        """
        if not await self._take(key):
            yield False
            return
        renewing = asyncio.create_task(self._renew(key), name="claim")
        try:
            yield True
        except BaseException:
            await _stopped(renewing)
            await self._write(delete(CLAIMS).where(CLAIMS.c.key == key))
            raise
        await _stopped(renewing)
        await self._write(update(CLAIMS).where(CLAIMS.c.key == key).values(until=self._clock() + self._kept_s))

    async def preferences(self, owner: str) -> dict[str, str]:
        """What an owner (a person, a channel) has set, by name."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(PREFERENCES).where(PREFERENCES.c.owner == owner))
            return {row.name: row.value for row in rows}

    async def prefer(self, owner: str, name: str, value: str | None) -> None:
        """Set one preference; None takes it back."""
        if value is None:
            mine = (PREFERENCES.c.owner == owner) & (PREFERENCES.c.name == name)
            await self._write(delete(PREFERENCES).where(mine))
            return
        row = self._insert(PREFERENCES).values(owner=owner, name=name, value=value)
        await self._write(row.on_conflict_do_update(index_elements=["owner", "name"], set_={"value": value}))

    async def count(self, intent: str, verdict: str) -> None:
        """Count one more verdict on an answer. Who gave it, and on what, is not kept."""
        row = self._insert(FEEDBACK).values(intent=intent, verdict=verdict, times=1)
        again = {"times": FEEDBACK.c.times + 1}
        await self._write(row.on_conflict_do_update(index_elements=["intent", "verdict"], set_=again))

    async def feedback(self) -> dict[tuple[str, str], int]:
        """How often each (intent, verdict) was given."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(FEEDBACK))
            return {(row.intent, row.verdict): row.times for row in rows}

    async def _take(self, key: str) -> bool:
        """Claim, or take over a claim whose lease has run out: one statement, so that of several processes one wins."""
        now = self._clock()
        until = now + self._lease_s
        row = self._insert(CLAIMS).values(key=key, until=until)
        free = CLAIMS.c.until < now
        return await self._write(row.on_conflict_do_update(index_elements=["key"], set_={"until": until}, where=free)) == 1

    async def _renew(self, key: str) -> None:
        while True:
            await asyncio.sleep(self._lease_s / 3)
            await self._write(update(CLAIMS).where(CLAIMS.c.key == key).values(until=self._clock() + self._lease_s))

    def _insert(self, table: Table) -> Any:
        """An INSERT of the dialect, which knows ON CONFLICT."""
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        return dialect.insert(table)

    async def _write(self, statement: Any) -> int:
        """Execute and commit; returns the number of rows touched.

        One at a time: SQLite has one writer, and those who wait inside it for their turn give up after a while.
        """
        async with self._writing, self._engine.begin() as connection:
            return int((await connection.execute(statement)).rowcount)


def _opened(url: str) -> AsyncEngine:
    """An engine; a SQLite file gets its folder, and waits for other writers instead of failing."""
    place = make_url(url)
    engine = create_async_engine(place)
    if place.get_backend_name() == "sqlite":
        if place.database and place.database != ":memory:":
            Path(place.database).parent.mkdir(parents=True, exist_ok=True)

        @event.listens_for(engine.sync_engine, "connect")
        def _prepare(connection: Any, _record: Any) -> None:
            cursor = connection.cursor()
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA busy_timeout=30000")
            cursor.close()

    return engine


async def _stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
