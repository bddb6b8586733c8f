"""The training loop and its batches."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from models.training.loop import by_length, fit


@given(st.lists(st.integers(1, 100), max_size=200), st.integers(1, 300), st.integers(1, 50))
def test_batches_hold_every_example_once_and_keep_to_their_size(lengths, tokens, pool):
    batches = by_length(lengths, tokens=tokens, seed=1, pool=pool)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or max(lengths[i] for i in batch) * len(batch) <= tokens


class Interrupted(Exception):
    pass


@pytest.fixture
def trained(tmp_path):
    """Fits a line to points; stops after some steps if told to, and goes on from there the next time."""

    def train(folder, stop=None):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(1, 1))
        seen = []

        def collate(rows):
            if len(seen) == stop:
                raise Interrupted
            seen.append(rows)
            x = torch.tensor(rows, dtype=torch.float).unsqueeze(1) / 10
            return {"x": x, "y": 3 * x + 1}

        def loss(model, batch):
            return (model(batch["x"]) - batch["y"]).square().mean()

        plan = [[i % 7, i % 5] for i in range(60)]
        fit(model, plan, collate, loss, lr=0.1, warmup=5, folder=tmp_path / folder, save_every_s=0.0)
        return model, seen

    return train


def test_a_line_is_learned(trained):
    model, _ = trained("whole")
    assert model(torch.tensor([[0.5]])).item() == pytest.approx(2.5, abs=0.3)


def test_an_interrupted_run_goes_on_to_the_same_end(trained):
    whole, _ = trained("whole")
    with pytest.raises(Interrupted):
        trained("cut", stop=23)
    resumed, seen = trained("cut")
    assert len(seen) == 60 - 23
    for ours, theirs in zip(resumed.parameters(), whole.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)
