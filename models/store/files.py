"""Which files of a checkpoint are needed, and which of them may be opened."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from models.types import ModelUnavailable

NAME = r"^(\w[\w.+-]*/)*\w[\w.+-]*$"
"""Names that stay in their folder: relative, and nothing hidden."""

BESIDES = ("*.json", "*.txt", "*.model", "*.spm", "*.tiktoken", "*.jinja", "LICENSE*", "README.md")
DEEPER = ("[0-9]_*/*.json", "[0-9]_*/model.safetensors", "additional_chat_templates/*.jinja")
"""What is needed besides the weights: at the top, and in the folders of sentence encoders and chat templates."""

FOREIGN = ("*.h5.*", "*.msgpack.*", "*.onnx*", "*.safetensors.index.json", "*.bin.index.json")
FORMATS = (("model", "safetensors"), ("pytorch_model", "bin"))
"""How whole models are named, the format that wins first."""


def needed(names: Iterable[str], *, pickles: Collection[str], model: str) -> frozenset[str]:
    """The files that must be fetched. Raises `ModelUnavailable` for weights that may not be opened, or for none."""
    sound = [name for name in names if re.match(NAME, name, re.ASCII)]
    return weights(sound, pickles=pickles, model=model) | {name for name in sound if _beside(name)}


def _beside(name: str) -> bool:
    patterns = DEEPER if "/" in name else BESIDES
    return _matches(name, patterns) and not _matches(name, FOREIGN)


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def weights(names: Iterable[str], *, pickles: Collection[str], model: str) -> frozenset[str]:
    """The weight files among `names`, in one format only: safetensors, or else the pickles that are pinned.

    Raises `ModelUnavailable` naming a pickle that is not pinned, or saying that there are no weights.
    """
    found = _weights({name for name in names if "/" not in name})
    if not found:
        raise ModelUnavailable(f"{model} holds no weights that can be opened; they must be safetensors.")
    refused = sorted(name for name in found if name.endswith(".bin") and name not in pickles)
    if refused:
        raise ModelUnavailable(
            f"{model} has its weights as a pickle, {refused[0]}, which is opened only where "
            "its entry says pickle = true and gives the file's sha256."
        )
    return found


def _weights(top: Collection[str]) -> frozenset[str]:
    for stem, suffix in FORMATS:
        if (single := f"{stem}.{suffix}") in top:
            return frozenset([single])
        if (index := f"{stem}.{suffix}.index.json") in top:
            return frozenset(name for name in top if name == index or fnmatchcase(name, f"{stem}-*-of-*.{suffix}"))
    return frozenset(name for name in top if name.endswith(".safetensors"))  # adapters and heads, named as they please


def refuse_code(config: Mapping[str, Any], *, model: str) -> None:
    """Raise `ModelUnavailable` for a config.json of a model that comes with code of its own and does not work without."""
    if "auto_map" not in config:
        return
    from transformers import CONFIG_MAPPING  # takes seconds, and few checkpoints get here

    if config.get("model_type") not in CONFIG_MAPPING:
        raise ModelUnavailable(f"{model} needs code of its own, which Parley never runs; choose another checkpoint.")
