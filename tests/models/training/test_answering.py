"""The examples, the loss and the figures of the question-answering recipe."""

import random

import pytest
import torch
from torch import nn

from models.training.answering import collate, f1, negative, span_loss
from models.training.answering_data import Cropper, Example, Paragraph
from models.training.encoder import Reader


@pytest.fixture(scope="module")
def cropper():
    return Cropper(Reader().tokenizer, seed=1)


def test_a_batch_marks_the_context_and_the_accepted_places():
    batch = collate([Example([1, 2, 3, 4, 5, 6], 3, [(3, 4)]), Example([1, 2, 3, 4], 2, [])])
    assert batch["allowed"].int().tolist() == [[1, 0, 0, 1, 1, 0], [1, 0, 1, 0, 0, 0]]
    assert batch["types"].tolist() == [[0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 0, 0]]
    assert batch["mask"].tolist() == [[1] * 6, [1, 1, 1, 1, 0, 0]]
    assert [row.nonzero().flatten().tolist() for row in batch["start"]] == [[3], [0]]
    assert [row.nonzero().flatten().tolist() for row in batch["end"]] == [[4], [0]]


class Fixed(nn.Module):
    """Gives the logits it was made with."""

    def __init__(self, logits):
        super().__init__()
        self.logits = logits

    def forward(self, batch):
        return self.logits


def test_the_loss_is_the_mass_on_any_accepted_place():
    """Two of four equally likely starts are accepted, and one of four ends."""
    batch = collate([Example([1, 2, 3, 4], 1, [(1, 3), (2, 3)])])
    loss = span_loss(Fixed(torch.zeros(1, 4, 2)), batch)
    assert loss.item() == pytest.approx((torch.tensor(2.0).log() + torch.tensor(4.0).log()).item() / 2)


@pytest.mark.parametrize(
    ("guess", "truths", "score"),
    [
        ("The Parser!", ["parser"], 1.0),
        ("in May", ["May", "June"], 2 / 3),
        ("Ada", ["Grace"], 0.0),
        ("", ["Grace"], 0.0),
        ("anything", [], 0.0),
    ],
)
def test_f1_forgives_articles_and_takes_the_best_truth(guess, truths, score):
    assert f1(guess, truths) == pytest.approx(score)


def test_negatives_do_not_hold_the_answer(cropper):
    texts = ("Ada wrote the parser in May before Rome fell.", "It broke in June. " * 20, "Grace mended it in 1998 for Ada.")
    asked = ([("Who wrote the parser before May?", [(0, 3)])], [], [("Who mended it in 1998?", [(0, 5)])])
    article = [Paragraph("Parser", text, questions) for text, questions in zip(texts, asked, strict=True)]
    rng = random.Random(1)
    made = [found for _ in range(200) if (found := negative(article, cropper, 60, rng))]
    assert len(made) > 50
    for example in made:
        question = cropper.tokenizer.decode(example.ids[1 : example.context_at - 1])
        context = cropper.tokenizer.decode(example.ids[example.context_at : -1])
        assert example.spans == []
        if question == "who mended it in 1998?":
            assert "grace" not in context
