import pytest

from models.tasks.salience import Passage
from models.training.salience_data import Told
from models.training.salience_targets import Grams, picks, targets

SAID = ["the release broke the checkout", "good morning everyone", "ana rolls it back", "the release broke the checkout"]


def pieces():
    return [Passage(i, 0, len(text), []) for i, text in enumerate(SAID)]


def test_the_search_takes_what_the_summary_says_once():
    assert sorted(picks([Grams.of(text) for text in SAID], Grams.of("the release broke, ana rolls back"))) == [0, 2]


def test_the_search_takes_nothing_where_nothing_is_shared():
    assert picks([Grams.of("hello")], Grams.of("something else")) == []


def test_likeness_is_that_of_two_f1_scores():
    assert Grams.of("a b c").likeness(Grams.of("a b c")) == pytest.approx(2)
    assert Grams.of("a b").likeness(Grams.of("b a")) == pytest.approx(1)


def test_a_target_is_the_share_of_summaries_that_pick_the_sentence():
    thread = Told([("A", text) for text in SAID], ["the release broke the checkout", "ana rolls it back"])
    assert targets(thread, pieces()).tolist() == [0.5, 0, 0.5, 0]


def test_marks_come_before_summaries():
    thread = Told([("A", text) for text in SAID], telling=[(1, 0, 4), (2, 4, 9)])
    assert targets(thread, pieces()).tolist() == [0, 1, 1, 0]
