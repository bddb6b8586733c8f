"""What Parley remembers between messages: what it took and posted, by ids alone, and what people set. Never what they say.

SQLite by default; any database that SQLAlchemy reaches asynchronously and that knows ON CONFLICT (PostgreSQL) where several
processes share it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import BigInteger, Column, Float, MetaData, Row, String, Table, delete, event, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

log = logging.getLogger(__name__)

AWAY_S = 10.0
"""Seconds for which a database that is away is asked again, before a request fails for want of it."""

AGAIN_S = 0.2
"""Seconds from one attempt to the next."""

T = TypeVar("T")

METADATA = MetaData()
CLAIMS = Table(
    "claims",
    METADATA,
    Column("key", String(200), primary_key=True),
    Column("until", Float, nullable=False, index=True),
)
POSTS = Table(
    "posts",
    METADATA,
    Column("source", String(200), primary_key=True),
    Column("post", String(200), primary_key=True),
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
        kept_s: how long a finished request is remembered, and that a message is gone.
        posts_s: how long what was posted is remembered.
        sweep_s: how often what nobody needs any more is deleted.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        url: str,
        *,
        lease_s: float = 60.0,
        kept_s: float = 86_400.0,
        posts_s: float = 30 * 86_400.0,
        sweep_s: float = 3600.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._url, self._lease_s, self._kept_s, self._clock = url, lease_s, kept_s, clock
        self._posts_s, self._sweep_s = posts_s, sweep_s
        self._writing = asyncio.Lock()

    async def __aenter__(self) -> Self:
        self._engine = await asyncio.to_thread(_opened, self._url)
        async with self._engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
        self._sweeping = asyncio.create_task(self._sweep(), name="sweep")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await _stopped(self._sweeping)
        await self._engine.dispose()

    @property
    def engine(self) -> AsyncEngine:
        """The database itself, for those who keep tables of their own in it."""
        return self._engine

    @asynccontextmanager
    async def claimed(self, *keys: str) -> AsyncIterator[bool]:
        """Whether a request is ours to answer: `async with state.claimed(key) as ours`.

        False where somebody answers it or has answered it, under any of the keys it is known by. The claim is renewed
        while the block runs, and is done when the block ends without an error; after an error, or when this process
        dies, the next delivery may take it.
        """
        taken: list[str] = []
        for key in keys:
            if not await self._take(key):
                await self._write(delete(CLAIMS).where(CLAIMS.c.key.in_(taken)))
                yield False
                return
            taken.append(key)
        renewing = asyncio.create_task(self._renew(taken), name="claim")
        try:
            yield True
        except BaseException:
            await _stopped(renewing)
            await self._write(delete(CLAIMS).where(CLAIMS.c.key.in_(taken)))
            raise
        await _stopped(renewing)
        await self._extend(taken, self._kept_s)

    async def posted(self, post: str, sources: Collection[str]) -> None:
        """Remember that a post answers, or quotes, these messages."""
        until = self._clock() + self._posts_s
        rows = [{"source": source, "post": post, "until": until} for source in set(sources)]
        if rows:
            await self._write(self._insert(POSTS).values(rows).on_conflict_do_nothing())

    async def posts(self, source: str) -> list[str]:
        """What was posted about a message, first things first."""
        rows = await self._read(select(POSTS.c.post).where(POSTS.c.source == source).order_by(POSTS.c.post))
        return [row.post for row in rows]

    async def forget(self, post: str) -> None:
        """A post was taken back."""
        await self._write(delete(POSTS).where(POSTS.c.post == post))

    async def bury(self, source: str) -> None:
        """Remember that a message was deleted."""
        row = self._insert(CLAIMS).values(key=_grave(source), until=self._clock() + self._kept_s)
        await self._write(row.on_conflict_do_nothing())

    async def buried(self, sources: Collection[str]) -> bool:
        """Whether any of these messages was deleted lately."""
        return bool(await self._read(select(CLAIMS.c.key).where(CLAIMS.c.key.in_(map(_grave, sources))).limit(1)))

    async def preferences(self, owner: str) -> dict[str, str]:
        """What an owner (a person, a channel) has set, by name."""
        rows = await self._read(select(PREFERENCES).where(PREFERENCES.c.owner == owner))
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
        return {(row.intent, row.verdict): row.times for row in await self._read(select(FEEDBACK))}

    async def _take(self, key: str) -> bool:
        """Claim, or take over a claim whose lease has run out: one statement, so that of several processes one wins."""
        now = self._clock()
        until = now + self._lease_s
        row = self._insert(CLAIMS).values(key=key, until=until)
        free = CLAIMS.c.until < now
        return await self._write(row.on_conflict_do_update(index_elements=["key"], set_={"until": until}, where=free)) == 1

    async def _renew(self, keys: list[str]) -> None:
        while True:
            await asyncio.sleep(self._lease_s / 3)
            with _next_time():
                await self._extend(keys, self._lease_s)

    async def _extend(self, keys: list[str], by_s: float) -> None:
        await self._write(update(CLAIMS).where(CLAIMS.c.key.in_(keys)).values(until=self._clock() + by_s))

    async def _sweep(self) -> None:
        while True:
            with _next_time():
                for table in (CLAIMS, POSTS):
                    await self._write(delete(table).where(table.c.until < self._clock()))
            await asyncio.sleep(self._sweep_s)

    def _insert(self, table: Table) -> Any:
        """An INSERT of the dialect, which knows ON CONFLICT."""
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        return dialect.insert(table)

    async def _read(self, statement: Any) -> Sequence[Row[Any]]:
        """The rows that a statement finds."""

        async def read() -> Sequence[Row[Any]]:
            async with self._engine.connect() as connection:
                return (await connection.execute(statement)).all()

        return await _at_last(read)

    async def _write(self, statement: Any) -> int:
        """Execute and commit; returns the number of rows touched.

        One at a time: SQLite has one writer, and those who wait inside it for their turn give up after a while.
        """

        async def write() -> int:
            async with self._writing, self._engine.begin() as connection:
                return int((await connection.execute(statement)).rowcount)

        return await _at_last(write)


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


async def _at_last(work: Callable[[], Awaitable[T]]) -> T:
    """What work with the database comes to, once that is there again; raises what the last attempt did."""
    clock = asyncio.get_running_loop().time
    until = clock() + AWAY_S
    while True:
        try:
            return await work()
        except (OperationalError, InterfaceError, OSError):
            if clock() + AGAIN_S > until:
                raise
        await asyncio.sleep(AGAIN_S)


@contextmanager
def _next_time() -> Iterator[None]:
    """What is done every so often: a database that is away for a while does not end it."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        log.warning("the database did not answer: %s", type(error).__name__)


def _grave(source: str) -> str:
    """The key under which it is kept that a message is gone."""
    return f"gone:{source}"


async def _stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
