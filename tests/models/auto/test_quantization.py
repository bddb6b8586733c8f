"""Which library quantizes where; the libraries themselves need not be there."""

from importlib.machinery import ModuleSpec

import pytest
import torch
from transformers import AutoModelForSequenceClassification, BitsAndBytesConfig

from models.auto import opening, quantization
from models.catalog import SequenceTask
from models.types import ModelUnavailable

from ..families import checkpoint, entry
from ..families_encoders import bert

CPU, CUDA, APPLE = (torch.device(name) for name in ("cpu", "cuda:0", "mps"))


def wanted(folder, way):
    return SequenceTask(**entry(folder, "sequence", quantization=way))


@pytest.fixture
def installed(monkeypatch):
    def install(*packages):
        found = {name: ModuleSpec(name, None) for name in packages}
        monkeypatch.setattr(quantization, "find_spec", found.get)

    return install


def test_nothing_is_quantized_unless_the_entry_says_so(tmp_path, installed):
    installed()
    assert quantization.options(wanted(tmp_path, "none"), device=CPU, dtype=torch.float32) == {}


@pytest.mark.parametrize("device", [CPU, CUDA])
def test_a_missing_package_is_named_with_the_command(tmp_path, installed, device):
    installed("torchao")
    with pytest.raises(ModelUnavailable, match="int8, for which a package is missing; install it with: pip install bits"):
        quantization.options(wanted(tmp_path, "int8"), device=device, dtype=torch.float32)


def test_a_checkpoint_is_refused_before_it_is_read(tmp_path, installed):
    installed()
    checkpoint(tmp_path, AutoModelForSequenceClassification, *bert())
    with pytest.raises(ModelUnavailable, match="package is missing"):
        opening.model(
            AutoModelForSequenceClassification, tmp_path, wanted(tmp_path, "int8"), device=CPU, dtype=torch.float32
        )


def test_a_device_that_cannot_do_it_is_named_with_what_it_can(tmp_path, installed):
    installed("bitsandbytes", "torchao", "accelerate")
    with pytest.raises(ModelUnavailable, match='cannot run in int4 on mps; set quantization = "int8"'):
        quantization.options(wanted(tmp_path, "int4"), device=APPLE, dtype=torch.float32)


def test_four_bits_are_computed_in_the_models_dtype_and_loaded_onto_its_device(tmp_path, installed, monkeypatch):
    installed("bitsandbytes", "torchao", "accelerate")
    monkeypatch.setattr(BitsAndBytesConfig, "post_init", lambda self: None)  # asks for the package's version
    found = quantization.options(wanted(tmp_path, "int4"), device=CUDA, dtype=torch.bfloat16)
    config = found["quantization_config"]
    assert found["device_map"] == {"": CUDA}
    assert (config.load_in_4bit, config.bnb_4bit_quant_type, config.bnb_4bit_compute_dtype) == (True, "nf4", torch.bfloat16)
