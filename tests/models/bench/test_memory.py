import asyncio
import multiprocessing

import pytest

from models.bench import memory
from models.bench.translating import TRANSLATE
from models.types import TextRefused

WAYS = {way.name: way for way in TRANSLATE.ways}


@pytest.fixture(scope="module", autouse=True)
def _prepared():
    memory.prepare()


@pytest.mark.real
@pytest.mark.timeout(120)
async def test_what_a_way_takes_holds_its_weights_but_not_the_libraries():
    peak = await memory.peak(WAYS["native"].open, ["The deploy is done."], threads=1)
    assert 15e6 < peak < 150e6  # its files have 22 MB, torch and transformers some 300


@pytest.mark.real
@pytest.mark.timeout(120)
async def test_what_goes_wrong_in_the_other_process_is_raised_here():
    with pytest.raises(TextRefused):
        await memory.peak(WAYS["parley"].open, [""], threads=1)


@pytest.mark.real
@pytest.mark.timeout(120)
async def test_who_leaves_waits_for_no_process():
    measuring = asyncio.create_task(memory.peak(WAYS["generate"].open, ["The deploy is done."] * 1000, threads=1))
    async with asyncio.timeout(20):
        await asyncio.sleep(0)
        assert multiprocessing.active_children()
        measuring.cancel()
        with pytest.raises(asyncio.CancelledError):
            await measuring
    assert not multiprocessing.active_children()
