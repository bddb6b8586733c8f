import pytest
import torch

from models.tasks.encoder import pad
from models.tasks.int8 import Int8Linear
from models.tasks.packed import PackedBert

ROWS = [[2, 4, 5, 6, 3], [2, 7, 3], [2, 3]]


def reference(model, rows, types=None):
    ids, mask = pad(rows)
    return model(input_ids=ids, attention_mask=mask.long(), token_type_ids=types).last_hidden_state, ids, mask


@pytest.mark.parametrize("rows", [ROWS, ROWS[:1], [ROWS[1]] * 3], ids=["mixed", "alone", "equal lengths"])
@torch.inference_mode()
def test_states_are_those_of_transformers(tiny_model, rows):
    expected, ids, mask = reference(tiny_model, rows)
    found = PackedBert(tiny_model)(ids, mask)
    assert torch.allclose(found[mask], expected[mask], atol=1e-5)
    assert not found[~mask].any()


@torch.inference_mode()
def test_segments_count(tiny_model):
    types = torch.tensor([[0, 0, 1, 1, 1], [0, 1, 1, 0, 0], [0, 1, 0, 0, 0]])
    expected, ids, mask = reference(tiny_model, ROWS, types)
    found = PackedBert(tiny_model)(ids, mask, types)
    assert torch.allclose(found[mask], expected[mask], atol=1e-5)
    assert not torch.allclose(found[mask], PackedBert(tiny_model)(ids, mask)[mask], atol=1e-2)


@torch.inference_mode()
def test_eight_bits_stay_close(tiny_model):
    expected, ids, mask = reference(tiny_model, ROWS)
    found = PackedBert(tiny_model, Int8Linear)(ids, mask)
    assert torch.nn.functional.cosine_similarity(found[mask], expected[mask]).min() > 0.98
