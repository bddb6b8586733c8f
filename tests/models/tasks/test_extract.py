import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.tasks.extract import Extract, Passage, _best
from models.types import TextRefused


@pytest.fixture
def extract(tiny_encoder):
    torch.manual_seed(1)
    head = {"head.weight": torch.randn(2, 16), "head.bias": torch.zeros(2)}
    options = {"window": 16, "stride": 4, "longest": 3, "threshold": 0.0, "limit": 400, "model": "tiny@1"}
    return Extract(tiny_encoder, head, **options)


def test_windows_overlap_and_cover_the_whole_context(extract):
    context = " ".join(["the release broke"] * 12)
    passages = extract.prepare(("who fixed it ?", context))
    covered = {offset for passage in passages for offset in passage.offsets}
    assert len(covered) == 36
    assert all(passage.size <= 16 for passage in passages)
    for one, two in itertools.pairwise(passages):
        assert one.offsets[-4:] == two.offsets[:4]


def test_a_context_that_fits_is_one_passage(extract):
    assert len(extract.prepare(("who ?", "ana fixed it ."))) == 1


def test_the_answer_is_a_span_of_the_context(extract):
    item = ("who fixed it ?", "the release broke . ana fixed it . we love it . thanks")
    pieces = extract.prepare(item)
    found = extract.finish(item, pieces, extract.run(pieces))
    start, end = found.best
    assert 0 <= start < end <= len(item[1])
    assert found.span in (found.best, None)
    assert 0.5 <= found.score <= 1


def scores(*rows):
    return np.array(rows, dtype=np.float32)


PASSAGE = Passage([2, 5, 3, 6, 7, 8, 3], 3, [(0, 1), (2, 3), (4, 5)])


@pytest.mark.parametrize(("null", "span"), [(-5.0, (2, 5)), (20.0, None)])
def test_no_answer_wins_when_its_score_is_higher(extract, null, span):
    raw = scores([null, null], [0, 0], [0, 0], [0, 0], [9, 0], [0, 9], [0, 0])
    found = extract.finish(("who ?", "a b c"), [PASSAGE], [raw])
    assert (found.span, found.best) == (span, (2, 5))
    assert found.margin == pytest.approx(18 - 2 * null)


def test_the_passage_with_the_greatest_margin_decides(extract):
    weak = scores([0, 0], [0, 0], [0, 0], [1, 1], [0, 0], [0, 0], [0, 0])
    strong = scores([0, 0], [0, 0], [0, 0], [0, 0], [0, 0], [3, 3], [0, 0])
    found = extract.finish(("who ?", "a b c"), [PASSAGE, PASSAGE], [weak, strong])
    assert found.span == (4, 5)


@pytest.mark.parametrize(("passages", "answered"), [(1, True), (3, False)])
def test_one_passage_of_many_must_answer_more_clearly(extract, passages, answered):
    raw = scores([0, 0], [0, 0], [0, 0], [0.5, 0.5], [0, 0], [0, 0], [0, 0])
    found = extract.finish(("who ?", "a b c"), [PASSAGE] * passages, [raw] * passages)
    assert found.margin == pytest.approx(1.0 - np.log(passages))
    assert (found.span is not None) == answered


@given(st.lists(st.tuples(*[st.floats(-9, 9, width=32)] * 2), min_size=7, max_size=7), st.integers(1, 3))
def test_the_best_span_is_the_best_of_all_pairs(rows, longest):
    raw = scores(*rows)
    margin, span = _best(PASSAGE, raw, longest)
    pairs = [
        (raw[i, 0] + raw[j, 1], (PASSAGE.offsets[i - 3][0], PASSAGE.offsets[j - 3][1]))
        for i in range(3, 6)
        for j in range(i, min(6, i + longest))
    ]
    assert margin == pytest.approx(max(score for score, _ in pairs) - raw[0].sum(), abs=1e-4)
    assert span in [place for score, place in pairs if score == pytest.approx(max(pairs)[0], abs=1e-4)]


@pytest.mark.parametrize(
    ("question", "context", "reason"), [("", "ana", "empty"), ("who ?", " ", "empty"), ("who ?", "it " * 200, "long")]
)
def test_what_cannot_be_read_is_refused(extract, question, context, reason):
    with pytest.raises(TextRefused) as refused:
        extract.prepare((question, context))
    assert refused.value.reason == reason
