import pytest
import torch

from models.tasks.classify import Classify
from models.types import TextRefused


@pytest.fixture
def classify(tiny_encoder):
    torch.manual_seed(1)
    head = {"head.weight": torch.randn(3, 16), "head.bias": torch.randn(3)}
    return Classify(tiny_encoder, head, ["negative", "neutral", "positive"], window=8, limit=200, model="tiny@1")


def run(task, *texts):
    pieces = [task.prepare(text) for text in texts]
    raw = iter(task.run([piece for some in pieces for piece in some]))
    return [task.finish(text, some, [next(raw) for _ in some]) for text, some in zip(texts, pieces, strict=True)]


def test_scores_are_probabilities_and_the_label_is_the_likeliest(classify):
    (found,) = run(classify, "we love it")
    assert sum(found.scores.values()) == pytest.approx(1, abs=1e-5)
    assert found.scores[found.label] == max(found.scores.values())
    assert found.model == "tiny@1"


def test_a_text_gets_the_same_scores_whoever_shares_its_batch(classify):
    together = run(classify, "we love it", "the release broke . who did it ?", "thanks")
    for text, found in zip(["we love it", "the release broke . who did it ?", "thanks"], together, strict=True):
        (alone,) = run(classify, text)
        assert found.scores == pytest.approx(alone.scores, abs=1e-5)


def test_a_long_text_is_read_to_its_end(classify):
    start = "the release broke . " * 2
    (one,), (other,) = run(classify, start + "we love it"), run(classify, start + "who did it")
    assert one.scores != pytest.approx(other.scores, abs=1e-4)
    assert all(piece.size <= 8 for piece in classify.prepare(start * 3))


@pytest.mark.parametrize(("text", "reason"), [("", "empty"), ("  \n\x00", "empty"), ("it " * 100, "long")])
def test_what_cannot_be_read_is_refused(classify, text, reason):
    with pytest.raises(TextRefused) as refused:
        classify.prepare(text)
    assert refused.value.reason == reason
