"""Embeddings of texts by any encoder, pooled as the checkpoint's own files say.

Those are the files of the Sentence Transformers library: `modules.json` lists what follows the network, each with a folder
of its own. A checkpoint without them gets the mean over its tokens (Reimers and Gurevych 2019, section 3).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import AutoModel

from models.auto import opening
from models.auto.reading import Reader, Window, averaged
from models.catalog import EmbedTask
from models.tasks.encoder import mean
from models.types import ModelUnavailable

Pool = Callable[[Tensor, Tensor], Tensor]
"""States (rows, length, width) and mask (rows, length) to vectors (rows, width)."""

NAMED_BEFORE = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
"""The flags that older checkpoints have for each way of pooling."""


def first(states: Tensor, mask: Tensor) -> Tensor:
    """The first token's states, where [CLS] stands."""
    return states[:, 0]


def last(states: Tensor, mask: Tensor) -> Tensor:
    """The states of each row's last token."""
    return states[torch.arange(len(states), device=states.device), mask.sum(1) - 1]


POOLS: Mapping[str, Pool] = {"mean": mean, "cls": first, "lasttoken": last}


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a checkpoint's files say.

    Attributes:
        network: the folder of the network itself.
        normalize: whether each window's vector has unit length before those of a text are averaged.
        longest: tokens that it was made to read, where the files say so.
        prompts: what is put before a text, by what the text is for ("query", "document", ...).
        default: the prompt of a text that names none.
    """

    network: Path
    pool: str = "mean"
    normalize: bool = False
    longest: int | None = None
    lowercase: bool = False
    prompts: Mapping[str, str] | None = None
    default: str | None = None


class Embeddings:
    """Turns texts into vectors of unit length. An item is a text with the name of its prompt, "" for the default one."""

    def __init__(self, network: Any, reader: Reader, recipe: Recipe) -> None:
        self._network, self._reader, self._recipe = network, reader, recipe
        self._pool, self._prompts = POOLS[recipe.pool], recipe.prompts or {}

    def prepare(self, item: tuple[str, str], /) -> list[Window]:
        """Cut the text with its prompt into windows. Raises `TextRefused`."""
        text, purpose = item
        whole = self._prompts.get(purpose or self._recipe.default or "", "") + self._reader.clean(text)
        return self._reader.windows(whole.lower() if self._recipe.lowercase else whole)

    @torch.inference_mode()
    def run(self, pieces: Sequence[Window], /) -> list[list[float]]:
        """A vector for each window."""
        given = self._reader.batch(pieces)
        vectors = self._pool(self._network(**given).last_hidden_state, given["attention_mask"]).float()
        found: list[list[float]] = (torch.nn.functional.normalize(vectors) if self._recipe.normalize else vectors).tolist()
        return found

    def finish(
        self, item: tuple[str, str], pieces: Sequence[Window], raw: Sequence[Sequence[float]], /
    ) -> tuple[float, ...]:
        """The average over the windows, of unit length."""
        average = averaged(raw, [piece.size for piece in pieces])
        return tuple((average / max(float(np.linalg.norm(average)), 1e-12)).tolist())


def recipe(folder: Path, entry: EmbedTask) -> Recipe:
    """What the checkpoint's files say. Raises `ModelUnavailable` for what they ask and is not there to do it."""
    modules = _json(folder / "modules.json") or []
    kinds = {module["type"].rpartition(".")[2]: folder / module["path"] for module in modules}
    unknown = [kind for kind in kinds if kind not in {"Transformer", "Pooling", "Normalize"}]
    if unknown or len(kinds) < len(modules):
        raise ModelUnavailable(
            f"{entry.name} wants the module {(unknown or ['?'])[0]} after its network; choose another model."
        )
    network = kinds.get("Transformer", folder)
    shape = _json(network / "sentence_bert_config.json") or {}
    said = _json(folder / "config_sentence_transformers.json") or {}
    return Recipe(
        network,
        pool=_pool(_json(kinds["Pooling"] / "config.json") or {}, entry) if "Pooling" in kinds else "mean",
        normalize="Normalize" in kinds,
        longest=shape.get("max_seq_length"),
        lowercase=bool(shape.get("do_lower_case")),
        prompts=said.get("prompts"),
        default=said.get("default_prompt_name"),
    )


def load(folder: Path, entry: EmbedTask, *, device: torch.device, dtype: torch.dtype) -> Embeddings:
    """The embedder in `folder`. Raises `ModelUnavailable`."""
    made = recipe(folder, entry)
    network = opening.model(AutoModel, made.network, entry, device=device, dtype=dtype, spare="pooler")
    reader = Reader(network, opening.tokenizer(made.network, entry), entry, most=made.longest)
    return Embeddings(network, reader, made)


def _pool(config: Mapping[str, Any], entry: EmbedTask) -> str:
    flagged = [mode for flag, mode in NAMED_BEFORE.items() if config.get(flag)]
    modes = config.get("pooling_mode", flagged or "mean")
    found = modes if isinstance(modes, str) else "+".join(modes)
    if found not in POOLS:
        raise ModelUnavailable(f"{entry.name} pools by {found!r}; choose a model that pools by one of {', '.join(POOLS)}.")
    if not config.get("include_prompt", True):
        raise ModelUnavailable(f"{entry.name} leaves its prompts out of the pooling; choose a model that pools all tokens.")
    return found


def _json(path: Path) -> Any:
    """What a file holds; None if it is not there."""
    try:
        return json.loads(path.read_text()) if path.is_file() else None
    except ValueError as error:
        raise ModelUnavailable(f"{path} is damaged; fetch the checkpoint again.") from error
