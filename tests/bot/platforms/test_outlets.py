"""Where answers are said, what becomes of them there, and what whoever waits is told."""

from __future__ import annotations

import asyncio

import pytest

from bot import wording
from bot.platforms import outlets
from bot.platforms.outlets import WAIT, InThread, answering, patience
from bot.platforms.posts import NotPosted
from models.types import Stopped

from .board import BEN, GENERAL, NO_PINS, Notice, Recorder, asking, key


@pytest.fixture
def asked(board, incident):
    """A question in the thread."""
    return asking("help", message=board.pin(BEN, "help", root=incident), root=incident)


@pytest.fixture
def thread(pins, asked):
    return InThread(pins, asked, Notice)


# Patience


async def test_who_waits_long_is_told_and_who_does_not_is_not(monkeypatch):
    quick, slow = Recorder(), Recorder()
    async with patience(quick, Notice):
        pass
    monkeypatch.setattr(outlets, "SLOW_S", 0.0)
    async with patience(slow, Notice):
        await slow.waiting.wait()
    assert (quick.told, slow.told) == ([], ["wait"])


async def test_who_waits_when_parley_stops_is_told_to_ask_again():
    outlet, begun = Recorder(), asyncio.Event()

    async def work():
        async with patience(outlet, Notice):
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert outlet.told == [wording.sentence(Stopped())]


async def test_an_answer_waits_until_it_is_told_that_it_takes_a_while(monkeypatch):
    monkeypatch.setattr(outlets, "SLOW_S", 0.0)
    begun, told = asyncio.Event(), []

    class Slow(Recorder):
        async def wait(self):
            begun.set()
            await asyncio.sleep(0)
            told.append("wait")

    async with patience(Slow(), Notice):
        await begun.wait()
    assert told == ["wait"]  # else it would be written over the answer


async def test_what_goes_wrong_while_somebody_waits_is_raised():
    outlet = Recorder()
    with pytest.raises(ValueError, match="no answer"):
        async with patience(outlet, Notice):
            raise ValueError("no answer")
    assert outlet.told == []


async def test_that_telling_to_wait_fails_is_no_reason_not_to_answer(board, thread, incident, monkeypatch):
    monkeypatch.setattr(outlets, "SLOW_S", 0.0)
    failed = asyncio.Event()

    async def fail():
        failed.set()
        raise OSError

    board.meanwhile = fail
    async with patience(thread, Notice):
        await failed.wait()
    await thread.say([Notice("Here.")])
    assert board.answers(root=incident) == ["Here."]


# In a thread


async def test_an_answer_takes_the_place_of_the_line_that_told_to_wait(board, thread, incident):
    await thread.wait()
    assert board.answers(root=incident) == [WAIT]
    await thread.say([Notice("One."), Notice("Two.")])
    assert board.answers(root=incident) == ["One.", "Two."]


async def test_an_answer_hangs_below_what_was_asked_where_there_is_no_thread(board, pins):
    question = board.pin(BEN, "help")
    await InThread(pins, asking("help", message=question), Notice).say([Notice("Here.")])
    assert board.answers(root=question) == ["Here."]


async def test_a_line_that_somebody_took_away_takes_no_answer_along(board, thread, incident):
    await thread.wait()
    board.vanish(board.ours()[0])
    await thread.say([Notice("Here.")])
    assert board.answers(root=incident) == ["Here."]


async def test_what_was_posted_can_be_taken_back(board, thread, incident):
    await thread.withdraw()
    await thread.wait()
    await thread.withdraw()
    assert board.answers(root=incident) == []
    await thread.say([Notice("Here.")])
    await thread.remove()
    assert board.answers(root=incident) == ["Here."]
    await thread.withdraw()
    assert board.answers(root=incident) == []


@pytest.mark.parametrize("waiting", [True, False])
@pytest.mark.parametrize("which", ["question", "source"])
async def test_what_is_about_a_message_that_is_gone_is_never_shown(board, pins, thread, asked, incident, waiting, which):
    if waiting:
        await thread.wait()
    await pins.retract(GENERAL, incident if which == "source" else asked.message)
    board.meanwhile = lambda: pytest.fail("nothing is to be shown")
    await thread.say([Notice("It is secret.")] * 2, [key(incident)])
    assert board.answers(root=incident) == []


@pytest.mark.parametrize("waiting", [True, False])
async def test_what_goes_while_its_answer_is_posted_takes_it_along(board, pins, thread, asked, incident, waiting):
    if waiting:
        await thread.wait()
    board.meanwhile = lambda: pins.retract(GENERAL, asked.message)
    await thread.say([Notice("An answer.")] * 2)
    assert board.answers(root=incident) == []
    assert board.sent == 1


async def test_an_answer_can_be_told_from_what_quotes_the_same_message(board, pins, thread, asked, incident):
    await thread.wait()
    await thread.say([Notice("One."), Notice("Two.")])
    quoting = asking("who?", message=board.pin(BEN, "who?", root=incident), root=incident)
    await InThread(pins, quoting, Notice).say([Notice("Ben asks for help.")], asked.keys)
    await pins.withdraw(answering(asked.keys[0]))
    assert board.answers(root=incident) == ["Ben asks for help."]
    await pins.retract(GENERAL, asked.message)
    assert board.answers(root=incident) == []


async def test_its_place_is_made_ready_before_anything_is_posted_there(board, pins, asked, incident):
    begun = []

    class Elsewhere(InThread):
        async def _begin(self):
            begun.append(self)
            self._channel, self._root = "elsewhere", None

    waited, silent = Elsewhere(pins, asked, Notice), Elsewhere(pins, asked, Notice)
    await silent.say([])
    assert begun == []
    await waited.wait()
    assert board.answers("elsewhere") == [WAIT]
    await waited.say([Notice("Here.")])
    await silent.say([Notice("Here, too.")])
    assert board.answers("elsewhere") == ["Here.", "Here, too."]


async def test_where_the_bot_may_not_post_that_is_told(board, thread):
    board.closed.add(GENERAL)
    with pytest.raises(NotPosted, match=NO_PINS):
        await thread.say([Notice("Here.")])
