"""Tasks on several devices: a thread for each, replicas by turns and by queue, one ending for each request."""

import asyncio
import threading
from contextlib import asynccontextmanager

import pytest

from models import catalog
from models.engine import LocalEngine
from models.types import DeadlinePassed, ModelUnavailable, Stopped

from .test_engine import Shouting

CATALOG = catalog.read("offline")


class Replica(Shouting):
    """Says which device it was loaded on, and on which threads it ran."""

    def __init__(self, device):
        super().__init__()
        self.device, self.threads, self.started = device, set(), threading.Event()

    def run(self, pieces):
        self.started.set()
        self.threads.add(threading.current_thread().name)
        return super().run(pieces)

    def finish(self, text, pieces, raw):
        return self.device


class Shelf:
    def __init__(self, **places):
        self.places, self.loaded, self.full = places, {}, set()

    def devices(self, name):
        return self.places[name]

    def task(self, name, device):
        if device in self.full:
            raise ModelUnavailable(f"{name} needs more than {device} has.")
        self.loaded[name, device] = Replica(device)
        self.loaded[name, device].threads.add(threading.current_thread().name)
        return self.loaded[name, device]


@asynccontextmanager
async def running(shelf, **options):
    async with LocalEngine(CATALOG, lambda: shelf, **options) as engine:
        yield engine


async def test_each_device_loads_and_runs_on_a_thread_of_its_own():
    shelf = Shelf(sentiment=["cuda:0"], intent=["cuda:1"])
    async with running(shelf) as engine:
        assert await asyncio.gather(engine.sentiment("x"), engine.intent("x")) == ["cuda:0", "cuda:1"]
    one, other = (replica.threads for replica in shelf.loaded.values())
    assert len(one) == len(other) == 1
    assert one != other


async def test_a_busy_device_does_not_keep_the_other():
    shelf = Shelf(sentiment=["cuda:0"], intent=["cuda:1"])
    async with running(shelf) as engine:
        await asyncio.gather(engine.task("sentiment"), engine.task("intent"))
        gate = shelf.loaded["sentiment", "cuda:0"].gate
        gate.clear()
        waiting = asyncio.create_task(engine.sentiment("x"))
        assert await engine.intent("x") == "cuda:1"
        assert not waiting.done()
        gate.set()
        assert await waiting == "cuda:0"


async def test_replicas_share_requests_that_come_together():
    shelf = Shelf(sentiment=["cuda:0", "cuda:1"])
    async with running(shelf) as engine:
        found = await asyncio.gather(*(engine.sentiment("x") for _ in range(20)))
    assert sorted(found) == ["cuda:0"] * 10 + ["cuda:1"] * 10


async def test_a_request_goes_to_the_replica_with_the_shorter_queue():
    shelf = Shelf(sentiment=["cuda:0", "cuda:1"])
    async with running(shelf) as engine:
        first = await engine.task("sentiment")
        gate = first.gate
        gate.clear()
        other = "cuda:1" if first.device == "cuda:0" else "cuda:0"
        assert await engine.sentiment("x") == other
        stuck = asyncio.create_task(engine.sentiment("x y z"))
        await asyncio.to_thread(first.started.wait, 10)
        assert [await engine.sentiment("x") for _ in range(5)] == [other] * 5
        gate.set()
        assert await stuck == first.device


async def test_a_replica_without_room_fails_the_load_and_is_tried_again():
    shelf = Shelf(sentiment=["cuda:0", "cuda:1"])
    shelf.full.add("cuda:1")
    async with running(shelf) as engine:
        with pytest.raises(ModelUnavailable, match="cuda:1"):
            await engine.sentiment("x")
        shelf.full.clear()
        assert {await engine.sentiment("x"), await engine.sentiment("x")} == {"cuda:0", "cuda:1"}


async def test_shutdown_finishes_what_other_devices_have():
    shelf = Shelf(sentiment=["cuda:0"], intent=["cuda:1"])
    async with running(shelf) as engine:
        await asyncio.gather(engine.task("sentiment"), engine.task("intent"))
        gate = shelf.loaded["intent", "cuda:1"].gate
        gate.clear()
        waiting = asyncio.create_task(engine.intent("x"))
        await asyncio.to_thread(shelf.loaded["intent", "cuda:1"].started.wait, 10)
        asyncio.get_running_loop().call_later(0.05, gate.set)
    assert await waiting == "cuda:1"
    with pytest.raises(Stopped):
        await engine.intent("x")


async def test_a_device_that_hangs_meets_the_deadline_of_its_own_requests_alone():
    shelf = Shelf(sentiment=["cuda:0"], intent=["cuda:1"])
    async with running(shelf, deadline_s=0.2) as engine:
        await asyncio.gather(engine.task("sentiment"), engine.task("intent"))
        gate = shelf.loaded["intent", "cuda:1"].gate
        gate.clear()
        with pytest.raises(DeadlinePassed):
            await engine.intent("x")
        assert await engine.sentiment("x") == "cuda:0"
        gate.set()
