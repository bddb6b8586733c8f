import torch
from torch import nn

from models.tasks.int8 import Int8Linear


def test_eight_bits_stay_close_to_the_layer_they_replace():
    torch.manual_seed(0)
    linear, states = nn.Linear(64, 32), torch.randn(5, 7, 64)
    expected, found = linear(states), Int8Linear(linear)(states)
    assert found.shape == expected.shape
    assert (found - expected).norm() / expected.norm() < 0.03


def test_a_layer_without_bias_keeps_having_none():
    linear = nn.Linear(8, 4, bias=False)
    assert torch.allclose(Int8Linear(linear)(torch.zeros(1, 8)), torch.zeros(1, 4))
