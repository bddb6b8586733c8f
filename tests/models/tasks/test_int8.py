import torch
from torch import nn

from models.tasks.int8 import Int8Linear, quantize


def test_eight_bits_stay_close_to_the_layer_they_replace():
    torch.manual_seed(0)
    linear, states = nn.Linear(64, 32), torch.randn(5, 7, 64)
    expected, found = linear(states), Int8Linear(linear)(states)
    assert found.shape == expected.shape
    assert (found - expected).norm() / expected.norm() < 0.03


def test_a_layer_without_bias_keeps_having_none():
    linear = nn.Linear(8, 4, bias=False)
    assert torch.allclose(Int8Linear(linear)(torch.zeros(1, 8)), torch.zeros(1, 4))


def test_every_linear_layer_inside_is_replaced():
    model = nn.Sequential(nn.Linear(4, 4), nn.Sequential(nn.ReLU(), nn.Linear(4, 2)))
    quantize(model)
    assert not [m for m in model.modules() if isinstance(m, nn.Linear)]
    assert len([m for m in model.modules() if isinstance(m, Int8Linear)]) == 2
