"""Each line that stands for a slash command is read by the router and by the windows as it was meant."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import product
from string import ascii_lowercase

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot import slots, windows
from bot.platforms.discord import lines
from bot.platforms.discord.commands import NO_TIME
from bot.router import Router
from handlers import languages
from handlers.conversation import Request, Slots

NOW = datetime(2026, 5, 20, 15, 30, tzinfo=UTC)  # a Wednesday
TODAY = NOW.replace(hour=0, minute=0)


@pytest.fixture
def route(engine):
    """Where a line goes, which is said outright."""

    async def route(line):
        found = await Router(engine).route(Request(line))
        assert found.score == 1.0
        return found.intent, found.slots

    return route


def window(line):
    """Which messages a line is about."""
    return windows.read(line, now=NOW)


def told(since, language="en", *, points=None, last=None):
    """The line for a summary since a time."""
    line = lines.summarize(points, last)
    return lines.understood([f"{line} {way}" for way in lines.times(since, language)], last=last, now=NOW)


@pytest.mark.parametrize("points", [None, 1, 3, 20])
@pytest.mark.parametrize("last", [None, 1, 30, 1000])
@pytest.mark.parametrize("since", [None, "yesterday 9:00", "2 hours", "Monday", "today", "since I was last here"])
async def test_a_summary_is_of_what_was_chosen(route, points, last, since):
    line = told(since, points=points, last=last) if since else lines.summarize(points, last)
    assert await route(line) == ("summarize", Slots(sentences=points))
    found = window(line)
    assert (found.last if found else None) == last
    assert bool(found and (found.since or found.absence)) == bool(since)


@pytest.mark.parametrize(
    ("since", "language", "begins"),
    [
        ("yesterday 9:00", "en", TODAY - timedelta(hours=15)),
        ("since yesterday at 9", "en", TODAY - timedelta(hours=15)),
        ("2h", "en", NOW - timedelta(hours=2)),
        ("30 min", "en", NOW - timedelta(minutes=30)),
        ("2 hours ago", "en", NOW - timedelta(hours=2)),
        ("the last 2 hours", "en", NOW - timedelta(hours=2)),
        ("14:00", "en", TODAY + timedelta(hours=14)),
        ("  Monday\n", "en", TODAY - timedelta(days=2)),
        ("this week", "en", TODAY - timedelta(days=2)),
        ("last week", "en", TODAY - timedelta(days=9)),
        ("2026-05-01", "en", TODAY - timedelta(days=19)),
        ("3/4", "en", datetime(2026, 3, 4, tzinfo=UTC)),
        ("3/4", "pt", datetime(2026, 4, 3, tzinfo=UTC)),
        ("ontem às 9h", "pt", TODAY - timedelta(hours=15)),
        ("9h", "pt", TODAY + timedelta(hours=9)),
        ("desde ontem", "en", TODAY - timedelta(days=1)),
        ("ayer 9:00", "es", TODAY - timedelta(hours=15)),
        ("gestern 9 Uhr", "de", TODAY - timedelta(hours=15)),
        ("2 Stunden", "de", NOW - timedelta(hours=2)),
        ("2h", "de", NOW - timedelta(hours=2)),
        ("hier 9h", "fr", TODAY - timedelta(hours=15)),
        ("gisteren 9:00", "nl", TODAY - timedelta(hours=15)),
        ("gestern", "en", TODAY - timedelta(days=1)),
        ("yesterday", "ja", TODAY - timedelta(days=1)),
    ],
)
def test_a_time_is_understood_with_the_word_that_makes_it_one_or_without(since, language, begins):
    found = window(told(since, language))
    assert (found.since, found.until) == (begins, None)


@pytest.mark.parametrize("since", ["purple elephants", "tomorrow", "the last 5 messages", ":", '"yesterday"', "x" * 100])
def test_what_is_no_time_is_not_taken_for_one(since):
    assert told(since, points=5) is None


@pytest.mark.parametrize("since", re.findall("“(.+?)”", NO_TIME))
def test_the_times_that_are_told_as_examples_are_understood(since):
    ways = [f"/summarize {way}" for way in lines.times(since, "en")]
    assert lines.understood(ways, last=None, now=NOW.replace(month=6)) == ways[0]


def test_a_time_that_would_change_how_many_messages_are_meant_is_refused():
    assert told("the last 5 messages since Monday") is None
    assert window(told("Monday", last=30)).last == 30


@pytest.mark.parametrize(
    "question",
    [
        "who owns the fix?",
        "ask Ben what he meant?",
        "summarize what?",
        "/translate is which command?",
        "pt or es: which one?",
        "3 points, which ones?",
        'what does "rollback" mean?',
        "first line\nsecond line?",
        "> quoted\nwhat does that mean?",
    ],
)
async def test_a_question_arrives_as_it_was_asked(route, question):
    assert await route(lines.ask(question)) == ("ask", Slots(text=question))


AWKWARD = [
    "good night",
    "pt good night",
    "de nada, amigo",
    "it works",
    "to German",
    "Deutsch",
    "5 points are enough",
    "welcome to Portuguese",
    "say it in German or French",
    "first line\n\nsecond line in Dutch",
    "> quoted in Spanish",
    'she said "no" in Polish',
    "“no” and “yes”",
    "translate this: hello",
    "/summarize 5",
    ":) fine",
    "```\ncode\n``` in French",
    "since yesterday it is broken",
]


@pytest.mark.parametrize("text", AWKWARD)
async def test_a_text_to_translate_is_not_taken_for_a_language(route, text):
    line = lines.untargeted(lines.translations(text, None), text)
    intent, slots = await route(line)
    assert (intent, slots.target, slots.text.strip()) == ("translate", None, text)


@pytest.mark.parametrize("text", AWKWARD)
@pytest.mark.parametrize("to", ["pt", "it", "no", "en"])
async def test_a_text_goes_with_the_language_chosen_for_it(route, text, to):
    (line,) = lines.translations(text, to)
    assert await route(line) == ("translate", Slots(target=to, text=text))
    assert window(line) is None


async def test_every_language_is_read_as_itself(route):
    codes = [code for code in map("".join, product(ascii_lowercase, repeat=2)) if languages.find(code) == code]
    assert len(codes) > 50
    for code in codes:
        (alone,), (line,) = lines.translations(" ", code), lines.translations("it is to German", code)
        assert await route(alone) == ("translate", Slots(target=code))
        assert await route(line) == ("translate", Slots(target=code, text="it is to German"))


async def test_nothing_chosen_is_the_latest_message_in_the_readers_language(route):
    assert lines.translations(None, None) == ["/translate"]
    assert await route("/translate") == ("translate", Slots())


@given(
    st.lists(st.sampled_from([*"de “ ” « » ` ``` : \n > in to German it \" 'x' - x, hello!".split(" ")]), max_size=8).map(
        " ".join
    )
)
def test_no_text_is_taken_for_a_language(text):
    assume(text.strip())
    line = lines.untargeted(lines.translations(text, None), text)
    target, said = slots.translation(line.removeprefix("/translate "))
    assert target is None
    assert said.strip() in {text.strip(), slots.unquoted(text.strip()).strip()}


@pytest.mark.parametrize("text", [text for text in AWKWARD if not text.startswith(("```", "“"))])
async def test_a_text_to_judge_is_judged_whole(route, text):
    assert await route(lines.sentiment(text)) == ("sentiment", Slots(text=text))


async def test_without_a_text_the_conversation_is_judged(route):
    assert await route(lines.sentiment(None)) == ("sentiment", Slots())
    assert await route(lines.sentiment("  ")) == ("sentiment", Slots())
