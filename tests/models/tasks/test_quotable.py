import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.tasks.quotable import LONGEST, SHORT, addresses, spans


def quoted(text, addressed=frozenset()):
    return [text[start:end] for start, end in spans(text, addressed)]


def test_a_short_turn_stays_whole():
    assert quoted(" Reproduced! It takes three seconds.\nWho knows why? 👀") == [
        "Reproduced! It takes three seconds.\nWho knows why?"
    ]
    assert len(quoted("Yes. " * (SHORT // 5))) == 1


def test_a_longer_turn_is_cut_into_sentences_and_lines():
    first, last = "We roll back to 2.3.7 now, as " + "it " * 40 + "broke.", "- I do, says Dora"
    assert quoted(f"{first} Who tells support?\n{last}") == [first, "Who tells support?", last]


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
    assert quoted("@115850 it broke") == ["it broke"]


def test_a_handle_that_opens_many_turns_is_an_address():
    thread = ["@shop it broke", "@12 sorry!", "@shop still broken", "@12 try again", "@ana please look", "ok"]
    assert addresses(thread) == {"@shop", "@12"}
    assert addresses(["@ana please look", "ok"]) == set()


def test_a_sign_off_is_left_out():
    assert quoted("We are on it. ^AB") == ["We are on it."]
    assert quoted("We are on it /NH") == ["We are on it"]
    assert quoted("Run it with -v or and/or") == ["Run it with -v or and/or"]


@pytest.mark.parametrize("text", ["word " * 199 + "word", "x" * 1000])
def test_an_endless_sentence_is_quoted_in_parts(text):
    parts = quoted(text)
    assert max(map(len, parts)) <= LONGEST
    assert "".join(parts).replace(" ", "") == text.replace(" ", "")
    assert all(set(part.split()) <= {"word", "x" * len(part)} for part in parts)


@given(st.text(alphabet=st.sampled_from("ab .!?\n@#<>`:^/-0é👍\u200b\x00"), max_size=200) | st.text(max_size=200))
def test_spans_lie_in_order_within_the_text(text):
    at = 0
    for start, end in spans(text, {"@a"}):
        assert at <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        at = end
