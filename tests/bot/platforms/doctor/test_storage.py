import asyncio
import sqlite3
import sys
import time
from contextlib import closing

import pytest

from bot.platforms.doctor import storage
from bot.settings import Settings
from bot.state import State


async def said(examined, address, **options):
    [finding] = await examined({"database": storage.database}, Settings(database=address), **options)
    return finding.verdict, finding.words


async def test_a_database_is_made_and_nothing_stays_taken_in_it(examined, tmp_path):
    address = f"sqlite+aiosqlite:///{tmp_path}/new/parley.db"
    assert await said(examined, address) == ("ok", f"{address} can be opened and written.")
    with closing(sqlite3.connect(tmp_path / "new" / "parley.db")) as connection:
        [(until,)] = connection.execute("SELECT until FROM claims").fetchall()
    assert until <= time.time()


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("parley.db", "is not the address of an asynchronous database"),
        ("nosuch://host/parley", "is not the address of an asynchronous database"),
        ("sqlite:///parley.db", "is not the address of an asynchronous database"),
        ("sqlite+aiosqlite:////proc/parley/parley.db", "cannot be opened and written"),
        ("sqlite+aiosqlite:///{folder}", "cannot be opened and written"),
        ("sqlite+aiosqlite:///{folder}/text.db", "cannot be opened and written"),
    ],
)
async def test_a_database_that_cannot_be_used(examined, tmp_path, address, told):
    (tmp_path / "text.db").write_text("not a database " * 100)
    verdict, words = await said(examined, address.format(folder=tmp_path))
    assert verdict == "problem"
    assert told in words


async def test_a_driver_that_is_not_installed(examined, monkeypatch):
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    verdict, words = await said(examined, "postgresql+asyncpg://ana:geheim@127.0.0.1:1/parley")
    assert verdict == "problem"
    assert words == "PARLEY_DATABASE needs a driver that is not there; install it with: pip install asyncpg"


async def test_a_database_that_somebody_locks(examined, tmp_path):
    address = f"sqlite+aiosqlite:///{tmp_path}/parley.db"
    async with State(address):
        pass
    with closing(sqlite3.connect(tmp_path / "parley.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        asyncio.get_running_loop().call_later(1.2, other.rollback)
        verdict, words = await said(examined, address, limit_s=1.0)
    assert verdict == "problem"
    assert "does not answer within 1 seconds" in words
