import re
import time

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.platforms.splitting import LEAST, split

TOKENS = [
    "<@U123>",
    "<https://a.example/x|a label>",
    "[label](https://c.example/d)",
    "&amp;",
    "@\u2060here",
    "👨‍👩‍👧",
    "🇵🇹🇧🇷",
]
WORDS = st.sampled_from(
    [
        *TOKENS,
        "one",
        "two.",
        "three!",
        "。",
        "\n",
        "\n\n",
        "    ",
        " ",
        "é",
        "e\u0301",
        "`a b`",
        "https://b.example/a_b?c=d&e=f",
    ]
)
PROSE = st.lists(st.one_of(WORDS, st.text(alphabet="ab .\n")), max_size=80).map("".join)
FENCED = st.lists(
    st.one_of(WORDS, st.sampled_from(["```", "```py9\n", "\n```\n", "\n```py9\nx = 1\n```\n"])), max_size=80
).map("".join)
LIMITS = st.integers(LEAST, 120)


def bare(text):
    """A text without white space, fences and the language of fences."""
    return re.sub(r"\s|`|py9", "", text)


@settings(deadline=None)
@given(st.one_of(PROSE, st.text()).filter(lambda text: "```" not in text), LIMITS)
def test_nothing_is_lost(text, limit):
    assert re.sub(r"\s", "", "".join(split(text, limit))) == re.sub(r"\s", "", text)


@settings(deadline=None)
@given(FENCED, LIMITS)
@example("```py9\n" + "x" * 40 + "\n```", 20)
@example("```one", 16)
def test_nothing_is_lost_around_fences(text, limit):
    assert bare("".join(split(text, limit))) == bare(text)


@settings(deadline=None)
@given(st.one_of(PROSE, FENCED, st.text()), LIMITS)
@example("x" * 16 + "。", 16)
@example("```" + "x" * 41 + "。y", 48)
def test_no_part_is_over_the_limit_or_empty(text, limit):
    assert all(part.strip() and len(part) <= limit for part in split(text, limit))


@settings(deadline=None)
@given(FENCED, LIMITS)
def test_fences_are_balanced_in_each_part(text, limit):
    assert all(part.count("```") % 2 == 0 for part in split(text, limit))


@settings(deadline=None)
@given(st.lists(WORDS, max_size=60).map(" ".join), st.integers(32, 90))
def test_links_mentions_and_graphemes_stay_whole(text, limit):
    parts = split(text, limit)
    for token in [*TOKENS, "`a b`", "https://b.example/a_b?c=d&e=f"]:
        assert sum(part.count(token) for part in parts) == text.count(token)


@settings(deadline=None)
@given(st.text(alphabet="e\u0301👨👩👧\u200d🇵🇹", max_size=60), LIMITS)
def test_no_grapheme_is_cut(text, limit):
    graphemes = regex.findall(r"\X", text)
    if max(map(len, graphemes), default=0) <= limit:
        assert [one for part in split(text, limit) for one in regex.findall(r"\X", part)] == graphemes


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("A first one.\nIt goes on.\n\nA second. Third", ["A first one.\nIt goes on.", "A second. Third"]),
        ("First line is here\nand the second", ["First line is here", "and the second"]),
        ("This ends here. That goes on and on", ["This ends here.", "That goes on and on"]),
        ("words without an end to the words", ["words without an end to", "the words"]),
        ("x" * 60, ["x" * 24, "x" * 24, "x" * 12]),
        ("これは文です。これも文です。これもまた文です。", ["これは文です。これも文です。これもまた文です。"]),
        (
            "これは長い文です。これも長い文です。これもまた長い文です。",
            ["これは長い文です。これも長い文です。", "これもまた長い文です。"],
        ),
        ("if x:\n    this_is_a_call()\n    another_call()", ["if x:", "    this_is_a_call()", "    another_call()"]),
    ],
)
def test_where_it_cuts(text, parts):
    assert split(text, 24) == parts


def test_a_text_that_fits_is_left_alone():
    assert split("  as it is \n", 20) == ["  as it is \n"]
    assert split("```\na\n```", 20) == ["```\na\n```"]


@pytest.mark.parametrize("text", ["", " \n ", "\n" * 100])
def test_no_words_no_parts(text):
    assert split(text, 20) == []


def test_a_fence_is_closed_and_opened_again_with_its_language():
    code = "\n".join(f"line_{number} = {number}" for number in range(6))
    parts = split(f"Look:\n```python\n{code}\n```\nDone.", 56)
    assert parts == [
        "Look:\n```python\nline_0 = 0\nline_1 = 1\nline_2 = 2\n```",
        "```python\nline_3 = 3\nline_4 = 4\nline_5 = 5\n```\nDone.",
    ]


def test_no_empty_fences_at_a_cut():
    assert split("Some words come first\n```py\nx = 1\ny = 2\n```", 30) == [
        "Some words come first",
        "```py\nx = 1\ny = 2\n```",
    ]
    assert split("```\naaaaaaaaaa\nbbbbbbbbb\n```\nand words after it", 28) == [
        "```\naaaaaaaaaa\nbbbbbbbbb\n```",
        "and words after it",
    ]


def test_a_language_too_long_for_the_limit_gives_way_to_the_code():
    assert split("```a_language_of_20\nx = 1\ny = 2\nz = 3\n```", 27) == ["```\nx = 1\ny = 2\nz = 3\n```"]


def test_a_fence_that_nobody_closed_is_closed():
    assert split("```\nx", 20) == ["```\nx\n```"]


def test_a_surrogate_pair_is_not_cut():
    assert all(len(part) % 2 == 0 for part in split("\ud83d\ude00" * 50, 17))


def test_a_link_with_a_label_of_many_words_stays_whole():
    link = "<https://chat.example.com/archives/C1|a label of many words here>"
    assert split(f"Some words {link} and more of them", 70) == ["Some words", f"{link} and", "more of them"]


def test_what_is_escaped_or_bold_stays_whole():
    assert split(r"\*" * 30, 17) == [r"\*" * 8] * 3 + [r"\*" * 6]
    assert split(r"Some words **in bold \* here** and more", 28) == ["Some words", r"**in bold \* here** and more"]
    assert "".join(split("**" + "x" * 60 + "**", 30)) == "**" + "x" * 60 + "**"


def test_a_link_over_the_limit_is_cut_rather_than_lost():
    link = "https://a.example/" + "x" * 100
    assert "".join(split(link, 30)) == link


def test_one_grapheme_over_the_limit_is_cut_rather_than_lost():
    assert "".join(split("e" + "\u0301" * 100, 30)) == "e" + "\u0301" * 100


@pytest.mark.parametrize(
    "text",
    [
        "<" * 100_000,
        "<@" * 50_000,
        "[" * 100_000,
        "`" * 100_000,
        "```\n" * 25_000,
        " " * 99_999 + "x",
        "\n" * 99_999 + "x",
        "\u2060" * 100_000,
        "https://" * 12_500,
        "a b. " * 20_000,
        "&amp;" * 20_000,
        "**a" * 33_333,
        "**" * 50_000,
        "\\*" * 50_000,
        "(\n \n" * 25_000,
        "x" * 100_000,
    ],
    ids=lambda text: repr(text[:4]),
)
def test_hostile_texts_take_no_longer_than_others(text):
    start = time.process_time()
    parts = split(text, 3000)
    assert time.process_time() - start < 5
    assert all(len(part) <= 3000 for part in parts)
    assert bare("".join(parts)) == bare(text)


def test_a_limit_without_room():
    with pytest.raises(ValueError, match="under 16"):
        split("x", 15)
