import asyncio
import io
import os
import threading

import pytest

from bot.commands.pipes import aside, lines


async def read(data, longest=100):
    return [line async for line in lines(io.BytesIO(data), longest=longest)]


async def test_lines_lose_their_ends_and_the_last_needs_none():
    assert await read(b"one\n\ntwo\r\nthree") == [b"one", b"", b"two", b"three"]


async def test_a_line_that_is_too_long_is_passed_over_and_the_next_is_read():
    assert await read(b"x" * 8 + b"\n" + b"y" * 100 + b"\nnext\n" + b"z" * 50, longest=9) == [b"x" * 8, None, b"next", None]


async def test_lines_come_one_by_one_from_a_pipe_that_stays_open():
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source, os.fdopen(writing, "wb", buffering=0) as sink:
        arriving = lines(source)
        sink.write(b"first\n")
        assert await anext(arriving) == b"first"
        sink.write(b"second\n")
        assert await anext(arriving) == b"second"


async def test_the_loop_goes_on_while_a_call_blocks():
    open_up = threading.Event()
    blocked = asyncio.create_task(aside(open_up.wait))
    await asyncio.sleep(0)
    open_up.set()
    assert await blocked is True


async def test_errors_come_through():
    with pytest.raises(ZeroDivisionError):
        await aside(divmod, 1, 0)


def test_an_abandoned_call_does_not_hold_up_the_end_of_the_loop():
    never = threading.Event()

    async def leave():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(aside(never.wait), 0.01)

    asyncio.run(leave())
    never.set()
