import numpy as np
import pytest

from models.evaluation.figures import average, compare


def test_a_clear_difference_is_no_chance():
    better, worse = average("F1", [1.0] * 90 + [0.0] * 10), average("F1", [1.0] * 50 + [0.0] * 50)
    found = compare(better, worse, seed=1)
    assert found.value == pytest.approx(0.4)
    assert 0.25 < found.low < 0.4 < found.high < 0.55
    assert found.p < 0.01


def test_the_interval_is_that_of_the_paired_differences():
    rng = np.random.default_rng(0)
    shared = rng.normal(size=400)
    gaps = rng.normal(0.1, 1.0, size=400)
    found = compare(average("x", shared * 50 + gaps), average("x", shared * 50), seed=2)
    error = gaps.std() / 20
    assert found.low == pytest.approx(gaps.mean() - 1.96 * error, abs=0.02)
    assert found.high == pytest.approx(gaps.mean() + 1.96 * error, abs=0.02)


def test_the_same_answers_do_not_differ():
    same = average("F1", [1.0, 0.0, 1.0])
    found = compare(same, same, seed=0)
    assert (found.value, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_a_seed_gives_the_same_draws():
    first, second = average("F1", [1.0, 0.0, 1.0, 1.0]), average("F1", [0.0, 0.0, 1.0, 0.5])
    assert compare(first, second, seed=5) == compare(first, second, seed=5)


def test_other_items_cannot_be_paired():
    with pytest.raises(ValueError, match="2 items"):
        compare(average("F1", [1, 0]), average("F1", [1]), seed=0)
