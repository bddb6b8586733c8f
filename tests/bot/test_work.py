"""Jobs that nobody waits for."""

import asyncio
import logging

import pytest

from bot import work as works
from bot.work import Work


async def test_jobs_under_way_are_finished_at_the_end():
    done = []

    async def job():
        await asyncio.sleep(0.01)
        done.append(True)

    async with Work() as work:
        work.begin(job())
    assert done == [True]


async def test_jobs_that_take_too_long_are_cancelled():
    ended = []

    async def job():
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async with Work(grace_s=0.01) as work:
        work.begin(job())
    assert ended == [True]


async def test_an_error_is_logged_by_its_type_and_harms_no_other_job(caplog):
    done = []

    async def broken():
        raise ValueError("what somebody wrote")

    async def job():
        done.append(True)

    with caplog.at_level(logging.DEBUG):
        async with Work() as work:
            work.begin(broken())
            work.begin(job())
    assert done == [True]
    assert "ValueError" in caplog.text
    assert "somebody" not in caplog.text


async def test_no_job_is_begun_at_the_end():
    begun, going = [], asyncio.Event()

    async def late():
        begun.append(True)

    async def job():
        await going.wait()
        work.begin(late())

    async with Work() as work:
        work.begin(job())
        asyncio.get_running_loop().call_soon(going.set)
    work.begin(late())
    assert begun == []


async def test_whoever_is_told_to_stop_a_second_time_waits_no_longer():
    ended = []

    async def job():
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def run():
        async with Work(grace_s=60) as work:
            work.begin(job())
            here.set()

    here = asyncio.Event()
    task = asyncio.create_task(run())
    await here.wait()
    asyncio.get_running_loop().call_soon(task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(asyncio.shield(task), 5)
    assert ended == [True]


async def test_last_words_do_not_take_for_ever(monkeypatch):
    monkeypatch.setattr(works, "LAST_WORDS_S", 0.01)
    silent = asyncio.Event()

    async def job():
        try:
            await asyncio.Event().wait()
        finally:
            await silent.wait()

    async with asyncio.timeout(5):
        async with Work(grace_s=0.01) as work:
            work.begin(job())
    silent.set()
