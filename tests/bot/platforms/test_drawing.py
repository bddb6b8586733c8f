"""What the parts of a reply say, whatever the markup that they are written in."""

from __future__ import annotations

import pytest

from bot.platforms.drawing import source, written
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
    Turn,
    Turning,
)

from .board import Marks

LINK = "https://board.example/7"
TURNS = (Turn("Maya & Co", "Rolling back at 14:30.", link=LINK), Turn("Rafael\nNunes", "Tudo bem."))


def drawn(part, turns=TURNS, markup=None):
    return written(part, turns, markup or Marks())


def quoted(text, start, end, *, markup=None, **about):
    """The lines of a quote, without who said it."""
    *lines, by = drawn(Quote(0, "Maya", text, start, end, **about), (), markup).split("\n")
    assert by.startswith("> — ")
    return [line.removeprefix("> ") for line in lines]


def test_words_of_models_are_prose():
    assert drawn(Text("Leah & `you`")) == "{Leah && `you`}"


def test_a_point_names_its_speakers_and_links_their_messages():
    points = Points((Point("Rolled & back.", (0, 1)), Point("Tudo bem.", (1,))))
    assert drawn(points) == (
        f"• *Maya && Co* && *Rafael Nunes*: Rolled && back. [message 1]({LINK})\n• *Rafael Nunes*: Tudo bem."
    )


def test_who_said_several_of_the_messages_is_named_once():
    turns = (Turn("Maya", "One.", link="a"), Turn("Maya", "Two.", link="b"), Turn(" ", "Three."))
    assert drawn(Points((Point("x", (0, 1)),)), turns) == "• *Maya*: x [message 1](a) [message 2](b)"
    assert drawn(Points((Point("x", (2,)),)), turns) == "• *?*: x"


def test_points_whose_turns_are_unknown_have_no_speaker():
    assert drawn(Points((Point("x", (5,)), Point("y", ())))) == "• x\n• y"


def test_a_quote_tells_who_said_it_where():
    assert drawn(Quote(0, "Maya\n& Co", "Rolling & back at 14:30.", 18, 23)) == (
        f"> Rolling && back at *14:30*.\n> — *Maya && Co*, [message 1]({LINK})"
    )


def test_a_quote_brings_its_own_link_and_a_missing_one_is_not_made_up():
    assert drawn(Quote(5, "Maya", "x y", 0, 1, "https://a.example")).endswith("[message 6](https://a.example)")
    assert drawn(Quote(5, "Maya", "x y", 0, 1)) == "> *x* y\n> — *Maya*, message 6"


def test_a_message_that_tells_as_a_whole_is_quoted_plainly():
    assert quoted("all of it", 0, 9) == ["all of it"]


def test_every_line_of_a_quote_is_marked_as_one():
    assert drawn(Quote(0, "M", "one\n\ntwo", 0, 8), ()).startswith("> one\n> \n> two\n> — ")


def test_words_are_bold_with_regard_to_what_they_stand_between():
    class Seen(Marks):
        def bold(self, text, *, before="", after=""):
            return f"({before}|{text}|{after})"

    assert quoted("v4.1 & x", 1, 4, markup=Seen()) == ["v(v|4.1| & x) && x"]


def test_a_long_quote_is_cut_around_its_telling_words():
    text = "a " * 250 + "HERE" + " b" * 250
    [words] = quoted(text, 500, 504)
    assert words.startswith("… a a")
    assert "a *HERE* b" in words
    assert words.endswith("b b …")
    assert 2 * 200 < len(words) < 2 * 200 + 20
    assert quoted(text[400:-400], 100, 104) == [f"{'a ' * 50}*HERE*{' b' * 50}"]


def test_a_quote_is_not_cut_in_an_address():
    address = "https://a.example/" + "x" * 300
    assert quoted("HERE " + address + " b", 0, 4) == [f"*HERE* {address} …"]
    assert quoted("b " + address + " HERE", 321, 325) == [f"… {address} *HERE*"]


def test_telling_words_within_an_address_make_all_of_it_tell():
    assert quoted("see https://a.example/b now", 12, 21) == ["see *https://a.example/b* now"]


def test_a_long_telling_is_bold_in_every_piece():
    text = "before " + "telling words, " * 1_000 + "after"
    first, *telling, last = quoted(text, 7, len(text) - 5)
    assert (first, last) == ("before ", "after")
    assert len(telling) > 4
    assert all(line.startswith("*telling") and line.endswith("*") for line in telling)
    assert sum(line.count("telling") for line in telling) == 1_000
    assert quoted(text[7:], 0, len(text) - 12) == [*telling, last]


def test_a_score_has_a_bar_for_each_label_and_the_likeliest_is_bold():
    score = Score("negative", {"negative": 0.9, "neutral": 0.1, "a & b": 0.0})
    assert drawn(score).split("\n") == [
        f"`{'█' * 18}{'░' * 2}` *90% negative*",
        f"`{'█' * 2}{'░' * 18}` 10% neutral",
        f"`{'░' * 20}` 0% a && b",
    ]


def test_a_chart_tells_where_the_mood_turns():
    turning = (Turning(0, "negative"), Turning(1, "positive"), Turning(8, "negative"))
    chart = Chart((), (), turning, "A chart.")
    where = f"negative at [message 1]({LINK}), positive at message 2, negative at message 9"
    assert drawn(chart) == f"The mood turns {where}."
    assert drawn(Chart((), (), (), "A chart.")) == ""


def test_suggestions_are_written_without_the_mark_of_a_command():
    assert drawn(Suggestions(("who owns it?", "/ask *why* & how?"))) == "• who owns it?\n• ask *why* && how?"


REPLY = Reply((Text("Hi."), Coverage(2, 3)), Provenance(("encoder@1a2b3c", "other"), ("pt>en",)))


@pytest.mark.parametrize(("seconds", "took"), [(None, ""), (0.0384, "38 ms · ")])
def test_how_much_was_read_is_told_in_the_last_line_alone(seconds, took):
    assert drawn(REPLY.parts[1]) == ""
    assert source(REPLY, seconds) == f"{took}2 of 3 messages read · pt → en · encoder@1a2b3c · other"


def test_a_sentence_of_our_own_has_no_last_line():
    assert source(Reply((Text("Hi."),)), None) == ""


def test_what_a_model_wrote_of_a_message_is_not_put_into_its_speakers_mouth():
    assert drawn(Points((Point("They rolled back.", (0, 1)),), written=True)) == f"• They rolled back. [message 1]({LINK})"
