"""Who shares a batch, who is refused, and that every request ends exactly once, whatever happens."""

import asyncio
import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.batcher import Batcher
from models.types import ModelFailed, Overloaded, Stopped


@dataclass(frozen=True)
class Row:
    size: int
    value: int = 0
    bad: bool = False


@dataclass(eq=False)
class Doubler:
    """A runner that doubles values, breaks on bad rows, and can be held at a gate."""

    fits: int = 10**9
    batches: list[list[Row]] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    started: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self):
        self.gate.set()

    def run(self, pieces):
        self.batches.append(list(pieces))
        self.started.set()
        assert self.gate.wait(10)
        if max(p.size for p in pieces) * len(pieces) > self.fits:
            raise MemoryError
        if any(p.bad for p in pieces):
            raise ValueError("bad row")
        return [p.value * 2 for p in pieces]


@asynccontextmanager
async def batcher(**options):
    with ThreadPoolExecutor(1) as device:
        async with Batcher(device, **{"tokens": 100, "room": 1000} | options) as running:
            yield running


async def ask(running, runner, *rows):
    with running.enter():
        return await running.submit(runner, rows)


async def held(running, runner):
    """Occupy the device with one row, so that what comes next has to wait."""
    runner.gate.clear()
    first = asyncio.create_task(ask(running, runner, Row(1)))
    await asyncio.to_thread(runner.started.wait, 10)
    return first


async def test_results_come_back_to_their_request_in_order():
    runner = Doubler()
    async with batcher() as running:
        assert await ask(running, runner, Row(3, 1), Row(1, 2), Row(2, 3)) == [2, 4, 6]


async def test_a_lone_request_runs_at_once_and_alone():
    runner = Doubler()
    async with batcher() as running:
        await ask(running, runner, Row(5, 1))
    assert runner.batches == [[Row(5, 1)]]


async def test_those_who_waited_together_share_a_batch_within_the_token_budget():
    runner = Doubler()
    async with batcher(tokens=40) as running:
        first = await held(running, runner)
        others = [asyncio.create_task(ask(running, runner, Row(size))) for size in (10, 30, 9, 11, 10)]
        await asyncio.sleep(0)
        runner.gate.set()
        await asyncio.gather(first, *others)
    _, *batches = [sorted(p.size for p in batch) for batch in runner.batches]
    assert batches == [[9, 10, 10], [11], [30]] or batches == [[9, 10, 10], [30], [11]]


async def test_a_row_above_the_budget_still_runs_alone():
    runner = Doubler()
    async with batcher(tokens=4) as running:
        assert await ask(running, runner, Row(9, 1), Row(9, 2)) == [2, 4]
    assert [len(batch) for batch in runner.batches] == [1, 1]


async def test_different_runners_never_share_a_batch():
    one, two = Doubler(), Doubler()
    async with batcher() as running:
        first = await held(running, one)
        others = [asyncio.create_task(ask(running, runner, Row(1, i))) for i, runner in enumerate([one, two, one, two])]
        await asyncio.sleep(0)
        one.gate.set()
        await asyncio.gather(first, *others)
    assert [[p.value for p in batch] for batch in two.batches] == [[1, 3]]


async def test_a_full_room_refuses_the_next_request_and_recovers():
    runner = Doubler()
    async with batcher(room=1) as running:
        first = await held(running, runner)
        with pytest.raises(Overloaded):
            await ask(running, runner, Row(1))
        runner.gate.set()
        await first
        assert await ask(running, runner, Row(1, 4)) == [8]


async def test_one_bad_row_harms_only_its_own_request():
    runner = Doubler()
    async with batcher() as running:
        first = await held(running, runner)
        rows = [Row(1, 1), Row(1, 2, bad=True), Row(1, 3)]
        others = [asyncio.create_task(ask(running, runner, row)) for row in rows]
        await asyncio.sleep(0)
        runner.gate.set()
        await first
        good, bad, fine = await asyncio.gather(*others, return_exceptions=True)
    assert (good, fine) == ([2], [6])
    assert isinstance(bad, ModelFailed)
    assert isinstance(bad.__cause__, ValueError)


async def test_too_big_a_batch_is_halved_and_the_lesson_kept():
    runner = Doubler(fits=8)
    async with batcher(tokens=16) as running:
        assert await ask(running, runner, *[Row(1, i) for i in range(16)]) == [2 * i for i in range(16)]
        await ask(running, runner, *[Row(1, i) for i in range(16)])
    assert [len(batch) for batch in runner.batches] == [16, 8, 8, 8, 8]


async def test_halves_that_are_still_too_big_end_in_an_error_and_later_batches_are_smaller():
    runner = Doubler(fits=4)
    async with batcher(tokens=16) as running:
        with pytest.raises(ModelFailed) as failed:
            await ask(running, runner, *[Row(1, i) for i in range(16)])
        assert isinstance(failed.value.__cause__, MemoryError)
        assert [len(batch) for batch in runner.batches] == [16, 8]
        assert await ask(running, runner, *[Row(1, i) for i in range(8)]) == [2 * i for i in range(8)]
    assert [len(batch) for batch in runner.batches[2:]] == [4, 4]


async def test_what_did_not_fit_is_let_go_before_its_halves_are_tried():
    """The tensors of a batch hang on the frames of its error."""
    seen = []

    class Tensor:
        pass

    class Greedy:
        def run(self, pieces):
            tensor = Tensor()
            seen.append([held() is not None for held in before])
            before.append(weakref.ref(tensor))
            if len(pieces) > 1:
                raise MemoryError
            return [0]

    before = []
    async with batcher() as running:
        assert await ask(running, Greedy(), Row(1), Row(1)) == [0, 0]
    assert seen == [[], [False], [False, False]]


async def test_callers_who_left_cost_no_device_time():
    runner = Doubler()
    async with batcher() as running:
        first = await held(running, runner)
        gone = asyncio.create_task(ask(running, runner, Row(1, 7)))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        runner.gate.set()
        await first
        await ask(running, runner, Row(1, 8))
    assert [p.value for batch in runner.batches for p in batch] == [0, 8]


async def test_shutdown_finishes_those_inside_and_refuses_new_ones():
    runner = Doubler()
    async with batcher() as running:
        first = await held(running, runner)
        second = asyncio.create_task(ask(running, runner, Row(1, 5)))
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(0.05, runner.gate.set)
    assert (await first, await second) == ([0], [10])
    with pytest.raises(Stopped):
        await ask(running, runner, Row(1))


async def test_a_shutdown_that_takes_too_long_tells_those_who_wait():
    runner = Doubler()
    async with batcher(grace_s=0.05) as running:
        first = await held(running, runner)
        second = asyncio.create_task(ask(running, runner, Row(1)))
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(0.5, runner.gate.set)
    for request in (first, second):
        with pytest.raises(Stopped):
            await request


request = st.tuples(
    st.lists(st.builds(Row, size=st.integers(1, 30), value=st.integers(0, 99), bad=st.booleans()), min_size=1, max_size=4),
    st.booleans(),  # whether its caller leaves
)


@settings(max_examples=60, deadline=None)
@given(requests=st.lists(request, max_size=20), tokens=st.integers(1, 60), room=st.integers(1, 12), fits=st.integers(30, 90))
def test_every_request_ends_exactly_once(requests, tokens, room, fits):
    """Also under failure, overload, cancellation, lack of memory and shutdown: the right result or the right error."""

    async def scenario():
        runner = Doubler(fits=fits)
        endings = []

        async def call(rows):
            try:
                endings.append((rows, await ask(running, runner, *rows)))
            except (Overloaded, Stopped, ModelFailed, asyncio.CancelledError) as error:
                endings.append((rows, error))

        async with asyncio.timeout(20), batcher(tokens=tokens, room=room) as running:
            calls = []
            for rows, leaves in requests:
                calls.append(asyncio.create_task(call(rows)))
                await asyncio.sleep(0)
                if leaves:
                    calls[-1].cancel()
        await asyncio.gather(*calls)
        return endings

    endings = asyncio.run(scenario())
    assert len(endings) == len(requests)
    for rows, ending in endings:
        if isinstance(ending, list):
            assert ending == [row.value * 2 for row in rows]
            assert not any(row.bad for row in rows)
        elif isinstance(ending, ModelFailed):
            assert any(row.bad for row in rows)


async def test_who_was_answered_is_not_held_on_to():
    runner, row = Doubler(), Row(1, 4)
    held_on = weakref.ref(row)
    async with batcher() as running:
        await ask(running, runner, row)
        runner.batches.clear()
        del row
        await asyncio.sleep(0)
        gc.collect()
        assert held_on() is None
