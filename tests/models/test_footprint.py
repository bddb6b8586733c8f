"""Sizes told from headers alone, next to the networks themselves on the meta device."""

import json

import pytest
import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForSequenceClassification, BertConfig, GPT2Config, GPT2LMHeadModel

from models.auto import skeleton
from models.footprint import Footprint, of_download, of_folder
from models.types import ModelUnavailable

from .families import checkpoint
from .families_encoders import ENCODERS


@pytest.mark.parametrize("family", ENCODERS)
def test_headers_tell_what_the_network_on_the_meta_device_does(family, tmp_path):
    checkpoint(tmp_path, AutoModelForSequenceClassification, *ENCODERS[family]())
    told = of_folder(tmp_path, pickles=(), model="model")
    laid_out = skeleton.footprint(AutoConfig.from_pretrained(tmp_path))
    assert told.parameters == laid_out.parameters
    assert told.bytes("float32") <= (tmp_path / "model.safetensors").stat().st_size
    assert told.bytes("bfloat16") * 2 == told.bytes("float32")


def test_a_large_network_is_laid_out_without_its_numbers():
    config = BertConfig(hidden_size=8192, intermediate_size=32768, num_hidden_layers=80, num_attention_heads=64)
    config.architectures = ["BertModel"]
    assert 64e9 < skeleton.footprint(config).parameters < 66e9


def test_matrices_that_are_looked_up_are_not_packed(tmp_path):
    tensors = {
        "embeddings.word_embeddings.weight": torch.zeros(100, 8),
        "layer.query.weight": torch.zeros(8, 8),
        "layer.query.bias": torch.zeros(8),
        "positions": torch.zeros(64, dtype=torch.int64),
    }
    save_file(tensors, tmp_path / "model.safetensors")
    found = of_folder(tmp_path, pickles=(), model="model")
    assert found == Footprint(parameters=872, linear=64, fixed=512)
    assert found.bytes("float32") == 872 * 4 + 512
    assert found.bytes("bfloat16", "int8") == 808 * 2 + 64 + 512
    assert found.bytes("float32", "int4") == 808 * 4 + 36 + 512


def test_tied_matrices_count_once(tmp_path):
    config = GPT2Config(vocab_size=500, n_embd=16, n_layer=1, n_head=2)
    model = GPT2LMHeadModel(config)
    model.save_pretrained(tmp_path)
    expected = sum(parameter.numel() for parameter in model.parameters())
    assert of_folder(tmp_path, pickles=(), model="model").parameters == expected
    assert skeleton.footprint(AutoConfig.from_pretrained(tmp_path)).parameters == expected


@pytest.mark.parametrize(("dtype", "parameters"), [("float32", 250), ("float16", 500), (None, 250)])
def test_the_size_of_a_pickle_tells_with_the_type_that_its_configuration_names(tmp_path, dtype, parameters):
    (tmp_path / "pytorch_model.bin").write_bytes(bytes(1000))
    (tmp_path / "config.json").write_text(json.dumps({"torch_dtype": dtype} if dtype else {}))
    assert of_folder(tmp_path, pickles={"pytorch_model.bin"}, model="model") == Footprint(parameters)


def test_no_pickle_is_looked_at_unless_it_may_be_opened(tmp_path):
    (tmp_path / "pytorch_model.bin").write_bytes(bytes(1000))
    with pytest.raises(ModelUnavailable, match=r"pytorch_model\.bin"):
        of_folder(tmp_path, pickles=(), model="model")


def test_parts_are_summed_and_a_sentence_encoder_is_found_in_its_folder(tmp_path):
    inner = tmp_path / "0_Transformer"
    inner.mkdir()
    names = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    for name in names:
        save_file({name: torch.zeros(10)}, inner / name)
    (inner / "model.safetensors.index.json").write_text("{}")
    assert of_folder(tmp_path, pickles=(), model="model").parameters == 20


def test_a_damaged_header_is_named(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"\xff" * 64)
    with pytest.raises(ModelUnavailable, match=r"model\.safetensors is damaged"):
        of_folder(tmp_path, pickles=(), model="model")


def test_what_is_not_here_is_told_by_its_download():
    assert of_download(1000, "float32") == Footprint(250)
    assert of_download(1000, "bfloat16") == Footprint(500)


def test_a_configuration_of_no_known_class_is_not_laid_out():
    config = BertConfig()
    for name in (None, ["NoSuchModel"], ["BertTokenizer"]):
        config.architectures = name
        assert skeleton.footprint(config) is None
