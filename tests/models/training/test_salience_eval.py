import pytest

from models.training.salience_data import Told
from models.training.salience_eval import first, rouge


def test_the_best_reference_counts_for_each_measure():
    thread = Told([("A", "x")], ["the release broke", "nothing of the kind"])
    assert rouge([thread, thread], ["the releases broke", "the release broke"]) == pytest.approx([100, 100, 100])
    one, two, long = rouge([thread], ["the release is fine"])
    assert (one, two, long) == pytest.approx([57.14, 40, 57.14], abs=0.1)


def test_the_first_turns_are_a_summary():
    assert first(["a", "b", "c", "d"]) == "a b c"
