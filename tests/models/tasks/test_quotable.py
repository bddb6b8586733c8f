import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.tasks.quotable import LONGEST, addresses, sentences


def quoted(text, addressed=frozenset()):
    return [text[start:end] for start, end in sentences(text, addressed)]


def test_a_turn_is_cut_into_sentences_and_lines():
    text = "We roll back to 2.3.7 now. Who tells support?\n- I do, says Dora"
    assert quoted(text) == ["We roll back to 2.3.7 now.", "Who tells support?", "- I do, says Dora"]


@pytest.mark.parametrize(
    "text", ["", "   ", "👍🎉", "+1", "...", "https://example.org/a/b", "<@U123ABC>", ":tada:", "@ana", "^AB"]
)
def test_what_holds_no_words_is_not_quoted(text):
    assert quoted(text) == []


def test_fenced_code_is_not_quoted_but_what_surrounds_it_is():
    assert quoted("It fails here:\n```\nraise Broken now\n```\nAny idea?") == ["It fails here:", "Any idea?"]
    assert quoted("Look ``` never closed") == ["Look"]


def test_an_opening_handle_is_kept_unless_it_only_addresses():
    assert quoted("@maria can you own the fix?") == ["@maria can you own the fix?"]
    assert quoted("@shop @ana it broke", {"@shop"}) == ["@ana it broke"]
    assert quoted("@115850 it broke. @115850 is who sold it") == ["it broke.", "is who sold it"]


def test_a_handle_that_opens_many_turns_is_an_address():
    thread = ["@shop it broke", "@12 sorry!", "@shop still broken", "@12 try again", "@ana please look", "ok"]
    assert addresses(thread) == {"@shop", "@12"}
    assert addresses(["@ana please look", "ok"]) == set()


def test_a_sign_off_is_left_out():
    assert quoted("We are on it. ^AB") == ["We are on it."]
    assert quoted("We are on it /NH") == ["We are on it"]
    assert quoted("Run it with -v or and/or") == ["Run it with -v or and/or"]


def test_an_endless_sentence_ends_at_a_space():
    (only,) = quoted("word " * 1000)
    assert len(only) <= LONGEST
    assert only.endswith("word")
    (solid,) = quoted("x" * 1000)
    assert len(solid) == LONGEST


@given(st.text(alphabet=st.sampled_from("ab .!?\n@#<>`:^/-0é👍\u200b\x00"), max_size=200) | st.text(max_size=200))
def test_spans_lie_in_order_within_the_text(text):
    at = 0
    for start, end in sentences(text, {"@a"}):
        assert at <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        at = end
