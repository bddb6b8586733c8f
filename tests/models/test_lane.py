import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from models.lane import Lane


@pytest.fixture
def lane():
    with ThreadPoolExecutor(1) as pool:
        yield Lane(pool)


async def test_a_job_runs_off_the_loop_and_gives_its_value(lane):
    found = await lane.run(lambda x, *, y: (x + y, threading.current_thread()), 1, y=2)
    assert found[0] == 3
    assert found[1] is not threading.current_thread()


async def test_an_error_reaches_only_its_own_caller(lane):
    good, bad, fine = await asyncio.gather(
        lane.run(int, "1"), lane.run(int, "x"), lane.run(int, "3"), return_exceptions=True
    )
    assert (good, fine) == (1, 3)
    assert isinstance(bad, ValueError)


async def test_those_who_wait_together_go_together(lane):
    gate, hops = threading.Event(), []
    first = asyncio.create_task(lane.run(gate.wait, 10))
    await asyncio.sleep(0.01)
    submit = lane._executor.submit
    lane._executor.submit = lambda *args: hops.append(args) or submit(*args)
    others = [asyncio.create_task(lane.run(int, str(i))) for i in range(10)]
    await asyncio.sleep(0)
    gate.set()
    assert await asyncio.gather(*others) == list(range(10))
    assert len(hops) == 1
    await first


async def test_a_caller_who_left_is_skipped(lane):
    gate, ran = threading.Event(), []
    first = asyncio.create_task(lane.run(gate.wait, 10))
    await asyncio.sleep(0.01)
    gone = asyncio.create_task(lane.run(ran.append, "gone"))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    gate.set()
    await first
    await lane.run(ran.append, "stays")
    assert ran == ["stays"]
