"""What the bot posts, and what goes again with the messages that it is about."""

from __future__ import annotations

import logging

import pytest

from bot.platforms.posts import NotPosted

from .board import ANA, BEN, GENERAL, ME, Notice, key


@pytest.mark.parametrize("gone", ["question", "source"])
async def test_a_post_goes_with_every_message_that_it_is_about(board, pins, gone):
    await pins.post(GENERAL, None, Notice("Ana says so."), [key("question"), key("source")])
    await pins.post(GENERAL, None, Notice("Ben says so."), [key("another")])
    await pins.retract(GENERAL, gone)
    assert board.answers() == ["Ben says so."]


async def test_a_message_of_the_same_id_elsewhere_takes_nothing_along(board, pins):
    await pins.post(GENERAL, None, Notice("Ana says so."), [key("5")])
    await pins.retract("other", "5")
    assert board.answers() == ["Ana says so."]


async def test_what_is_about_a_message_that_is_gone_is_not_posted(board, pins):
    await pins.retract(GENERAL, "source")
    assert await pins.gone([key("other"), key("source")])
    assert not await pins.gone([key("other")])
    assert await pins.post(GENERAL, None, Notice("Ana says so."), [key("source")]) is None
    assert board.sent == 0


async def test_what_goes_while_it_is_posted_takes_the_post_along(board, pins):
    board.meanwhile = lambda: pins.retract(GENERAL, "source")
    assert await pins.post(GENERAL, None, Notice("Ana says so."), [key("source")]) is None
    assert board.answers() == []


async def test_a_message_in_several_posts_is_known_by_its_last_and_goes_as_a_whole(board, pins):
    board.pieces = 3
    last = await pins.post(GENERAL, None, Notice("Long"), [key("source")])
    assert board.ours()[-1] == last
    assert board.answers() == ["Long (1)", "Long (2)", "Long (3)"]
    await pins.retract(GENERAL, "source")
    assert board.answers() == []


async def test_what_somebody_else_posted_for_us_is_kept_alike(board, pins):
    first, second = (board.pin(ME, text) for text in ("Kept.", "Gone."))
    assert await pins.keep(GENERAL, None, first, [key("source")]) == first
    await pins.retract(GENERAL, "source")
    assert board.answers() == ["Gone."]
    assert await pins.keep(GENERAL, None, second, [key("source")]) is None
    assert board.answers() == []


async def test_what_is_written_over_a_post_counts_for_it(board, pins):
    post = await pins.post(GENERAL, None, Notice("One moment."), [key("question")])
    assert await pins.put(GENERAL, post, Notice("Ana says so."), [key("question"), key("source")])
    assert board.answers() == ["Ana says so."]
    await pins.retract(GENERAL, "source")
    assert board.answers() == []


async def test_a_post_that_somebody_took_away_is_not_written_over(board, pins):
    post = await pins.post(GENERAL, None, Notice("One moment."), [])
    board.vanish(post)
    assert not await pins.put(GENERAL, post, Notice("Ana says so."), [])


async def test_a_post_goes_when_what_is_to_be_written_over_it_is_about_what_is_gone(board, pins):
    post = await pins.post(GENERAL, None, Notice("One moment."), [])
    await pins.retract(GENERAL, "source")
    board.meanwhile = lambda: pytest.fail("nothing is to be written")
    assert not await pins.put(GENERAL, post, Notice("Ana says so."), [key("source")])
    assert board.answers() == []


async def test_what_goes_while_it_is_written_over_a_post_takes_the_post_along(board, pins):
    post = await pins.post(GENERAL, None, Notice("One moment."), [])
    board.meanwhile = lambda: pins.retract(GENERAL, "source")
    assert not await pins.put(GENERAL, post, Notice("Ana says so."), [key("source")])
    assert board.answers() == []


async def test_what_is_withdrawn_may_be_said_again(board, pins):
    await pins.post(GENERAL, None, Notice("Ana says so."), [key("source")])
    await pins.withdraw(key("source"))
    assert board.answers() == []
    assert not await pins.gone([key("source")])
    await pins.post(GENERAL, None, Notice("Ana says so now."), [key("source")])
    assert board.answers() == ["Ana says so now."]


async def test_one_post_that_cannot_be_deleted_keeps_no_other(board, pins, caplog):
    stuck = await pins.post(GENERAL, None, Notice("Stuck."), [key("source")])
    await pins.post("other", None, Notice("Loose."), [key("source")])
    board.stuck.add(stuck)
    with caplog.at_level(logging.WARNING):
        await pins.retract(GENERAL, "source")
    assert [board.pinned[post].notice.text for post in board.ours()] == ["Stuck."]
    assert "OSError" in caplog.text


async def test_what_is_gone_twice_is_no_error(board, pins):
    board.vanish(await pins.post(GENERAL, None, Notice("Ana says so."), [key("source")]))
    await pins.retract(GENERAL, "source")
    await pins.retract(GENERAL, "source")
    assert await pins.gone([key("source")])


async def test_the_bot_takes_part_in_the_threads_where_it_answered(board, pins, incident):
    assert not await pins.took_part(GENERAL, incident)
    await pins.post(GENERAL, incident, Notice("Here."), [key("question")])
    assert await pins.took_part(GENERAL, incident)
    assert not await pins.took_part("other", incident)
    await pins.post(GENERAL, None, Notice("To all."), [])
    assert not await pins.took_part(GENERAL, None)  # that is no thread


async def test_who_took_back_all_that_it_said_takes_no_part(board, pins, incident):
    await pins.delete(GENERAL, await pins.post(GENERAL, incident, Notice("Here."), []))
    assert board.answers(root=incident) == []
    assert not await pins.took_part(GENERAL, incident)


async def test_a_post_that_somebody_deleted_counts_no_more(board, pins, incident):
    post = await pins.post(GENERAL, incident, Notice("Here."), [])
    board.vanish(post)
    await pins.retract(GENERAL, post)
    assert not await pins.took_part(GENERAL, incident)


async def test_a_thread_outlives_its_first_message(board, pins, incident):
    await pins.post(GENERAL, incident, Notice("Here."), [key("question")])
    await pins.retract(GENERAL, incident)
    assert board.answers(root=incident) == ["Here."]
    assert await pins.took_part(GENERAL, incident)


async def test_what_may_not_be_posted_is_told(board, pins):
    board.closed.add(GENERAL)
    with pytest.raises(NotPosted):
        await pins.post(GENERAL, None, Notice("Here."), [])


async def test_only_the_bots_own_posts_go(board, pins, incident):
    await pins.post(GENERAL, incident, Notice("Here."), [key(incident)])
    await pins.retract(GENERAL, incident)
    assert {each.user for each in board.pinned.values()} == {ANA, BEN}
