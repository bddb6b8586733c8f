"""From a catalog entry to a task that is ready to run: find the files, check them, load, adapt, quantize."""

from __future__ import annotations

import copy
import hashlib
import json
import threading
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import BertModel
from transformers.utils import logging

from models.catalog import AdapterTask, Catalog, Checkpoint, TranslateTask
from models.tasks.base import Task
from models.tasks.classify import Classify
from models.tasks.encoder import Encoder
from models.tasks.extract import Extract
from models.tasks.int8 import Int8Linear, available
from models.tasks.packed import PackedBert
from models.tasks.salience import Weigh
from models.tasks.spread import Spread
from models.types import ModelUnavailable

WEIGHTS = Path(__file__).parent / "weights"
LORA_A, LORA_B, PEFT_ROOT = ".lora_A.weight", ".lora_B.weight", "base_model.model."  # how peft names tensors
DAMAGED = (OSError, ValueError, KeyError, RuntimeError, SafetensorError)
# Spans lose F1 in 8 bits (models/training/answering_eval.py --int8), and near ties of excerpts change places; classes lose
# nothing that could be measured.
EXACT = frozenset({"extract", "salience"})


class Loader:
    """Loads tasks of a catalog for one device. Encoders are read once, and what adapters leave untouched is shared.

    On a CPU, linear layers of encoders run in 8 bits unless `dtype` is given or the task's kind is one of `exact`; elsewhere
    models run in `dtype`, by default bfloat16 on CUDA and float32 on others. Batches of encoders are spread over as many
    cores as torch has threads.
    """

    def __init__(
        self,
        catalog: Catalog,
        *,
        device: torch.device,
        dtype: torch.dtype | None = None,
        exact: Collection[str] = EXACT,
    ) -> None:
        self._catalog, self._device, self._exact = catalog, device, exact
        self._quantize = device.type == "cpu" and dtype is None and available()
        self._dtype = dtype or (torch.bfloat16 if device.type == "cuda" else torch.float32)
        self._cores = torch.get_num_threads() if device.type == "cpu" else 1
        self._others = ThreadPoolExecutor(max(1, self._cores - 1), "parley-core")
        self._encoders: dict[str, tuple[BertModel, Tokenizer]] = {}
        self._lock = threading.Lock()
        logging.set_verbosity_error()
        logging.disable_progress_bar()

    def task(self, name: str) -> Task[Any, Any, Any, Any]:
        """The task of this name, loaded. Raises `ModelUnavailable`."""
        entry = self._catalog.tasks[name]
        if isinstance(entry, TranslateTask):
            return self._translate(entry)
        task = self._adapted(entry)
        return Spread(task, cores=self._cores, others=self._others) if self._cores > 1 else task

    def _translate(self, entry: TranslateTask) -> Task[Any, Any, Any, Any]:
        from models.tasks import translate  # its own import, because sentence splitting is not needed elsewhere

        return translate.load(
            found(entry),
            entry.source,
            entry.target,
            device=self._device,
            dtype=self._dtype,
            model=f"{entry.name}@{entry.revision}",
            limit=entry.characters,
        )

    def _adapted(self, entry: AdapterTask) -> Task[Any, Any, Any, Any]:
        adapter = Adapter(WEIGHTS / entry.adapter)
        base, tokenizer = self._encoder(entry.encoder)
        small = self._quantize and entry.kind not in self._exact
        packed = PackedBert(adapter.onto(base), Int8Linear) if small else PackedBert(adapter.onto(base))
        encoder = Encoder(packed.to(device=self._device, dtype=self._dtype), tokenizer, device=self._device)
        model = f"{self._catalog.encoders[entry.encoder].name}+{adapter.name}"
        config = adapter.config
        window, limit = config["window"], entry.characters
        match entry.kind:
            case "classify":
                return Classify(encoder, adapter.head, config["labels"], window=window, limit=limit, model=model)
            case "salience":
                return Weigh(encoder, adapter.head, window=window, limit=limit, model=model)
            case "extract":
                span = {name: config[name] for name in ("stride", "longest", "threshold")}
                return Extract(encoder, adapter.head, window=window, limit=limit, model=model, **span)

    def _encoder(self, name: str) -> tuple[BertModel, Tokenizer]:
        with self._lock:
            if name not in self._encoders:
                folder = found(self._catalog.encoders[name])
                try:
                    model = BertModel.from_pretrained(
                        folder, add_pooling_layer=False, local_files_only=True, use_safetensors=True, dtype=torch.float32
                    )
                    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
                except DAMAGED as error:
                    raise ModelUnavailable(f"The encoder in {folder} cannot be loaded; install it again.") from error
                tokenizer.no_truncation()
                tokenizer.no_padding()
                self._encoders[name] = model.eval().requires_grad_(False), tokenizer
            return self._encoders[name]


class Adapter:
    """A folder with a head, a config.json, and (unless the encoder serves as it is) a LoRA adapter in peft's format."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self.config: dict[str, Any] = json.loads((folder / "config.json").read_text())
        except (OSError, ValueError) as error:
            raise ModelUnavailable(f"{folder / 'config.json'} is missing or damaged; install Parley again.") from error
        check(folder, self.config["sha256"])

    @property
    def name(self) -> str:
        """Its name and the start of its head's checksum, e.g. "sentiment@1f2e3d4c"."""
        return f"{self.folder.name}@{self.config['sha256']['head.safetensors'][:8]}"

    @cached_property
    def head(self) -> Mapping[str, torch.Tensor]:
        """The head's tensors by name."""
        return load_file(self.folder / "head.safetensors")

    def onto(self, base: BertModel) -> BertModel:
        """A copy of `base` with the adapter merged into its weights; the embeddings are shared with `base`.

        LoRA (Hu et al. 2022, section 4.1): W + (alpha / rank) B A, with A (rank, in) and B (out, rank).
        """
        embeddings = base.get_submodule("embeddings")
        model: BertModel = copy.deepcopy(base, {id(embeddings): embeddings})
        path = self.folder / "adapter_config.json"
        if not path.is_file():
            return model
        config = json.loads(path.read_text())
        scale = config["lora_alpha"] / config["r"]
        tensors = load_file(self.folder / "adapter_model.safetensors")
        for key in (name for name in tensors if name.endswith(LORA_A)):
            down, up = tensors[key].float(), tensors[key.removesuffix(LORA_A) + LORA_B].float()
            weight = model.get_parameter(key.removeprefix(PEFT_ROOT).removesuffix(LORA_A) + ".weight")
            weight.data += scale * (up @ down)
        return model


def found(entry: Checkpoint) -> Path:
    """The folder of a checkpoint, its checksums verified. Raises `ModelUnavailable`."""
    folder = Path(entry.folder)
    if entry.package:
        try:
            folder = Path(str(files(entry.package))) / entry.folder
        except ModuleNotFoundError as error:
            name = entry.package.replace("_", "-")
            raise ModelUnavailable(f"The package {name}, which carries {entry.name}, is missing; install it.") from error
    check(folder, entry.sha256)
    return folder


def check(folder: Path, sums: Mapping[str, str]) -> None:
    """Compare files with their SHA-256 checksums. Raises `ModelUnavailable` naming the file and both checksums' starts."""
    for name, expected in sums.items():
        path = folder / name
        if not path.is_file():
            raise ModelUnavailable(f"The model file {path} is missing; install its package again.")
        with path.open("rb") as file:
            actual = hashlib.file_digest(file, "sha256").hexdigest()
        if actual != expected:
            raise ModelUnavailable(
                f"The model file {path} is damaged (sha256 {actual[:12]}..., expected {expected[:12]}...); "
                "install its package again."
            )
