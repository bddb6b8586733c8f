import pytest
import torch

from models.tasks.encoder import mean, pad


def test_padding_is_masked():
    ids, mask = pad([[5, 6, 7], [8]])
    assert ids.tolist() == [[5, 6, 7], [8, 0, 0]]
    assert mask.tolist() == [[True, True, True], [True, False, False]]


def test_the_mean_ignores_padding():
    states = torch.tensor([[[1.0], [3.0], [100.0]]])
    assert mean(states, torch.tensor([[1, 1, 0]])).item() == 2.0


def test_a_row_has_the_same_states_alone_and_in_a_batch(tiny_encoder):
    together, _ = tiny_encoder.states([[2, 4, 5, 3], [2, 6, 3]])
    alone, _ = tiny_encoder.states([[2, 6, 3]])
    assert torch.allclose(together[1, :3], alone[0], atol=1e-5)


def test_tokens_know_their_place_in_the_text(tiny_encoder):
    ids, offsets = tiny_encoder.tokens("The release")
    assert (ids, offsets) == ([4, 5], [(0, 3), (4, 11)])


def test_special_tokens_are_found_or_their_lack_is_an_error(tiny_encoder):
    assert tiny_encoder.special("[SEP]") == 3
    with pytest.raises(AssertionError):
        tiny_encoder.special("[MASK]")
