"""What is offered under an answer, and what each offer asks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot import slots, windows
from bot.platforms.buttons import MOST_POINTS, offers
from handlers.conversation import Point, Points, Provenance, Reply, Text

from .board import asking

NOW = datetime(2026, 11, 18, 15, tzinfo=UTC)


def summary(points, cited=(0,)):
    return Reply((Points(tuple(Point("It works.", cited) for _ in range(points))),), intent="summarize")


def offered(request, reply, *, private=False):
    return {one.name: one for one in offers(request, reply, private=private)}


@pytest.mark.parametrize("intent", [None, "help"])
def test_what_is_no_answer_has_no_buttons(intent):
    assert offers(asking("/summarize"), Reply((Text("Sorry."),), intent=intent), private=True) == []


@pytest.mark.parametrize(
    ("direct", "private", "names"),
    [
        (False, True, ["share", "retell", "more"]),
        (False, False, ["retell", "more"]),
        (True, True, ["retell", "more"]),  # nobody else is there to share it with
    ],
)
def test_only_what_others_did_not_see_can_be_shared(direct, private, names):
    assert list(offered(asking("/summarize", direct=direct), summary(2), private=private)) == names


def test_what_is_shared_or_told_again_is_what_was_asked():
    buttons = offered(asking("/translate pt"), Reply((Text("Olá."),), intent="translate"), private=True)
    assert {one.text for one in buttons.values()} == {"/translate pt"}
    assert set(buttons) == {"share", "retell"}


@pytest.mark.parametrize(("points", "wanted"), [(1, 2), (9, 18), (15, 20), (20, None), (40, None)])
def test_more_detail_is_twice_as_much_up_to_an_end(points, wanted):
    more = offered(asking("/summarize"), summary(points)).get("more")
    assert (more and more.points) == wanted
    assert more is None or slots.leading_number(more.text.removeprefix("/summarize ")) == wanted
    assert wanted is None or wanted <= MOST_POINTS


def test_a_text_of_no_thread_has_no_more_detail():
    assert set(offered(asking("/summarize"), summary(1, cited=()))) == {"retell"}


@pytest.mark.parametrize(
    "text",
    [
        "/summarize",
        "/summarize 5",
        "/summarize since yesterday in 2 points",
        "/summarize 5 since Monday",
        "what did I miss?",
        "/summarize yesterday",
        "/summarize 5 points last 30 messages",
        "recap this week",
        "/tldr last week",
    ],
)
def test_more_detail_is_about_the_same_messages_however_often_it_is_wanted(text):
    window = windows.read(text, now=NOW)
    for points, wanted in ((2, 4), (4, 8), (8, 16)):
        first, length = text, len(text)
        text = offered(asking(text), summary(points))["more"].text
        assert text.startswith(f"/summarize {wanted} ")
        assert windows.read(text, now=NOW) == window
        assert len(text) <= length + len("/summarize 16 points "), first


def test_a_models_summary_has_no_more_detail_to_give():
    written = replace(summary(2), provenance=Provenance(("m",), generated=True))
    assert set(offered(asking("/summarize"), written)) == {"retell"}
