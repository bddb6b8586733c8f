import time

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from models.tasks.masking import blank, complete, find, placeholder, restore


def found(text, kind):
    return [text[mask.start : mask.end] for mask in find(text) if mask.kind == kind]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("see https://example.com/a?b=c#d, or (https://en.example.org/wiki/A_(b)).",
         ["https://example.com/a?b=c#d", "https://en.example.org/wiki/A_(b)"]),
        ("at www.example.com/x now", ["www.example.com/x"]),
        ("mail ana.b+c@mail.example.com.", ["ana.b+c@mail.example.com"]),
        ("<@U123> and <@!12> or <@&3> in <#C9|general> and <#77>", ["<@U123>", "<@!12>", "<@&3>", "<#C9|general>", "<#77>"]),
        ("<!here> read <https://example.com|the page> at <t:1700000000:R>",
         ["<!here>", "<https://example.com|the page>", "<t:1700000000:R>"]),
        ("@ana.b in #help-desk about #42", ["@ana.b", "#help-desk", "#42"]),
        ("run `make test` or ``a ` b``", ["`make test`", "``a ` b``"]),
        ("the `turn`s", ["`turn`s"]),
        ("user_name __init__.py MAX_SIZE _private", ["user_name", "__init__.py", "MAX_SIZE"]),
        ("getUserName and getUser(id) and run() and a.b.c()", ["getUserName", "getUser(id)", "run()", "a.b.c()"]),
        ("use --dry-run --level=3 -v", ["--dry-run", "--level=3", "-v"]),
        ("in ./src/main.py, ~/notes and /etc/hosts", ["./src/main.py", "~/notes", "/etc/hosts"]),
        ("open src/app/main.py or C:\\Temp\\a.txt", ["src/app/main.py", "C:\\Temp\\a.txt"]),
        ("v1.2.3 and v2 and 10.0.0.1 and 1.2.3-rc1", ["v1.2.3", "v2", "10.0.0.1", "1.2.3-rc1"]),
        ("at 0xFF in deadbeef1", ["0xFF", "deadbeef1"]),
        ("$HOME and ${PATH}", ["$HOME", "${PATH}"]),
        ("main.py of example.com", ["main.py", "example.com"]),
        ("a &lt; b", ["&lt;"]),
        ("Zq1 is taken", ["Zq1"]),
    ],
)  # fmt: skip
def test_what_is_part_of_a_sentence_but_not_of_its_language(text, items):
    assert found(text, "item") == items


@pytest.mark.parametrize(
    "text",
    [
        "and/or, he/she, file(s), e.g. this, i.e. that",
        "at 10:30 on 2026-01-02 for R$ 1.234.567,00 and 3.5%",
        "it's John's well-known plan - or not -- maybe",
        "a * b, 2 > 1, #, @, the end.Next",
        "GitHub and JavaScript",
    ],
)
def test_plain_language_is_left_alone(text):
    assert find(text.replace("end.Next", "end. Next")) == []


@pytest.mark.parametrize(
    "emoji", ["🎉", "👍🏽", "👩‍💻", "🇧🇷🇵🇹", "1️⃣", "❤️", ":tada:", ":+1::skin-tone-2:", "<:party:123>", "<a:x:9>", ":)"]
)
def test_emoji_are_one_mask(emoji):
    assert found(f"well {emoji} done", "emoji") == [emoji]


def test_an_emoji_in_a_word_ends_the_sentence():
    assert found("great🎉and more", "break") == ["🎉"]


def test_code_blocks_are_breaks_even_when_left_open():
    assert found("a ```x\ny``` b ```z", "break") == ["```x\ny```", "```z"]


def test_masks_that_touch_are_one():
    assert found("see `a`<@U1><@U2>, and :a:🎉", "item") == ["`a`<@U1><@U2>"]
    assert found("see `a`<@U1><@U2>, and :a:🎉", "emoji") == [":a:🎉"]


def test_foreign_words_are_items_where_nothing_else_is():
    foreign = regex.compile(r"\w*é\w*")
    assert [mask.kind for mask in find("café `né` thé", foreign)] == ["item"] * 3


def test_restoring_puts_items_in_any_order_and_leaves_strangers():
    assert restore("Zq2 Zq1 Zq12 Zq01 Zq3", ["a", "Zq1"]) == "Zq1 a Zq12 Zq01 Zq3"


def test_complete_means_each_once_and_no_others():
    assert complete("x Zq2, Zq1", 2)
    assert not complete("Zq1", 2)
    assert not complete("Zq1 Zq1 Zq2", 2)
    assert not complete("Zq1 Zq2 Zq3", 2)
    assert not complete("Zq12", 2)
    assert complete("nothing", 0)


@given(st.text())
def test_masks_are_in_order_apart_and_within_the_text(text):
    masks = find(text)
    edges = [edge for mask in masks for edge in (mask.start, mask.end)]
    assert edges == sorted(edges)
    assert all(mask.start < mask.end for mask in masks)
    assert not edges or edges[-1] <= len(text)
    assert len(blank(text, masks, "X")) == len(text)


@given(
    st.lists(
        st.sampled_from(["`a`", "Zq1", "Zq", "1", " ", "é", "_", "🎉", ":x:", "\n", "```", "<@U1>", "#a", "http://a.b/c"])
    )
)
def test_items_never_touch_what_would_change_their_placeholder(parts):
    text = "".join(parts)
    for mask in find(text):
        if mask.kind != "break":
            around = text[mask.start - 1 : mask.start] + text[mask.end : mask.end + 1]
            assert not any(c.isalnum() or c == "_" for c in around)


@pytest.mark.parametrize(
    "run", ["a", "a-", "a.", "a/", "`", "<", ":a", "@", "1.", "a_", "#", "(", "-", "a🎉", "(a", "/a", "a@"]
)
def test_hostile_runs_take_time_in_proportion_to_their_length(run):
    begun = time.thread_time()
    find(run * (20_000 // len(run)))
    assert time.thread_time() - begun < 2


def test_placeholders_count_from_one():
    assert placeholder(1) == "Zq1"


def test_a_script_without_spaces_does_not_stick_to_what_is_masked():
    assert [(mask.start, mask.end) for mask in find("请看`x y`吧")] == [(2, 7)]
    assert [(mask.start, mask.end) for mask in find("see`x y`it")] == [(0, 10)]
