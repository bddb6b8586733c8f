"""What recipes write is what the loader reads."""

import json

import pytest
import torch
from peft import PeftModel
from torch import nn

from models.load import Adapter
from models.training import encoder
from models.training.encoder import Classifier


@pytest.fixture(scope="module")
def trained():
    """A classifier whose adapter changes every layer, as after training."""
    torch.manual_seed(3)
    model = Classifier(classes=3, rank=4)
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            nn.init.normal_(parameter, std=0.1)
    return model


@pytest.mark.filterwarnings("ignore::FutureWarning")  # peft asks transformers for a method by its old name
def test_the_loader_merges_an_adapter_as_peft_does(trained, tmp_path):
    encoder.save(trained, tmp_path, labels=["a", "b", "c"])
    saved, base = Adapter(tmp_path), encoder.base()
    ours = saved.onto(encoder.base())
    theirs = PeftModel.from_pretrained(base, tmp_path).merge_and_unload()
    for (name, mine), other in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(mine, other, msg=name)
    untouched = encoder.base().get_parameter("encoder.layer.5.output.dense.weight")
    assert (ours.get_parameter("encoder.layer.5.output.dense.weight") - untouched).abs().max() > 0.01
    assert torch.equal(saved.head["head.weight"], trained.head.weight.detach())
    assert saved.config["labels"] == ["a", "b", "c"]


def test_a_saved_adapter_is_described_the_same_every_time(trained, tmp_path):
    encoder.save(trained, tmp_path)
    layers = json.loads((tmp_path / "adapter_config.json").read_text())["target_modules"]
    assert layers == sorted(layers)
