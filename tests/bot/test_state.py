"""What is remembered: claims that make answers come once, preferences, and counts."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from bot.state import State


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def opened(tmp_path, clock):
    """Opens the same database as one more process would."""
    async with AsyncExitStack() as stack:

        async def open_it(**options):
            state = State(f"sqlite+aiosqlite:///{tmp_path}/new/parley.db", clock=clock, **options)
            return await stack.enter_async_context(state)

        yield open_it


async def test_a_request_is_answered_once(opened):
    state = await opened()
    taken = []
    for _ in range(3):
        async with state.claimed("T1:C1:1.0") as ours:
            taken.append(ours)
    assert taken == [True, False, False]


async def test_of_many_processes_one_gets_the_request(opened):
    states = [await opened() for _ in range(4)]
    taken = []

    async def work(state):
        async with state.claimed("T1:C1:1.0") as ours:
            await asyncio.sleep(0)
            taken.append(ours)

    await asyncio.gather(*(work(state) for state in states * 5))
    assert sorted(taken) == [False] * 19 + [True]


async def test_a_failed_attempt_leaves_the_request_to_the_next_delivery(opened):
    state = await opened()
    with pytest.raises(ValueError, match="broke"):
        async with state.claimed("k"):
            raise ValueError("broke")
    async with state.claimed("k") as ours:
        assert ours


async def test_a_cancelled_attempt_does_too(opened):
    state = await opened()

    async def work():
        async with state.claimed("k"):
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with state.claimed("k") as ours:
        assert ours


async def test_the_claim_of_a_process_that_died_runs_out(opened, clock):
    died, other = await opened(), await opened()
    assert await died._take("k")
    async with other.claimed("k") as ours:
        assert not ours
    clock.now += 61
    async with other.claimed("k") as ours:
        assert ours


async def test_a_claim_lasts_as_long_as_its_work(opened, clock):
    state, other = await opened(lease_s=0.06), await opened()
    async with state.claimed("k"):
        for _ in range(4):
            clock.now += 0.05
            await asyncio.sleep(0.04)
        async with other.claimed("k") as ours:
            assert not ours


async def test_what_was_done_long_ago_is_forgotten_at_the_next_start(opened, clock):
    async with (await opened()).claimed("k"):
        pass
    clock.now += 86_401
    async with (await opened()).claimed("k") as ours:
        assert ours


async def test_preferences_are_per_owner_and_can_be_taken_back(opened):
    state = await opened()
    await state.prefer("T1:U1", "language", "pt")
    await state.prefer("T1:U1", "language", "es")
    await state.prefer("T1:U1", "private", "1")
    await state.prefer("T1:U2", "language", "en")
    assert await state.preferences("T1:U1") == {"language": "es", "private": "1"}
    await state.prefer("T1:U1", "private", None)
    assert await state.preferences("T1:U1") == {"language": "es"}


async def test_feedback_is_counted(opened):
    state = await opened()
    await asyncio.gather(*(state.count("ask", "good") for _ in range(5)), state.count("ask", "bad"))
    assert await state.feedback() == {("ask", "good"): 5, ("ask", "bad"): 1}


async def test_a_request_is_known_by_any_of_its_keys(opened):
    state = await opened()
    taken = []
    for keys in [("ts1", "id1"), ("ts1",), ("ts2", "id1"), ("ts2", "id2")]:
        async with state.claimed(*keys) as ours:
            taken.append(ours)
    assert taken == [True, False, False, True]


async def test_posts_are_found_by_what_they_are_about(opened):
    state = await opened()
    await state.posted("p2", ["m1", "m2", "m1"])
    await state.posted("p1", ["m1"])
    await state.posted("p1", ["m1"])
    assert await state.posts("m1") == ["p1", "p2"]
    await state.forget("p2")
    assert await state.posts("m1") == ["p1"]
    assert await state.posts("m2") == []


async def test_that_a_message_is_gone_is_known_to_every_process(opened):
    one, other = await opened(), await opened()
    await one.bury("m1")
    await one.bury("m1")
    assert await other.buried(["m0", "m1"])
    assert not await other.buried(["m0"])
    assert not await other.buried([])


async def test_what_is_old_is_swept_away_while_it_runs(opened, clock):
    state = await opened(sweep_s=0.01, posts_s=10.0)
    await state.posted("p1", ["m1"])
    clock.now += 11
    async with asyncio.timeout(5):
        while await state.posts("m1"):  # noqa: ASYNC110 -- nobody tells when it is swept
            await asyncio.sleep(0.01)


async def test_a_database_that_is_away_for_a_while_ends_no_claim_and_no_sweeping(opened, clock, monkeypatch, caplog):
    state, other = await opened(sweep_s=0.01, lease_s=0.06, posts_s=0.0), await opened()
    await state.posted("p1", ["m1"])
    write, missed = state._write, {"UPDATE": asyncio.Event(), "DELETE": asyncio.Event()}

    async def away(statement):
        missed[str(statement)[:6]].set()
        raise OperationalError("secret", {}, Exception())

    async with state.claimed("k") as ours:
        monkeypatch.setattr(state, "_write", away)
        for event in missed.values():
            await event.wait()
        monkeypatch.setattr(state, "_write", write)
        clock.now += 0.01
        async with asyncio.timeout(5):
            while await state.posts("m1"):  # noqa: ASYNC110 -- nobody tells when it is swept
                await asyncio.sleep(0.01)
    assert ours
    async with other.claimed("k") as again:
        assert not again
    assert "OperationalError" in caplog.text
    assert "secret" not in caplog.text


@pytest.fixture
def away(monkeypatch):
    """Lets the next statements of a database fail, as when it is restarted."""
    monkeypatch.setattr("bot.state.AGAIN_S", 0.01)

    def away(state, times):
        left = [None] * times

        @event.listens_for(state.engine.sync_engine, "before_cursor_execute")
        def _fail(*_):
            if left:
                left.pop()
                raise OperationalError("secret", {}, Exception())

    return away


async def test_a_database_that_is_away_for_a_moment_is_asked_again(opened, away):
    state = await opened()
    away(state, 3)
    await state.prefer("U1", "language", "pt")
    away(state, 3)
    assert await state.preferences("U1") == {"language": "pt"}
    away(state, 3)
    async with state.claimed("k") as ours:
        assert ours


async def test_a_database_that_stays_away_is_an_error(opened, away, monkeypatch):
    monkeypatch.setattr("bot.state.AWAY_S", 0.05)
    state = await opened()
    away(state, 1000)
    with pytest.raises(OperationalError):
        await state.preferences("U1")
