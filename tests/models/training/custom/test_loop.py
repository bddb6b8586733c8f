"""When training ends, and which weights stay."""

from dataclasses import dataclass

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from models.training.custom.exam import Lesson
from models.training.custom.loop import Interrupted, Pace, batches, fit


@given(st.lists(st.integers(1, 50), max_size=120), st.integers(1, 9), st.integers(0, 5))
def test_batches_hold_every_lesson_once(sizes, most, seed):
    made = batches(sizes, most, seed=seed)
    assert sorted(at for batch in made for at in batch) == list(range(len(sizes)))
    assert all(1 <= len(batch) <= most for batch in made)
    assert made == batches(sizes, most, seed=seed)


def test_pieces_of_like_length_share_a_batch():
    sizes = [1, 30] * 20
    assert all(len({sizes[at] for at in batch}) == 1 for batch in batches(sizes, 4, seed=1))


@dataclass
class Point:
    x: float
    size: int = 1


class Line(nn.Module):
    fresh = False

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(1, 1)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    @property
    def trained(self):
        return dict(self.named_parameters())

    def heads(self):
        return [self.linear.bias]

    def forward(self, pieces):
        return self.linear(torch.tensor([[piece.x] for piece in pieces]))


class Squares:
    """Teaches numbers, and gives the figures that it was told to."""

    metric = "F1"

    def loss(self, logits, pieces, targets):
        return (logits.squeeze(1) - torch.tensor(targets)).square().mean()

    def raw(self, logits, pieces):
        return logits.tolist()


class Told:
    """An exam with foreseen figures."""

    def __init__(self, figures):
        self.figures, self.seen = iter(figures), []

    def tuned(self, run):
        self.seen.append(run([Lesson(Point(1.0), 4.0)]))
        return {"F1": next(self.figures)}


class Ears:
    def __init__(self):
        self.steps, self.best = 0, []

    def step(self, epoch, step, steps, loss):
        self.steps += 1

    def epoch(self, epoch, *, best):
        self.best.append(best)


LESSONS = [Lesson(Point(x / 4), 3 * x / 4 + 1) for x in range(8)]


def run(tmp_path, figures, ears, network=None, **options):
    network = network or Line()
    exam, pace = Told(figures), Pace(epochs=6, patience=2, batch=2, rate=0.1)
    history = fit(network, Squares(), LESSONS, exam, pace, checkpoint=tmp_path / "c.pt", watch=ears, **options)
    return network, exam, history


def test_it_ends_once_no_better_epoch_comes_and_the_best_weights_stay(tmp_path):
    ears = Ears()
    network, exam, history = run(tmp_path, [0.2, 0.6, 0.5, 0.4, 0.9], ears)
    assert [epoch.number for epoch in history] == [1, 2, 3, 4]
    assert ears.best == [True, True, False, False]
    assert ears.steps == 16
    assert network([Point(1.0)]).tolist() == exam.seen[1]


def test_of_equal_figures_the_lower_loss_is_better(tmp_path):
    ears = Ears()
    _, _, history = run(tmp_path, [0.5] * 6, ears)
    lowest = min(range(len(history)), key=lambda at: history[at].held)
    assert [at for at, best in enumerate(ears.best) if best][-1] == lowest


def test_the_loss_falls_and_is_the_mean_of_its_epoch(tmp_path):
    _, _, history = run(tmp_path, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], Ears())
    assert history[-1].loss < history[0].loss / 4


@pytest.mark.parametrize("stop", [1, 4, 7, 12])
def test_a_stopped_run_goes_on_to_the_same_weights(tmp_path, stop):
    figures = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    (tmp_path / "whole").mkdir()
    whole, _, _ = run(tmp_path / "whole", figures, Ears())
    ears = Ears()
    with pytest.raises(Interrupted):
        run(tmp_path, figures, ears, stop=lambda: ears.steps == stop)
    done = (stop - 1) // 4
    resumed, _, history = run(tmp_path, figures[done:], ears)
    assert ears.steps == 24
    assert len(history) == 6
    for ours, theirs in zip(resumed.parameters(), whole.parameters(), strict=True):
        assert torch.equal(ours, theirs)
