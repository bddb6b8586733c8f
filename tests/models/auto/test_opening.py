import json
import pickle
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSequenceClassification

from models.auto import opening
from models.catalog import SequenceTask
from models.types import ModelUnavailable

from ..families import checkpoint, entry
from ..families_encoders import bert

CPU = {"device": torch.device("cpu"), "dtype": torch.float32}
PINNED = {"pickle": True, "sha256": {"pytorch_model.bin": "0" * 64}}  # which `models.load.found` compares


@pytest.fixture
def folder(tmp_path):
    return checkpoint(tmp_path / "mood", AutoModelForSequenceClassification, *bert())


def opened(folder, **fields):
    return opening.model(
        AutoModelForSequenceClassification, folder, SequenceTask(**entry(folder, "sequence", **fields)), **CPU
    )


def pickled(folder):
    """The checkpoint with its weights in the old form instead."""
    weights = opened(folder).state_dict()
    torch.save(weights, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    return weights


def test_a_pickle_is_refused_by_name_where_the_entry_does_not_pin_it(folder):
    pickled(folder)
    with pytest.raises(ModelUnavailable, match=r"mood has its weights as a pickle, pytorch_model\.bin"):
        opened(folder)


def test_a_pinned_pickle_is_opened(folder):
    weights = pickled(folder)
    assert all(torch.equal(tensor, weights[name]) for name, tensor in opened(folder, **PINNED).state_dict().items())


def test_safetensors_win_over_a_pinned_pickle(folder):
    (folder / "pytorch_model.bin").write_bytes(b"not even a pickle")
    assert opened(folder, **PINNED)


class Harmful:
    """What would create a file if it were unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_code_in_a_pinned_pickle_does_not_run(folder, tmp_path):
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Harmful(tmp_path / "harm"), protocol=2))
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        opened(folder, **PINNED)
    torch.save({"weight": Harmful(tmp_path / "harm")}, folder / "pytorch_model.bin")
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        opened(folder, **PINNED)
    assert not (tmp_path / "harm").exists()


def test_a_checkpoint_without_weights_is_refused(folder):
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelUnavailable, match="mood holds no weights that can be opened"):
        opened(folder)


def test_a_checkpoint_that_needs_code_of_its_own_is_refused_by_name(folder):
    path = folder / "config.json"
    config = json.loads(path.read_text()) | {"model_type": "mood", "auto_map": {"AutoConfig": "mood.Mood"}}
    path.write_text(json.dumps(config))
    (folder / "mood.py").write_text("raise SystemExit")
    with pytest.raises(ModelUnavailable, match="mood needs code of its own"):
        opening.config(folder, SequenceTask(**entry(folder, "sequence")))


@pytest.mark.parametrize("text", [None, "{", "[]"])
def test_a_configuration_that_is_none_is_refused(folder, text):
    path = folder / "config.json"
    path.unlink() if text is None else path.write_text(text)
    with pytest.raises(ModelUnavailable, match="configuration of mood"):
        opening.config(folder, SequenceTask(**entry(folder, "sequence")))
