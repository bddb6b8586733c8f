import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from bot.platforms.console import Stage, clock, printable
from bot.wording import elapsed
from handlers.conversation import (
    Chart,
    Coverage,
    Point,
    Points,
    Provenance,
    Quote,
    Reply,
    Score,
    Suggestions,
    Text,
    Thread,
    Turn,
    Turning,
)

THREAD = Thread(
    (
        Turn("Maya", "Rolling back at 14:30, see https://status.example.com/incidents/831 and `deploy --to 4.11`", "14:22"),
        Turn("Rafael Nunes", "Confirmado, está tudo bem de novo 🎉", "2026-11-20T14:38:00Z"),
        Turn("Maya", "two\nlines"),
    )
)
REPLY = Reply(
    (
        Text("Leah"),
        Quote(0, "Maya", THREAD.turns[0].text, 16, 21, link="https://chat.example.com/archives/C1/p1700000000000000"),
        Points((Point("Rolled back.", (0, 2)), Point("Tudo bem.", (1,)))),
        Score("negative", {"negative": 0.9, "neutral": 0.1, "positive": 0.0}),
        Suggestions(("who owns the fix?",)),
        Coverage(2, 3),
    ),
    Provenance(("encoder+answering@1a2b3c",), ("pt>en",)),
)


def draw(renderable, width=80, **options):
    out = io.StringIO()
    Console(file=out, width=width, highlight=False, **options).print(renderable)
    return out.getvalue()


def test_a_thread_in_columns():
    assert draw(Stage(THREAD).turns()).splitlines() == [
        "1  14:22  Maya          Rolling back at 14:30, see",
        "                        https://status.example.com/incidents/831 and `deploy",
        "                        --to 4.11`",
        "2  14:38  Rafael Nunes  Confirmado, está tudo bem de novo 🎉",
        "3         Maya          two",
        "                        lines",
    ]


def test_a_thread_on_a_narrow_screen():
    assert draw(Stage(THREAD).turns(last=2), 40).splitlines() == [
        "2  14:38  Rafael Nunes",
        "  Confirmado, está tudo bem de novo 🎉",
        "3         Maya        ",
        "  two",
        "  lines",
    ]


def test_the_title_counts():
    assert draw(Stage(THREAD).title("#checkout")) == "#checkout  3 messages · 2 people\n"
    assert draw(Stage(Thread(THREAD.turns[:1])).title("x")) == "x  1 message · 1 person\n"


def test_a_question_shows_what_it_replies_to_in_one_line():
    assert (
        draw(Stage(THREAD).asked("Leah", "in Portuguese?", THREAD.turns[2])) == "╭ Maya  two lines\nLeah  in Portuguese?\n"
    )
    above, asked = draw(Stage(THREAD).asked("Leah", "hm?", THREAD.turns[0]), 40).splitlines()
    assert above == "╭ Maya  Rolling back at 14:30, see http…"
    assert asked == "Leah  hm?"
    assert draw(Stage(THREAD).quoted(THREAD.turns[0]), 40) == above + "\n"


def test_an_answer_shows_evidence_speakers_bars_and_where_it_comes_from():
    assert draw(Stage(THREAD).answer(REPLY, 0.0384)).splitlines() == [
        "▌ Parley",
        "▌ Leah",
        "▌  │ Rolling back at 14:30, see https://status.example.com/incidents/831 and",
        "▌  │ `deploy --to 4.11`",
        "▌  │ — Maya, message 1",
        "▌  │ https://chat.example.com/archives/C1/p1700000000000000",
        "▌ • Maya: Rolled back. #1 #3",
        "▌ • Rafael Nunes: Tudo bem. #2",
        "▌ negative ██████████████████████░░  90%",
        "▌ neutral  ██░░░░░░░░░░░░░░░░░░░░░░  10%",
        "▌ positive ░░░░░░░░░░░░░░░░░░░░░░░░   0%",
        "▌   › who owns the fix?",
        "▌ 38 ms · 2 of 3 messages read · pt → en · encoder+answering@1a2b3c",
    ]


COURSE = Chart((-1.0, None, 0.0, 1.0), (-1.0, None, 0.3, 1.0), (Turning(2, "positive"),), "It turns positive.")


def test_the_course_of_a_mood_has_a_block_for_each_message_and_says_where_it_turns():
    assert draw(Stage(THREAD).answer(Reply((COURSE,)), 1.0)).splitlines()[1:3] == [
        "▌ course   ▁▆█",
        "▌ ▁ negative to █ positive, #1 to #4; turns positive at #3",
    ]
    level = Chart((0.0,) * 9, (0.0,) * 9, (), "It stays neutral.")
    assert draw(Stage(THREAD).answer(Reply((level,)), 1.0)).splitlines()[2] == "▌ ▁ negative to █ positive, #1 to #9"


@pytest.mark.parametrize(("width", "blocks"), [(80, 48), (30, 19), (12, 1)])
def test_a_long_course_is_as_wide_as_its_screen_at_most(width, blocks):
    levels = tuple(place / 5_000 - 1 for place in range(10_001))
    _, line, *_ = draw(Stage(THREAD).answer(Reply((Chart(levels, levels, (), "It rises."),)), 1.0), width).splitlines()
    course = line.removeprefix("▌ course   ")
    assert len(course) == blocks
    assert list(course) == sorted(course)
    assert set(course) == set("▁▂▃▄▅▆▇█"[: min(8, blocks)])


def test_a_course_of_nothing_has_no_blocks():
    drawn = draw(Stage(THREAD).answer(Reply((Chart((None,), (None,), (), "Nothing."),)), 1.0))
    assert drawn.splitlines()[1] == "▌ course"


def test_the_sides_of_a_mood_have_colours():
    drawn = draw(Stage(THREAD).answer(Reply((COURSE,)), 1.0), force_terminal=True, color_system="standard")
    assert "\x1b[31m▁" in drawn
    assert "\x1b[32m▆" in drawn


def test_the_telling_characters_of_a_quote_stand_out_in_colour():
    drawn = draw(Stage(THREAD).answer(REPLY, 1.0), force_terminal=True, color_system="standard")
    assert "\x1b[1;4m14:30\x1b[0m" in drawn


def test_a_message_that_tells_as_a_whole_is_quoted_plainly():
    reply = Reply((Quote(2, "Maya", "all of it", 0, 9),))
    assert "\x1b[1;4m" not in draw(Stage(THREAD).answer(reply, 1.0), force_terminal=True, color_system="standard")


def test_long_names_of_models_get_a_line_of_their_own():
    drawn = draw(Stage(THREAD).answer(Reply((Coverage(3, 3),), Provenance(("m" * 30, "n" * 30), ("pt>en",))), 1.0))
    assert drawn.splitlines()[1:] == ["▌ 1.0 s · 3 of 3 messages read · pt → en", f"▌ {'m' * 30}, {'n' * 30}"]


def test_a_long_quote_is_cut_around_its_telling_characters():
    text = "a " * 250 + "HERE" + " b" * 250
    drawn = draw(Stage(THREAD).answer(Reply((Quote(0, "Maya", text, 500, 504),)), 1.0)).replace("▌  │ ", "").split()
    assert drawn[1:].count("a") == drawn[1:].count("b") == 100
    assert drawn.count("…") == 2


def test_an_answer_without_a_model_says_so():
    assert draw(Stage(THREAD).answer(Reply((Text("Hello"),)), 1.26)).splitlines()[-1] == "▌ 1.3 s · no model"


def test_speakers_keep_their_colour():
    stage = Stage(THREAD)
    drawn = [
        draw(stage.asked(name, "hi"), force_terminal=True, color_system="standard") for name in ("Maya", "Rafael Nunes")
    ]
    colours = [line.partition("m")[0] for line in drawn]
    assert colours[0] != colours[1]
    assert draw(stage.turns(), force_terminal=True, color_system="standard").count(colours[0]) == 2


def test_markup_in_messages_is_left_alone():
    assert "[red]not red[/red] :smile:" in draw(Stage(Thread((Turn("[b]", "[red]not red[/red] :smile:"),))).turns())


@pytest.mark.parametrize("width", [10, 20, 40, 59, 60, 80, 120, 200])
def test_nothing_overflows(width):
    long = Thread((*THREAD.turns, Turn("x" * 60, "宽" * 90 + "y" * 300)))
    for drawing in (
        Stage(long).turns(),
        Stage(long).answer(REPLY, 1.0),
        Stage(long).asked("x" * 60, "y" * 300, long.turns[3]),
    ):
        assert max(map(cell_len, draw(drawing, width).splitlines())) <= width


@given(st.text(), st.text())
def test_nothing_a_terminal_would_obey_gets_through(speaker, text):
    stage = Stage(Thread((Turn(speaker, text, text),)))
    reply = Reply((Text(text), Quote(0, speaker, text, 0, 1, link=text), Suggestions((text,))), Provenance((text,)))
    drawn = draw(stage.turns()) + draw(stage.answer(reply, 1.0)) + draw(stage.asked(speaker, text, Turn(speaker, text)))
    assert not {c for c in drawn if (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 or c in "\u202e\u2066"}
    drawn.encode()


def test_printable_keeps_words():
    assert printable("olá\n\t👍🏽 \u200d") == "olá\n\t👍🏽 \u200d"
    assert printable("\x1b]0;title\x07 \ud800 \u202e") == "\ufffd]0;title\ufffd \ufffd \ufffd"


@pytest.mark.parametrize(("seconds", "words"), [(0.0384, "38 ms"), (0.9994, "999 ms"), (0.9996, "1.0 s"), (12.34, "12.3 s")])
def test_elapsed(seconds, words):
    assert elapsed(seconds) == words


@pytest.mark.parametrize(
    ("at", "shown"),
    [(None, ""), ("14:02", "14:02"), ("2026-11-20T14:38:00Z", "14:38"), ("1732286527.000100", ""), ("2 pm", "2 pm")],
)
def test_clock(at, shown):
    assert clock(at) == shown


def test_what_a_model_wrote_of_a_message_is_not_put_into_its_speakers_mouth():
    reply = Reply((Points((Point("They rolled back.", (0, 1)),), written=True),), Provenance(("m@1",), generated=True))
    drawn = draw(Stage(THREAD).answer(reply, 1.0))
    assert "• They rolled back. #1 #2" in drawn
    assert drawn.splitlines()[-1].endswith("generated, may be wrong · m@1")
