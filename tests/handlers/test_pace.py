import asyncio

import pytest

from handlers.pace import each


async def test_results_are_in_the_order_of_the_items():
    async def call(delay):
        await asyncio.sleep(delay)
        return delay

    assert await each(call, [0.02, 0.0, 0.01]) == [0.02, 0.0, 0.01]


async def test_no_more_are_under_way_than_allowed():
    under_way, most = 0, 0

    async def call(_):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1

    await each(call, range(50), at_once=4)
    assert most == 4


async def test_the_first_error_is_raised_as_it_is_and_stops_the_others():
    finished = []

    async def call(item):
        if item == 1:
            raise KeyError(item)
        await asyncio.sleep(10)
        finished.append(item)

    with pytest.raises(KeyError):
        await each(call, range(3))
    assert finished == []
