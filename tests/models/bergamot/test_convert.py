import pytest
import torch
import yaml

from models.bergamot import convert
from models.types import ModelUnavailable


def with_settings(entries, **changes):
    settings = yaml.safe_load(entries[0][3].rstrip(b"\0")) | {key.replace("_", "-"): value for key, value in changes.items()}
    return [(*entries[0][:3], yaml.safe_dump(settings).encode() + b"\0"), *entries[1:]]


def test_every_weight_finds_its_place(entries, marian_file, tiny_student):
    loaded = convert.load(marian_file(entries), words=40)
    expected = tiny_student.state_dict()
    assert loaded.state_dict().keys() == expected.keys()
    for name, tensor in loaded.state_dict().items():
        torch.testing.assert_close(tensor, expected[name], msg=name)
    assert not loaded.training
    assert loaded.generation_config.suppress_tokens == [1]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"type": "s2s"}, "type"),
        ({"dec_cell": "gru"}, "dec-cell"),
        ({"transformer_preprocess": "n"}, "transformer-preprocess"),
        ({"tied_embeddings_all": False, "tied_embeddings": False}, "not tied"),
    ],
)
def test_another_family_is_refused_by_name(entries, marian_file, change, name):
    with pytest.raises(ModelUnavailable, match=name):
        convert.load(marian_file(with_settings(entries, **change)), words=40)


def test_settings_without_sizes_are_refused(entries, marian_file):
    with pytest.raises(ModelUnavailable, match="sizes"):
        convert.load(marian_file(with_settings(entries, dim_emb=None)), words=40)


def test_missing_and_misshapen_weights_are_refused(entries, marian_file):
    with pytest.raises(ModelUnavailable, match="model.xxyy"):
        convert.load(marian_file(entries[:-1]), words=40)
    with pytest.raises(ModelUnavailable, match="model.xxyy"):
        convert.load(marian_file(with_settings(entries, transformer_dim_ffn=64)), words=40)


def test_weights_of_another_vocabulary_are_refused(entries, marian_file):
    with pytest.raises(ModelUnavailable, match="vocabulary"):
        convert.load(marian_file(entries), words=39)


def test_exactly_one_file_may_match(tmp_path):
    with pytest.raises(ModelUnavailable, match=r"model\.enpt"):
        convert.find(tmp_path, "model.enpt.*.bin")
    (tmp_path / "model.enpt.a.bin").touch()
    assert convert.find(tmp_path, "model.enpt.*.bin").name == "model.enpt.a.bin"
    (tmp_path / "model.enpt.b.bin").touch()
    with pytest.raises(ModelUnavailable, match="holds 2"):
        convert.find(tmp_path, "model.enpt.*.bin")
