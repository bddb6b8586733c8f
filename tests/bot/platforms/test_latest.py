"""Which messages of a conversation a window names, from pages that come newest first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.platforms.latest import CAP, RECENT, Latest, Page, latest
from bot.windows import Window

SINCE = datetime(2026, 1, 1, tzinfo=UTC)


class Pages:
    """The numbers below `count` from the last one backwards, so many a page; keeps how many pages were wanted."""

    def __init__(self, count, *, size=100):
        self.count, self.size, self.wanted = count, size, 0

    async def __aiter__(self):
        for end in range(self.count, 0, -self.size):
            self.wanted += 1
            start = max(0, end - self.size)
            yield Page(range(end - 1, start - 1, -1), more=start > 0)


async def read(pages, window=None, *, counts=lambda _: True, own=lambda _: False, **about):
    return await latest(aiter(pages), window or Window(), counts=counts, own=own, **about)


async def test_the_latest_messages_are_read_in_order_and_that_there_are_more_is_told():
    pages = Pages(300)
    assert await read(pages) == Latest(list(range(300 - RECENT, 300)), more=True)
    assert pages.wanted == 1


async def test_a_platform_may_want_another_number():
    assert await read(Pages(300), most=7) == Latest(list(range(293, 300)), more=True)


async def test_of_few_messages_all_are_read():
    assert await read(Pages(3)) == Latest([0, 1, 2])
    assert await read(Pages(0)) == Latest([])


@pytest.mark.parametrize("count", [RECENT, RECENT + 1])
async def test_that_there_are_more_is_told_where_there_are(count):
    assert (await read(Pages(count, size=RECENT))).more == (count > RECENT)


@pytest.mark.parametrize("window", [Window(since=SINCE), Window(absence=True)], ids=["since", "absence"])
async def test_a_stretch_of_time_is_read_as_a_whole_up_to_the_cap(window):
    assert await read(Pages(200), window) == Latest(list(range(200)))
    assert await read(Pages(CAP + 200), window) == Latest(list(range(200, CAP + 200)), more=True)


@pytest.mark.parametrize("last", [1, 60, 250])
async def test_as_many_as_are_asked_for_are_read_and_no_more_are_missed(last):
    assert await read(Pages(250), Window(last=last)) == Latest(list(range(250 - last, 250)))
    assert await read(Pages(250), Window(last=last, since=SINCE)) == Latest(list(range(250 - last, 250)))


async def test_that_there_are_more_than_the_cap_is_told_to_whoever_wanted_them():
    found = await read(Pages(CAP + 200), Window(last=3 * CAP))
    assert (len(found.messages), found.more) == (CAP, True)
    assert await read(Pages(120), Window(last=3 * CAP)) == Latest(list(range(120)))


async def test_an_absence_ends_with_what_the_asker_wrote_last():
    def own(message):
        return message in (120, 170)

    pages = Pages(200, size=10)
    assert await read(pages, Window(absence=True), own=own) == Latest(list(range(171, 200)))
    assert pages.wanted == 3
    assert await read(Pages(200), Window(absence=True, last=2), own=own) == Latest([198, 199])
    assert await read(Pages(200), Window(), own=own) == Latest(list(range(150, 200)), more=True)


async def test_an_absence_ends_there_even_where_that_does_not_count():
    window = Window(absence=True)
    assert await read(Pages(200), window, own=lambda m: m == 170, counts=lambda m: m != 170) == Latest(list(range(171, 200)))


async def test_only_what_counts_is_counted_and_read():
    found = await read(Pages(300), Window(last=10), counts=lambda message: message % 10 == 0)
    assert found == Latest(list(range(200, 300, 10)))


async def test_what_is_kept_is_read_too_but_does_not_count():
    found = await read(Pages(300), Window(last=3), counts=lambda m: m % 10 == 0, kept=lambda m: m % 10 == 5)
    assert found == Latest([270, 275, 280, 285, 290, 295])


async def test_what_does_not_count_takes_no_room_below_the_cap():
    found = await read(Pages(CAP + 400), Window(since=SINCE), counts=lambda message: message % 2 == 0)
    assert found == Latest(list(range(0, CAP + 400, 2)))


async def test_pages_that_are_given_up_leave_more():
    async def given_up():
        yield Page([9, 8], more=True)
        yield Page([7, 6], more=True)

    assert await read(given_up()) == Latest([6, 7, 8, 9], more=True)
    assert await read(given_up(), Window(since=SINCE), counts=lambda _: False) == Latest([], more=True)


async def test_what_does_not_count_is_no_more_to_read():
    async def joins_before():
        yield Page([3, 2, 1], more=False)

    assert await latest(joins_before(), Window(), most=2, counts=lambda m: m > 1, own=lambda _: False) == Latest([2, 3])


async def test_no_page_is_fetched_beyond_the_last_message_that_was_asked_for():
    async def one_page():
        yield Page([4, 3], more=True)
        pytest.fail("another page was fetched")

    assert await latest(one_page(), Window(last=2), counts=lambda _: True, own=lambda _: False) == Latest([3, 4])
