import pytest

from models.store import files
from models.types import ModelUnavailable


def needed(*names, pickles=()):
    return files.needed(names, pickles=pickles, model="mood")


def test_weights_configuration_tokenizer_and_pooling_are_needed():
    wanted = {
        "config.json",
        "generation_config.json",
        "tokenizer.json",
        "vocab.txt",
        "sentencepiece.bpe.model",
        "source.spm",
        "chat_template.jinja",
        "model.safetensors",
        "modules.json",
        "1_Pooling/config.json",
        "README.md",
    }
    assert needed(*wanted, "train.py", "training_args.bin", "optimizer.pt", "rust_model.ot", "onnx/config.json") == wanted


@pytest.mark.parametrize(
    ("names", "weights"),
    [
        (["model.safetensors", "pytorch_model.bin"], {"model.safetensors"}),
        (["model.safetensors", "consolidated.safetensors", "model.fp16.safetensors"], {"model.safetensors"}),
        (
            [
                "model.safetensors.index.json",
                "model-00001-of-00002.safetensors",
                "model-00002-of-00002.safetensors",
                "x.bin",
            ],
            {"model.safetensors.index.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"},
        ),
        (["adapter_model.safetensors", "head.safetensors"], {"adapter_model.safetensors", "head.safetensors"}),
    ],
)
def test_one_form_of_the_weights_is_needed(names, weights):
    assert needed(*names) == weights


def test_the_index_of_another_form_is_not_needed():
    assert needed("model.safetensors", "pytorch_model.bin.index.json", "tf_model.h5.index.json") == {"model.safetensors"}


def test_every_part_of_a_pickle_must_be_pinned():
    parts = ["pytorch_model.bin.index.json", "pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"]
    with pytest.raises(ModelUnavailable, match=r"pytorch_model-00002-of-00002\.bin"):
        needed(*parts, pickles=parts[:2])
    assert needed(*parts, pickles=parts[1:]) == set(parts)


@pytest.mark.parametrize("names", [[], ["config.json"], ["model.pt"], ["tf_model.h5"], ["weights/model.safetensors"]])
def test_a_model_without_weights_is_refused(names):
    with pytest.raises(ModelUnavailable, match="mood holds no weights"):
        needed(*names)


def test_code_is_refused_where_transformers_has_none_of_its_own():
    files.refuse_code({"model_type": "bert"}, model="mood")
    files.refuse_code({"model_type": "phi3", "auto_map": {"AutoModel": "x.Y"}}, model="mood")
    with pytest.raises(ModelUnavailable, match="mood needs code of its own"):
        files.refuse_code({"auto_map": {"AutoModel": "x.Y"}}, model="mood")
