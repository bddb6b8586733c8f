"""Requests taken, answered where they belong, shared, told again and judged."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.platforms import outlets
from bot.platforms.asked import Place
from bot.platforms.desk import GONE, SAME, THANKS, Desk
from bot.platforms.outlets import WAIT, InThread
from bot.preferences import Preferences

from .board import ANA, BEN, GENERAL, NO_ACCESS, NO_PINS, Notice, Recorder, asking, key

SUMMARY = (
    "• *Ana*: Payments are failing. [message 1](board:general/101)\n• *Ben*: I roll back. [message 2](board:general/102)"
)
LOUD = SUMMARY.replace("Payments are failing.", "PAYMENTS ARE FAILING.").replace("I roll back.", "I ROLL BACK.")
"""The same as the fake engine translates it."""


@pytest.fixture
def desk(noticeboard, assistant, state, pins):
    return Desk(noticeboard, assistant, state, pins)


@pytest.fixture
def written(board, incident):
    """A message of Ana's in the thread."""

    def written(text, **more):
        return asking(text, message=board.pin(ANA, text, root=incident), root=incident, **more)

    return written


@pytest.fixture
def answer(desk, pins):
    """Answers a message in its thread; returns what the asker alone was shown."""

    async def answer(request, **how):
        alone = Recorder()
        await desk.answer(request, InThread(pins, request, Notice), alone, **how)
        return alone.told

    return answer


# Which messages are ours


async def test_a_message_that_calls_the_bot_is_ours_and_others_are_not(desk, written):
    assert await desk.ours(written("help"))
    assert not await desk.ours(written("nice weather", outright=False))


async def test_a_short_command_is_ours_where_its_writer_wants_it(desk, written):
    request = written("!tldr", outright=False, short=True)
    assert not await desk.ours(request)
    await desk.prefer(ANA, lambda before: replace(before, short=True))
    assert await desk.ours(request)
    assert not await desk.ours(replace(request, user=BEN))


async def test_what_is_written_in_a_thread_that_the_bot_takes_part_in_may_be_ours(desk, answer, written):
    await answer(written("/help"))
    assert await desk.ours(written("and then?", outright=False))
    assert not await desk.ours(asking("and then?", message="999", outright=False))


# Answers


async def test_an_answer_is_said_where_it_was_asked(board, answer, written, incident):
    assert await answer(written("/summarize")) == []
    assert board.answers(root=incident) == [SUMMARY]


async def test_what_is_the_askers_alone_is_said_to_them(board, answer, written, incident):
    assert await answer(written("/translate pt: good morning")) == ["{GOOD MORNING}"]
    assert board.answers(root=incident) == []


async def test_a_private_answer_to_a_message_that_is_gone_is_not_shown(desk, answer, written):
    request = written("/translate pt: good morning")
    await desk.deleted(GENERAL, request.message)
    assert await answer(request) == []


async def test_a_message_deleted_later_takes_its_answer_along(board, desk, answer, written, incident):
    request = written("/summarize")
    await answer(request)
    await desk.deleted(GENERAL, request.message)
    assert board.answers(root=incident) == []


async def test_what_an_answer_shows_words_of_takes_it_along(board, desk, answer, written, incident):
    await answer(written("/summarize"))
    await desk.deleted(GENERAL, incident)
    assert board.answers(root=incident) == []


@pytest.mark.parametrize("text", ["/summarize", "/translate pt: good morning"])
async def test_what_is_not_current_any_more_gets_no_answer_and_no_line_that_tells_to_wait(
    board, desk, pins, written, incident, text
):
    request, alone = written(text), Recorder()
    thread = InThread(pins, request, Notice)
    await thread.wait()
    await desk.answer(request, thread, alone, current=lambda: False)
    assert board.answers(root=incident) == []
    assert alone.told == []


async def test_a_line_that_told_to_wait_goes_where_the_answer_is_private(board, desk, pins, written, incident):
    request, alone = written("/translate pt: good morning"), Recorder()
    thread = InThread(pins, request, Notice)
    await thread.wait()
    assert board.answers(root=incident) == [WAIT]
    await desk.answer(request, thread, alone)
    assert board.answers(root=incident) == []
    assert alone.told == ["{GOOD MORNING}"]


@pytest.mark.parametrize(
    ("called", "told"), [({}, True), ({"outright": False, "short": True}, True), ({"outright": False}, False)]
)
async def test_only_who_called_the_bot_is_told_to_wait(noticeboard, engine, desk, written, monkeypatch, called, told):
    monkeypatch.setattr(outlets, "SLOW_S", 0.0)
    engine.intents["sum it up"] = "summarize"
    outlet = Recorder()

    async def slow():
        for _ in range(10):  # turns of the loop; telling takes two
            await asyncio.sleep(0)

    noticeboard.reading.meanwhile = slow
    await desk.answer(written("sum it up", **called), outlet, Recorder())
    assert outlet.told == ["wait"] * told + [SUMMARY]


async def test_a_command_is_answered_to_the_asker_alone(board, desk, incident):
    outlet = Recorder()
    await desk.whisper(asking("/summarize", root=incident), outlet)
    assert outlet.told == [SUMMARY]
    assert outlet.sources == {key("101"), key("102")}
    assert "share" in outlet.shown[0].buttons
    assert board.sent == 0


# Sharing


async def test_what_is_shared_tells_who_shares_it_and_has_no_buttons(board, desk, incident):
    outlet = Recorder()
    await desk.share(asking("/summarize", root=incident), outlet, "click")
    assert board.answers(root=incident) == ["Ana shared this answer:", SUMMARY]
    assert {board.pinned[post].notice.buttons for post in board.ours()} == {()}
    assert outlet.told == ["remove"]


async def test_somebody_without_a_name_can_share_too(board, desk, noticeboard, incident):
    board.rooms[GENERAL].add("u-new")
    await desk.share(asking("/summarize", root=incident, user="u-new"), Recorder(), "click")
    assert board.answers(root=incident)[0] == "Someone shared this answer:"


async def test_what_is_clicked_twice_is_shared_once(board, desk, incident):
    request, outlet = asking("/summarize", root=incident), Recorder()
    await asyncio.gather(*(desk.share(request, outlet, "click") for _ in range(2)))
    assert len(board.answers(root=incident)) == 2
    await desk.share(request, Recorder(), "another click")
    assert len(board.answers(root=incident)) == 4


async def test_who_lost_access_to_the_source_can_not_share_it(board, desk, incident):
    board.rooms["secret"], outlet = {BEN}, Recorder()
    await desk.share(asking("/summarize", about=Place("secret")), outlet, "click")
    assert outlet.told == [f"{{{NO_ACCESS}}}"]
    assert board.sent == 0


async def test_what_cannot_be_posted_can_be_shared_once_the_bot_may(board, desk):
    board.closed.add(GENERAL)
    request, outlet = asking("/translate pt: good morning"), Recorder()
    await desk.share(request, outlet, "click")
    assert outlet.told == [NO_PINS]
    board.closed.clear()
    await desk.share(request, outlet, "click")
    assert board.answers()[-1] == "{GOOD MORNING}"


async def test_what_is_gone_is_not_shared_and_that_is_told(board, desk, state, incident):
    outlet = Recorder()
    await state.bury(key(incident))
    await desk.share(asking("/translate pt", about=Place(GENERAL, incident, incident)), outlet, "click")
    assert outlet.told == [GONE]
    assert board.sent == 0


async def test_a_shared_answer_goes_with_its_source(board, desk, incident):
    await desk.share(asking("/translate pt", root=incident), Recorder(), "click")
    assert len(board.answers(root=incident)) == 2
    await desk.deleted(GENERAL, "102")
    assert board.answers(root=incident) == []


# Telling again


async def test_an_answer_is_told_again_in_the_language_that_was_chosen(desk, incident):
    outlet = Recorder()
    await desk.retell(asking("/summarize", root=incident), outlet, target="pt")
    assert outlet.told == [LOUD]
    assert outlet.shown[0].buttons == ()


@pytest.mark.parametrize("shown", ["", "en"])
async def test_an_answer_is_told_again_in_the_readers_language(noticeboard, desk, incident, shown):
    noticeboard.people.languages[BEN] = "pt"
    outlet = Recorder()
    await desk.retell(asking("/summarize", root=incident, user=BEN, language=shown), outlet, target=None)
    assert outlet.told == [LOUD]


async def test_whoever_reads_the_answers_language_chooses_another(desk, incident):
    outlet = Recorder()
    await desk.retell(asking("/summarize", root=incident), outlet, target=None)
    assert outlet.shown == [Notice("Which language for /summarize?", ("pt",))]


async def test_an_answer_that_is_in_the_chosen_language_already_is_told_to_be(desk, incident):
    outlet = Recorder()
    await desk.retell(asking("/summarize", root=incident), outlet, target="en")
    assert outlet.told == [SAME]


async def test_an_answer_that_no_language_is_left_for_is_told_to_be_in_it(engine, desk):
    engine.pairs, outlet = frozenset(), Recorder()
    await desk.retell(asking("/sentiment fine"), outlet, target=None)
    assert outlet.told == [SAME]


@pytest.mark.parametrize("target", ["pt", None])
async def test_a_refusal_is_told_again_as_it_is(board, desk, target):
    board.rooms["secret"], outlet = {BEN}, Recorder()
    await desk.retell(asking("/summarize", about=Place("secret")), outlet, target=target)
    assert outlet.told == [f"{{{NO_ACCESS}}}"]


async def test_whoever_waits_for_that_is_told(noticeboard, desk, incident, monkeypatch):
    monkeypatch.setattr(outlets, "SLOW_S", 0.0)
    outlet = Recorder()
    noticeboard.reading.meanwhile = outlet.waiting.wait
    await desk.retell(asking("/summarize", root=incident), outlet, target="en")
    assert outlet.told == ["wait", SAME]


# Verdicts and settings


async def test_a_verdict_is_counted_once_a_person_and_without_words(desk, state):
    outlet = Recorder()
    for user in (ANA, ANA, BEN):
        await desk.judged(user, "answer", "good", "summarize", outlet)
    await desk.judged(ANA, "another", "good", "summarize", None)
    await desk.judged(ANA, "another", "bad", "ask", None)
    assert await state.feedback() == {("summarize", "good"): 3, ("ask", "bad"): 1}
    assert outlet.told == [THANKS] * 2


async def test_what_somebody_sets_is_theirs_and_stays(desk):
    assert await desk.preferences(ANA) == Preferences()
    chosen = await desk.prefer(ANA, lambda before: replace(before, language="pt", private=True))
    assert chosen == await desk.preferences(ANA) == Preferences("pt", private=True)
    assert await desk.prefer(ANA, lambda before: replace(before, private=False)) == Preferences("pt")
    assert await desk.preferences(ANA) == Preferences("pt")
    assert await desk.preferences(BEN) == Preferences()
