import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.bergamot.spelling import Spelling

PIECES = ["▁the", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "áãçéó", "É", "0123456789", ".,'\"-!?()*/½⁄"]


@pytest.fixture(scope="module")
def spelling():
    return Spelling(PIECES)


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("don’t “quote” – or", 'don\'t "quote" - or'),
        ("Óbvio", "óbvio"),
        ("É", "É"),
        ("ÇÃO", "çãO"),
        ("über Übung Ñ ñ", "uber Ubung N n"),
        ("日本 €", "日本 €"),
    ],
)
def test_characters_get_their_nearest_spelling(spelling, text, spelled):
    assert spelling.spell(text) == spelled


@given(st.text())
def test_no_character_comes_or_goes(spelling, text):
    assert len(spelling.spell(text)) == len(text)


def test_words_that_cannot_be_spelled_are_foreign(spelling):
    assert spelling.foreign.findall("say 日本語 or Estа, for €50 (ok) Óbvio ’ … ﬁne\u00a0\u200b x") == [
        "日本語",
        "Estа",
        "€50",
    ]


def test_all_that_can_be_read_is_not_foreign(spelling):
    assert not spelling.foreign.search('The quick brown fox; it\'s (a) "test" - ok? Über naïve a\u0303o'.replace(";", ","))
