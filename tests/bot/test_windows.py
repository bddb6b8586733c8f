from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.windows import LONGEST, MOST, Window, read

SAO_PAULO, BERLIN, KOLKATA = (ZoneInfo(name) for name in ("America/Sao_Paulo", "Europe/Berlin", "Asia/Kolkata"))
NOW = datetime(2026, 11, 21, 13, 0, tzinfo=SAO_PAULO)  # a Saturday


def at(told: str, zone: ZoneInfo = SAO_PAULO) -> datetime:
    return datetime.fromisoformat(told).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("summarize last 30", 30),
        ("/summarize 5 last 30", 30),
        ("/summarize 5 last 30 messages", 30),
        ("the last 50 messages", 50),
        ("summarize the last 20 messages in 3 points", 20),
        ("hi!\nsummarize the last 20 messages\nthanks", 20),
        ("can you recap the latest twenty posts please?", 20),
        ("the 20 most recent messages", 20),
        ("catch me up on the last 20 messages", 20),
        ("translate the last 20 messages to Portuguese", 20),
        ("/sentiment last 20 messages", 20),
        ("/sentiment last 20", 20),
        ("who complained in the last 50 messages?", 50),
        ("what are the last 20 messages about?", 20),
        ("the last 20 messages?", 20),
        ("summarize <#C123|general> last 20", 20),
        ("últimas 20 mensagens", 20),
        ("resuma as últimas vinte mensagens em 3 pontos", 20),
        ("last 1,000 messages", 1000),
        ("last 0 messages", 1),
        ("last 99999999999 messages", MOST),
    ],
)
def test_so_many_messages(text: str, last: int) -> None:
    assert read(text, now=NOW) == Window(last=last)


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("since yesterday 9:00", "2026-11-20 09:00"),
        ("since yesterday at 9am", "2026-11-20 09:00"),
        ("since yesterday at 9", "2026-11-20 09:00"),
        ("summarize since yesterday 9:00 in 3 points", "2026-11-20 09:00"),
        ("summarize this thread since yesterday.", "2026-11-20"),
        ("since yesterday?", "2026-11-20"),
        ("since Monday", "2026-11-16"),
        ("since this Monday", "2026-11-16"),
        ("since Monday 3 points", "2026-11-16"),
        ("since Monday may", "2026-11-16"),
        ("from Wednesday to Monday", "2026-11-18"),
        ("since Saturday", "2026-11-14"),
        ("since Thursday 21:00", "2026-11-19 21:00"),
        ("from last Friday", "2026-11-20"),
        ("since 2026-11-20", "2026-11-20"),
        ("since 20 Nov", "2026-11-20"),
        ("since Nov 20", "2026-11-20"),
        ("since 10 December", "2025-12-10"),
        ("since Friday, 20 November 2026 at 9:00 am", "2026-11-20 09:00"),
        ("since 5 may", "2026-05-05"),
        ("since May", "2026-05-01"),
        ("since 14:30", "2026-11-20 14:30"),
        ("since 9:15", "2026-11-21 09:15"),
        ("since 13:00", "2026-11-21 13:00"),
        ("since this morning", "2026-11-21"),
        ("since last night", "2026-11-20 17:00"),
        ("since last week", "2026-11-09"),
        ("since last month", "2026-10-01"),
        ("since two hours ago", "2026-11-21 11:00"),
        ("since 10:00 UTC", "2026-11-21 07:00"),
        ("since 2026-11-20T09:00:00Z", "2026-11-20 06:00"),
        ("<@U1> summarize <#C123|general> since Monday", "2026-11-16"),
        ("summarize https://example.org/archives/C1/p123 since Monday", "2026-11-16"),
        ("desde ontem às 9h", "2026-11-20 09:00"),
        ("desde ontem às 9h30", "2026-11-20 09:30"),
        ("desde as 9h", "2026-11-21 09:00"),
        ("desde segunda-feira", "2026-11-16"),
        ("me resume desde sexta passada, por favor", "2026-11-20"),
        ("resuma desde o dia 20 de novembro", "2026-11-20"),
        ("seit Montag 9 Uhr", "2026-11-16 09:00"),
        ("desde ayer a las 9", "2026-11-20 09:00"),
        ("depuis hier 9h", "2026-11-20 09:00"),
    ],
)
def test_since_a_time(text: str, since: str) -> None:
    assert read(text, now=NOW) == Window(since=at(since))


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("past 2 hours", "2026-11-21 11:00"),
        ("/summarize the last two hours", "2026-11-21 11:00"),
        ("last hour", "2026-11-21 12:00"),
        ("last 30m", "2026-11-21 12:30"),
        ("the last 3 days", "2026-11-18 13:00"),
        ("summarize the past week", "2026-11-14 13:00"),
        ("as últimas 2 horas", "2026-11-21 11:00"),
        ("nos últimos 3 dias", "2026-11-18 13:00"),
    ],
)
def test_a_stretch_up_to_now(text: str, since: str) -> None:
    assert read(text, now=NOW) == Window(since=at(since))


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("today", "2026-11-21", None),
        ("hoje", "2026-11-21", None),
        ("this morning", "2026-11-21", None),
        ("tldr: today", "2026-11-21", None),
        ("/summarize 5 today", "2026-11-21", None),
        ("can you please give me a quick summary of today?", "2026-11-21", None),
        ("what did I miss today?", "2026-11-21", None),
        ("yesterday", "2026-11-20", "2026-11-21"),
        ("tl;dr yesterday", "2026-11-20", "2026-11-21"),
        ("summarize yesterday's messages", "2026-11-20", "2026-11-21"),
        ("summarize what happened yesterday", "2026-11-20", "2026-11-21"),
        ("summarize yesterday from 9:00", "2026-11-20", "2026-11-21"),
        ("summarize today and yesterday", "2026-11-20", None),
        ("summarize today since 9:00", "2026-11-21 09:00", None),
        ("recap this week", "2026-11-16", None),
        ("last week", "2026-11-09", "2026-11-16"),
        ("resumo da semana passada", "2026-11-09", "2026-11-16"),
        ("summarize last month", "2026-10-01", "2026-11-01"),
        ("from Monday to Wednesday", "2026-11-16", "2026-11-19"),
        ("from 9:00 to 12:00", "2026-11-21 09:00", "2026-11-21 12:00"),
    ],
)
def test_a_day_a_week_or_a_month(text: str, since: str, until: str | None) -> None:
    assert read(text, now=NOW) == Window(since=at(since), until=at(until) if until else None)


@pytest.mark.parametrize(
    "text",
    [
        "since I was last here",
        "summarize since I last wrote",
        "what did I miss",
        "I was away, what did I miss?",
        "what have I missed",
        "what did I miss while I was away?",
        "catch me up",
        "catch me up on this thread, please",
        "@parley bring me up to speed",
        "desde a última vez que estive aqui",
        "o que eu perdi",
    ],
)
def test_since_the_asker_was_last_there(text: str) -> None:
    assert read(text, now=NOW) == Window(absence=True)


def test_bounds_hold_together() -> None:
    assert read("the last 20 messages since yesterday", now=NOW) == Window(last=20, since=at("2026-11-20"))
    assert read("the last 20 messages since I was last here", now=NOW) == Window(last=20, absence=True)


@pytest.mark.parametrize(
    "text",
    [
        "what happened since Monday?",
        "what was decided since Monday?",
        "ask: what's new since Monday?",
        "since Monday, what was said about the outage?",
        "what did people say about the outage since Monday?",
        "how's the mood since Monday?",
        "what did I miss since Monday?",
        "I'm back. Summarize since Monday",
        "summarize the discussion about the outage since Monday",
    ],
)
def test_what_was_said_in_a_window_may_be_asked(text: str) -> None:
    assert read(text, now=NOW) == Window(since=at("2026-11-16"))


@pytest.mark.parametrize(
    "text",
    [
        "who was on call last week?",
        "who has been on call since Monday?",
        "quem está de plantão desde segunda?",
        "how many deploys were there in the last 3 days?",
        "since Monday is a holiday, who covers?",
        "recap please, since Monday is a holiday",
        "why has it been slow since yesterday 9:00?",
        "/ask who owns it since Monday",
        "who deleted the last 20 messages?",
        "what did we decide yesterday?",
        "what happened yesterday?",
        "what did I miss in the config?",
        "catch me up on the deploy",
        "the server has been down since Monday",
        "o servidor está fora desde ontem",
        "who said the server's down since Monday?",
        "the release of 2026-11-20 failed",
        "the last 3 days of the sprint",
        "the last day to submit",
        "the last 30 deploys",
        "last 20 people who joined",
        "last minute changes",
        "summarize the tasks for today",
        "summarize yesterday's incident",
        "do you want to post today?",
    ],
)
def test_a_time_that_is_the_subject_is_no_window(text: str) -> None:
    assert read(text, now=NOW) is None


@pytest.mark.parametrize(
    "text",
    [
        "translate: see you today",
        "translate: since yesterday it fails",
        "summarize: we met since Monday",
        'translate "since yesterday it fails"',
        'summarize "the last 20 messages"',
        '"since yesterday"',
        'translate "since yesterday',
        "> since Monday\nsummarize",
        "> since Monday",
        "summarize this\n\nWe are down since Monday",
        "translate to pt see you from Monday",
        "/translate pt we saw the last 20 messages",
        "how do you say since Monday in German?",
        "/sentiment I have hated this since Monday",
        "summarize since Monday " + "and on " * LONGEST,
    ],
)
def test_the_text_that_a_request_is_about_names_no_window(text: str) -> None:
    assert read(text, now=NOW) is None


@pytest.mark.parametrize(
    "text",
    [
        "in 3 points",
        "summarize in 5 sentences",
        "/summarize 5",
        "messages from Jan",
        "from Sun",
        "since we deployed",
        "since a while",
        "since the release",
        "since yesterday's deploy",
        "since 3.5",
        "since v1.2",
        "since 5",
        "since 99999999999",
        "since may it be",
        "since tomorrow",
        "since 2030-01-01",
        "the last 99999 years",
        "since",
        "",
    ],
)
def test_words_that_only_look_like_a_time(text: str) -> None:
    assert read(text, now=NOW) is None


def test_of_two_readings_the_wider() -> None:
    assert read("since 3/4", now=NOW) == Window(since=at("2026-03-04"))
    assert read("since 4/3", now=NOW) == Window(since=at("2026-03-04"))
    assert read("desde 3/4", now=NOW) == Window(since=at("2026-04-03"))  # Portuguese puts the day first


@pytest.mark.parametrize("zone", [SAO_PAULO, BERLIN, KOLKATA])
def test_times_are_the_askers(zone: ZoneInfo) -> None:
    now = datetime(2026, 11, 21, 0, 30, tzinfo=zone)
    window = read("since yesterday 9:00", now=now)
    assert window == Window(since=at("2026-11-20 09:00", zone))
    assert window.since
    assert window.since.tzinfo is zone


def test_a_zone_without_a_name() -> None:
    now = datetime(2026, 11, 21, 0, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert read("since 9:00", now=now) == Window(since=now.replace(day=20, hour=9, minute=0))


@pytest.mark.parametrize(
    ("text", "now", "since"),
    [  # clocks go forward on 29 March 2026 at 1:00 UTC and back on 25 October
        ("since yesterday 9:00", "2026-03-29T10:00+02:00", "2026-03-28T08:00Z"),
        ("since today", "2026-03-29T10:00+02:00", "2026-03-28T23:00Z"),
        ("last 24 hours", "2026-03-29T10:00+02:00", "2026-03-28T08:00Z"),
        ("last 2 hours", "2026-03-29T04:00+02:00", "2026-03-29T00:00Z"),
        ("since two hours ago", "2026-03-29T04:00+02:00", "2026-03-29T00:00Z"),
        ("last 2 days", "2026-03-30T09:00+02:00", "2026-03-28T08:00Z"),
        ("since yesterday", "2026-10-26T09:00+01:00", "2026-10-24T22:00Z"),
        ("last 2 hours", "2026-10-25T03:30+01:00", "2026-10-25T00:30Z"),
        ("since 2:45", "2026-10-25T03:30+01:00", "2026-10-25T00:45Z"),  # the first of two
    ],
)
def test_clocks_that_change(text: str, now: str, since: str) -> None:
    window = read(text, now=datetime.fromisoformat(now).astimezone(BERLIN))
    assert window
    assert window.since
    assert window.since.astimezone(UTC) == datetime.fromisoformat(since)


def test_a_day_without_a_midnight() -> None:
    now = datetime(2018, 11, 4, 12, 0, tzinfo=SAO_PAULO)  # clocks went from 0:00 to 1:00
    window = read("today", now=now)
    assert window
    assert window.since
    assert window.since.astimezone(UTC) == datetime(2018, 11, 4, 3, 0, tzinfo=UTC)


WORDS = """since from desde last past the of at às yesterday today monday segunda 9:00 9h 9am 14:30 20 Nov nov 3/4 2026-11-20
2 hours days week messages mensagens summarize /summarize translate: what did I miss who was on may a until to 99999999999
31 Dec 9999 ontem últimas UTC +14:00 ago this morning night 24:00 0 : " > . , \n\n \x00 \ud800""".split(" ")
moments = st.datetimes(
    datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.sampled_from([SAO_PAULO, BERLIN, KOLKATA, UTC])
)


@settings(deadline=None, max_examples=150)
@example(text="since yesterday 02:30", now=datetime(2026, 3, 29, 10, 0, tzinfo=BERLIN))
@given(
    text=st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join) | st.text(max_size=60).map("since {}".format),
    now=moments,
)
def test_any_text_has_a_sane_window_or_none(text: str, now: datetime) -> None:
    window = read(text, now=now)
    if window is None:
        return
    assert window != Window()
    assert window.last is None or 1 <= window.last <= MOST
    for bound in (window.since, window.until):
        assert bound is None or bound.tzinfo is now.tzinfo
    assert window.since is None or window.since.timestamp() <= now.timestamp()
    assert not (window.since and window.until) or window.since < window.until


@pytest.mark.parametrize(
    "unit", ["since ", "last 2 ", "the last ", "since Monday ", '"', "> ", "a: ", "\x00", "what did i miss ", "9"]
)
@pytest.mark.parametrize("length", [LONGEST, 200_000])
def test_absurd_texts_take_no_time(unit: str, length: int) -> None:
    read("since yesterday", now=NOW)  # loads the library
    began = time.process_time()
    read((unit * length)[:length], now=NOW)
    assert time.process_time() - began < 0.5
