"""Asking in batches, and the figures taken from the answers."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.tasks.extract import Extract
from models.training.answering_marks import Marks, answers


@pytest.fixture
def extract(tiny_encoder):
    torch.manual_seed(1)
    head = {"head.weight": torch.randn(2, 16), "head.bias": torch.zeros(2)}
    options = {"window": 16, "stride": 4, "longest": 3, "threshold": 0.0, "limit": 4000, "model": "tiny@1"}
    return Extract(tiny_encoder, head, **options)


def test_a_question_gets_the_same_answer_in_a_batch_as_alone(extract):
    """Enough passages for several batches, and contexts of one passage between others of many."""
    words = "the release broke . ana fixed it . we love it . thanks".split()
    items = [("who fixed it ?", " ".join((words * 9)[start : start + 7 * (start % 13 + 1)])) for start in range(60)]
    for item, found in zip(items, answers(extract, items, "test"), strict=True):
        pieces = extract.prepare(item)
        alone = extract.finish(item, pieces, extract.run(pieces))
        assert (found.best, found.span) == (alone.best, alone.span)
        assert found.margin == pytest.approx(alone.margin, abs=1e-4)


@pytest.fixture
def marks():
    """Three questions with an answer, then two without."""
    return Marks(
        overlap=np.array([1.0, 0.5, 0.0, 0.0, 0.0]),
        margin=np.array([3.0, -1.0, 2.0, 1.0, -2.0]),
        answered=np.array([True, True, True, True, False]),
        answerable=np.array([True, True, True, False, False]),
    )


def test_the_best_span_counts_even_where_it_was_declined(marks):
    assert marks.best == 50.0


@pytest.mark.parametrize(
    ("threshold", "f1", "declined"), [(-3.0, 50.0, 0.0), (-2.0, 50.0, 50.0), (0.0, 33.33, 50.0), (1.0, 33.33, 100.0)]
)
def test_a_declined_answer_counts_as_zero(marks, threshold, f1, declined):
    found = {"threshold": threshold, "answerable F1 with declines": f1, "unanswerable declined": declined}
    assert marks.at(threshold) == found


def test_what_the_task_gave_may_differ_from_a_threshold(marks):
    assert marks.figures(marks.answered) == {"answerable F1 with declines": 50.0, "unanswerable declined": 50.0}


@given(st.lists(st.floats(-9, 9), min_size=1, max_size=30), st.floats(0.01, 0.99))
def test_the_threshold_is_the_lowest_that_declines_the_share(margins, share):
    margin, unanswerable = np.array([*margins, 99.0]), np.array([*(False for _ in margins), True])
    threshold = Marks(margin, margin, margin > 0, unanswerable).threshold(share)
    assert threshold == round(threshold, 3)
    assert sum(m <= threshold + 1e-9 for m in margins) >= share * len(margins) - 1e-6
    assert sum(m < threshold - 0.001 for m in margins) < share * len(margins) + 1e-6
