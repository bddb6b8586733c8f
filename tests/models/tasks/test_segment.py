import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from models.tasks.segment import LONGEST, Emphasis, marked, split

FRAGMENTS = [
    "Hello there.",
    "ok",
    " ",
    "  ",
    "\n",
    "\r\n",
    "\t",
    "\u2028",
    "\x00",
    "- ",
    "1. ",
    "> ",
    "# ",
    "*",
    "**",
    "_",
    "~~",
    "||",
    "`code`",
    "```\nblock\n```",
    "```",
    "https://example.com/a",
    "<@U1>",
    "#general",
    "@ana",
    ":tada:",
    "🎉",
    "Zq1",
    "Zq2",
    "Zq",
    "7",
    "user_name",
    "v1.2.3",
    "É isso!",
    "Dr. Silva",
    "...",
    "?!",
    "(",
    ")",
    "[",
    "](",
    "日本語",
    "x" * 90,
    "word " * 90,
    "e\u0301",
]
messages = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])), st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join)
)
FOREIGN = regex.compile(r"[日本語]+")


def masked(text):
    return [sentence.masked for sentence in split(text, "en") if sentence.masked]


@given(messages)
def test_splitting_and_joining_is_the_identity(text):
    sentences = split(text, "en", FOREIGN)
    assert "".join(sentence.filled(marked(sentence.masked, sentence.emphases)) for sentence in sentences) == text


@given(messages)
@example("A ||||")
def test_no_sentence_is_empty_but_the_last_or_longer_than_the_limit_allows(text):
    sentences = split(text, "en")
    assert sentences
    assert all(sentence.masked for sentence in sentences[:-1])
    assert all(len(sentence.masked) <= LONGEST + 8 * len(sentence.items) for sentence in sentences)
    assert all(sentence.masked == sentence.masked.strip() for sentence in sentences)


def test_sentences_of_a_line_and_lines_are_told_apart():
    assert masked("We did it. It works!\nNext line\r\nand another") == [
        "We did it.", "It works!", "Next line", "and another",
    ]  # fmt: skip


def test_abbreviations_do_not_end_a_sentence():
    assert masked("Ask Dr. Smith about it. He knows.") == ["Ask Dr. Smith about it.", "He knows."]


@pytest.mark.parametrize(
    "prefix", ["> ", ">", ">>> ", "- ", "* ", "• ", "1. ", "12) ", "## ", "  - ", "- [ ] ", "> - ", "\t"]
)
def test_what_a_line_begins_with_is_copied(prefix):
    (sentence,) = split(f"{prefix}First thing", "en")
    assert (sentence.before, sentence.masked) == (prefix, "First thing")


def test_items_are_numbered_in_each_sentence():
    first, second = split("Ask @ana about `x`. Then tell @bob.", "en")
    assert (first.masked, first.items) == ("Ask Zq1 about Zq2.", ("@ana", "`x`"))
    assert (second.masked, second.items) == ("Then tell Zq1.", ("@bob",))


def test_a_point_in_an_item_ends_no_sentence():
    assert masked("See https://example.com/a.b.c. Then go.") == ["See Zq1.", "Then go."]


def test_emoji_at_the_edges_are_copied_and_others_are_items():
    first, second, last = split("🎉 All done :tada:\nI :heart: this 🎉", "en")
    assert (first.before, first.masked) == ("🎉 ", "All done")
    assert (second.before, second.masked, second.items) == (" :tada:\n", "I Zq1 this", (":heart:",))
    assert last.before == " 🎉"


@pytest.mark.parametrize(
    "text", ["🎉", "https://example.com", "```\ncode\n```", "12:30", " \n ", "...", "@ana <#C1> `x`", ""]
)
def test_a_message_without_language_has_nothing_to_translate(text):
    (sentence,) = split(text, "en")
    assert (sentence.before, sentence.masked) == (text, "")


def test_markup_around_a_whole_sentence_is_copied():
    (sentence, end) = split("**Do this now**", "en")
    assert (sentence.before, sentence.masked, end.before) == ("**", "Do this now", "**")


def test_markup_around_several_sentences_is_copied():
    assert masked("*Do this. Then that.*") == ["Do this.", "Then that."]


def test_markup_in_a_sentence_is_taken_out_and_remembered():
    (sentence,) = split("This is **very important** and _new_ here", "en")
    assert sentence.masked == "This is very important and new here"
    assert sentence.emphases == (Emphasis(8, 22, "**", "**"), Emphasis(27, 30, "_", "_"))


@pytest.mark.parametrize("text", ["2 * 3 * 4 is more", "a * b", "an *open end", "x ~ y"])
def test_signs_that_are_no_markup_stay(text):
    assert masked(text) == [text]


def test_a_long_sentence_is_cut_after_a_clause_or_else_a_word():
    clause = "one two three four five six seven eight nine ten eleven twelve; "
    first, *_ = masked(clause * 12)
    assert first.endswith(";")
    assert all(part.split()[-1] == "word" for part in masked("word " * 300))
    assert "".join(masked("x" * 1000)) == "x" * 1000


def test_a_cut_never_goes_through_an_item():
    link = "https://example.com/" + "a" * 600
    sentences = split(f"Look at {link} and then at the rest of it", "en")
    assert [item for sentence in sentences for item in sentence.items] == [link]
