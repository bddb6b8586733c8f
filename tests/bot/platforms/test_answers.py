"""Who is to see an answer, what it shows words of, and in which language it is."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace

import pytest

from bot import wording
from bot.platforms.answers import Answers
from bot.platforms.asked import Place
from handlers.base import TargetUnknown
from handlers.conversation import Turn

from .board import ANA, BEN, GENERAL, NO_ACCESS, Noticeboard, asking, key


@pytest.fixture
def answers(noticeboard, assistant, state):
    return Answers(noticeboard, assistant, state)


def words(made):
    return "\n".join(message.text for message in made.messages)


# Who sees it


@pytest.mark.parametrize(
    ("text", "inside", "private"),
    [
        ("/summarize", True, False),
        ("/summarize", False, True),  # of the whole channel: nobody else asked for it
        ("/ask Who rolls back?", True, False),
        ("/translate pt: good morning", True, True),
        ("/sentiment", True, False),
        ("what?", True, False),
    ],
)
async def test_who_sees_an_answer(answers, incident, text, inside, private):
    request = asking(text, root=incident if inside else None)
    assert (await answers.made(request)).private == private
    assert (await answers.made(request, private=True)).private


@pytest.mark.parametrize("text", ["/summarize", "/translate pt: good morning"])
async def test_what_was_written_is_answered_to_all_where_nothing_can_be_whispered(board, assistant, state, incident, text):
    answers = Answers(Noticeboard(board, whispers=False), assistant, state)
    assert not (await answers.made(asking(text, message="999"))).private
    assert (await answers.made(asking(text))).private  # a command or a click can be answered to one alone


async def test_what_comes_from_elsewhere_is_the_askers_alone(board, answers, incident):
    board.rooms["elsewhere"] = {ANA}
    there = Place(GENERAL, incident)
    assert (await answers.made(asking("/summarize", channel="elsewhere", about=there))).private
    direct = asking("/summarize", channel="elsewhere", about=there, direct=True)
    assert not (await answers.made(direct)).private  # where nobody else is


async def test_a_text_that_only_names_another_place_comes_from_nowhere_else(board, answers, incident):
    board.rooms["elsewhere"] = {ANA}
    request = asking("/sentiment great", channel="elsewhere", about=Place(GENERAL, incident, incident))
    made = await answers.made(request)
    assert not made.private
    assert made.sources == ()


async def test_who_wants_answers_alone_gets_them_so(answers, state, incident):
    await state.prefer(answers.owner(ANA), "private", "on")
    assert (await answers.made(asking("/summarize", root=incident))).private
    assert not (await answers.made(asking("/summarize", root=incident, user=BEN))).private


async def test_only_an_answer_is_shared(board, answers, incident):
    assert not (await answers.made(asking("/summarize"), private=False)).private
    board.rooms["secret"] = {BEN}
    refused = await answers.made(asking("/summarize", about=Place("secret")), private=False)
    assert refused.private
    assert words(refused) == f"{{{NO_ACCESS}}}"


# What it is drawn with


async def test_the_buttons_of_an_answer_stand_for_what_it_is_about_up_to_now(board, noticeboard, answers, incident):
    await answers.made(asking("/summarize", root=incident))
    [drawn] = noticeboard.drawn
    kept = {"about": Place(GENERAL, incident), "until": str(board.last + 1), "language": ""}
    assert drawn["asked"] == asking("/summarize", root=incident, **kept)
    assert not drawn["private"]
    assert drawn["seconds"] >= 0
    assert [turn.text for turn in drawn["turns"]] == ["Payments are failing.", "I roll back."]


async def test_what_was_written_after_a_message_is_no_part_of_its_answer(board, noticeboard, answers, incident):
    message = board.pin(ANA, "summarize", root=incident)
    board.pin(BEN, "It is fixed.", root=incident)
    request = asking("/summarize", root=incident, message=message)
    assert "fixed" not in words(await answers.made(request))
    assert noticeboard.drawn[-1]["asked"].until == message
    earlier = asking("/summarize", root=incident, message=message, until=str(int(incident) + 1))
    assert "roll back" not in words(await answers.made(earlier))  # what says so itself is believed


async def test_an_answer_that_is_to_have_none_has_no_buttons(answers, incident):
    with_them = await answers.made(asking("/summarize", root=incident))
    assert with_them.messages[-1].buttons == ("retell", "more")
    assert (await answers.made(asking("/summarize", root=incident), buttons=False)).messages[-1].buttons == ()


async def test_an_answer_is_drawn_beside_the_loop(noticeboard, answers, incident, monkeypatch):
    draw, drew = noticeboard.draw, []

    def watched(*given, **about):
        drew.append(threading.get_ident())
        return draw(*given, **about)

    monkeypatch.setattr(noticeboard, "draw", watched)
    await answers.made(asking("/summarize", root=incident))
    assert drew
    assert threading.get_ident() not in drew


# What it shows words of


@pytest.mark.parametrize(
    ("text", "which"),
    [
        ("/summarize", [0, 1]),
        ("/ask Who rolls back?", [1]),
        ("/translate pt", [1]),  # the last message is what it translates
        ("/translate pt: good morning", []),
        ("/help", []),
    ],
)
async def test_an_answer_names_the_messages_that_it_shows_words_of(board, engine, answers, incident, text, which):
    engine.answers["Who rolls back?"] = "I roll back."
    made = await answers.made(asking(text, root=incident))
    posts = list(board.pinned)
    assert set(made.sources) == {key(posts[turn]) for turn in which}


@pytest.mark.parametrize("text", ["/translate pt", "/sentiment"])
async def test_a_message_that_is_translated_or_judged_is_named_too(answers, incident, text):
    made = await answers.made(asking(text, about=Place(GENERAL, incident, incident)))
    assert made.sources == (key(incident),)


async def test_a_message_whose_link_leads_nowhere_is_not_named(noticeboard, answers, incident, monkeypatch):
    monkeypatch.setattr(noticeboard, "linked", lambda link: None)
    assert (await answers.made(asking("/summarize", root=incident))).sources == ()


async def test_words_of_the_one_message_that_was_read_are_no_trouble_without_a_thread(
    noticeboard, engine, answers, incident, monkeypatch
):
    async def read(request, asked, place):
        return replace(request, quoted=Turn("Ben", "I roll back."))

    monkeypatch.setattr(noticeboard.reading, "read", read)
    engine.answers["Who rolls back?"] = "I roll back."
    made = await answers.made(asking("/ask Who rolls back?", root=incident))
    assert "> I roll back." in words(made)
    assert made.sources == ()


# How it is asked for


async def test_a_request_is_understood_as_a_person_reads_it(engine, answers, incident):
    await answers.made(asking(f"what does {BEN} do?", root=incident))
    assert ("intent", "what does @Ben do?") in engine.calls


async def test_the_language_is_the_one_set_else_that_of_the_platform(noticeboard, answers, state):
    assert await answers.language(ANA) is None
    noticeboard.people.languages[ANA] = "pt"
    assert await answers.language(ANA) == "pt"
    await state.prefer(answers.owner(ANA), "language", "es")
    assert await answers.language(ANA) == "es"


async def test_an_answer_is_in_the_askers_language(noticeboard, answers):
    noticeboard.people.languages[ANA] = "pt"
    assert words(await answers.made(asking("/translate good morning"))) == "{GOOD MORNING}"


async def test_an_answer_that_is_made_again_is_in_the_language_in_which_it_was_shown(noticeboard, answers):
    noticeboard.people.languages |= {ANA: "pt", BEN: "en"}
    await answers.made(asking("/translate good morning"))
    shown = noticeboard.drawn[-1]["asked"]
    assert shown.language == "pt"
    again = asking(shown.text, user=BEN, about=shown.about, language=shown.language)
    assert words(await answers.made(again)) == "{GOOD MORNING}"
    nowhere = await answers.made(asking(shown.text, user=ANA, language=""))
    assert words(nowhere) == f"{{{wording.SENTENCES[TargetUnknown]}}}"


async def test_what_nobody_asked_for_reads_nothing_and_says_nothing(noticeboard, answers, incident):
    made = await answers.made(asking("nice weather", root=incident, outright=False))
    assert made.messages == []
    assert noticeboard.reading.looked == []


async def test_what_is_overheard_is_answered_where_it_is_sure(engine, answers, incident):
    engine.intents["sum it up"] = "summarize"
    assert words(await answers.made(asking("sum it up", root=incident, outright=False)))


@pytest.mark.parametrize(
    ("called", "told"), [({}, 1), ({"outright": False, "short": True}, 1), ({"outright": False}, 0)], ids=str
)
async def test_what_nobody_foresaw_is_told_whoever_called_and_logged_without_words(
    noticeboard, answers, incident, monkeypatch, caplog, called, told
):
    def broken(*_, **__):
        raise ValueError("secret")

    monkeypatch.setattr(noticeboard, "draw", broken)
    with caplog.at_level(logging.DEBUG):
        made = await answers.made(asking("!tldr", root=incident, **called))
        direct = await answers.made(asking("!tldr", root=incident, direct=True, **called))
    assert [message.text for message in made.messages] == [wording.BROKEN] * told
    assert made.private
    assert not direct.private
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text
