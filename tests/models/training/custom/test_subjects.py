import pytest
import torch

from models.examples import Asked, Labelled
from models.tasks.extract import Passage
from models.training.custom.subjects import Answers, Labels, Places
from models.types import Classification, Extraction


def test_a_rare_label_counts_as_much_as_a_common_one():
    taught = [Labelled(str(n), "common") for n in range(9)] + [Labelled("9", "rare")]
    subject = Labels(("common", "rare"), taught)
    assert subject.weights.tolist() == pytest.approx([10 / 18, 5.0])
    assert 9 * subject.weights[0].item() == pytest.approx(subject.weights[1].item())


def test_each_window_of_a_text_is_taught_its_label():
    rows = [Labelled("a", "x"), Labelled("b", "y")]
    subject = Labels(("x", "y"), rows)
    assert subject.targets(rows[1], ["window", "window"]) == [1, 1]
    found = subject.figures(rows, [Classification("x", {}, ""), Classification("x", {}, "")])
    assert found["accuracy"] == 0.5


PASSAGE = Passage([2, 9, 3, 5, 6, 7, 3], 3, [(10, 13), (14, 18), (19, 25)])


@pytest.mark.parametrize(
    ("spans", "places"),
    [
        (((14, 18),), Places((4,), (4,))),
        (((10, 18), (19, 25)), Places((3, 5), (4, 5))),
        (((11, 12),), Places((3,), (3,))),
        (((5, 13),), Places((0,), (0,))),
        ((), Places((0,), (0,))),
    ],
)
def test_a_passage_is_taught_the_answers_that_it_holds_whole(spans, places):
    assert Answers().targets(Asked("q", " " * 30, spans), [PASSAGE]) == [places]


def test_the_loss_is_the_mass_on_any_accepted_place():
    """Of four likely starts two are accepted, and of four ends one; the question takes no part."""
    loss = Answers().loss(torch.zeros(1, 7, 2), [PASSAGE], [Places((3, 4), (5,))])
    assert loss.item() == pytest.approx((torch.tensor(2.0).log() + torch.tensor(4.0).log()).item() / 2)


def extraction(span, margin, threshold=0.0):
    return Extraction(span if margin > threshold else None, 0.5, span, margin, "")


def test_the_threshold_is_where_most_is_right():
    rows = [Asked("q", "Ana Ben", ((0, 3),)), Asked("q", "Ana Ben", ()), Asked("q", "Ana Ben", ((4, 7),))]
    results = [extraction((0, 3), 4.0), extraction((0, 3), 1.0), extraction((4, 7), 2.0)]
    found = Answers().tuned(rows, results)
    assert found["threshold"] == 1.5
    assert found["F1"] == 1
    assert Answers().figures(rows, results)["F1"] == pytest.approx(2 / 3)


def test_without_unanswerable_questions_the_threshold_stays():
    rows = [Asked("q", "Ana Ben", ((0, 3),))]
    assert Answers(-1.8).tuned(rows, [extraction((0, 3), -1.0)]) == {"threshold": -1.8, "EM": 1, "F1": 1}
