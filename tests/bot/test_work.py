"""Jobs that nobody waits for."""

import asyncio
import logging

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
