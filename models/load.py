"""From a catalog entry to a task that is ready to run: find the files, check them, load, adapt, quantize."""

from __future__ import annotations

import copy
import hashlib
import json
import threading
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import BertModel
from transformers.utils import logging

from models.catalog import WEIGHTS as WEIGHTS
from models.catalog import AdapterTask, AutoTask, Catalog, Checkpoint, StudentTask
from models.device import host, suited
from models.placement import Host
from models.planning import Planner
from models.store import places
from models.store.cache import Store
from models.tasks.base import Task
from models.tasks.classify import Classify
from models.tasks.encoder import Encoder
from models.tasks.extract import Extract
from models.tasks.int8 import Int8Linear, available
from models.tasks.packed import PackedBert
from models.tasks.salience import Weigh
from models.tasks.spread import Spread
from models.types import ModelUnavailable

LORA_A, LORA_B, PEFT_ROOT = ".lora_A.weight", ".lora_B.weight", "base_model.model."  # how peft names tensors
DAMAGED = (OSError, ValueError, KeyError, RuntimeError, SafetensorError)
# Spans lose F1 in 8 bits (models/training/answering_eval.py --int8), and near ties of excerpts change places; classes lose
# nothing that could be measured.
EXACT = frozenset({"extract", "salience"})


class Loader:
    """Loads tasks of a catalog for one device. Encoders are read once, and what adapters leave untouched is shared.

    On a CPU, linear layers of encoders run in 8 bits unless `dtype` is given or the task's kind is one of `exact`; elsewhere
    models run in `dtype`, by default in the one that suits the device. Batches of encoders are spread over as many cores as
    torch has threads. Models of the hub come from `store`. Whole checkpoints go to devices that `wish` means (as in
    PARLEY_DEVICE) and that have room for them by what `look` tells, unless their entries name others; all else goes to
    `device`.
    """

    def __init__(
        self,
        catalog: Catalog,
        *,
        device: torch.device,
        dtype: torch.dtype | None = None,
        exact: Collection[str] = EXACT,
        store: Store | None = None,
        wish: str | None = None,
        look: Callable[[], Host] = host,
    ) -> None:
        self._catalog, self._device, self._exact, self._store = catalog, device, exact, store
        precision = str(dtype).removeprefix("torch.") if dtype else "auto"
        self._given = dtype
        self._planner = Planner(catalog, store, device=wish or str(device), dtype=precision, look=look)
        self._quantize = device.type == "cpu" and dtype is None and available()
        self._dtype = dtype or suited(device)
        self._cores = torch.get_num_threads() if device.type == "cpu" else 1
        self._others = ThreadPoolExecutor(max(1, self._cores - 1), "parley-core")
        self._encoders: dict[str, tuple[BertModel, Tokenizer]] = {}
        self._lock, self._loading = threading.Lock(), threading.Lock()
        logging.set_verbosity_error()
        logging.disable_progress_bar()

    def devices(self, name: str) -> tuple[str, ...]:
        """Where a task belongs, one device for each replica. Raises `ModelUnavailable` for a device that is not here."""
        if not isinstance(self._catalog.tasks[name], AutoTask):
            return (str(self._device),)
        return self._planner.devices(name)

    def task(self, name: str, device: str | None = None) -> Task[Any, Any, Any, Any]:
        """The task of this name, loaded, a whole checkpoint onto one of its `devices`. Raises `ModelUnavailable`."""
        entry = self._catalog.tasks[name]
        if isinstance(entry, AutoTask):
            return self._whole(name, entry, device or self.devices(name)[0])
        if isinstance(entry, StudentTask):
            return self._student(entry)
        task = self._adapted(entry)
        return Spread(task, cores=self._cores, others=self._others) if self._cores > 1 else task

    def _whole(self, name: str, entry: AutoTask, device: str) -> Task[Any, Any, Any, Any]:
        from models import auto  # its own import, because the default profile has no use for it

        folder, chosen = found(entry, self._store), torch.device(device)
        with self._loading:  # transformers sets torch's default dtype meanwhile, for all threads
            self._planner.check(name, entry, folder, device)
            return auto.load(folder, entry, device=chosen, dtype=self._given or suited(chosen))

    def _student(self, entry: StudentTask) -> Task[Any, Any, Any, Any]:
        from models.tasks import translate  # its own import, because sentence splitting is not needed elsewhere

        return translate.load(
            found(entry, self._store),
            *entry.pair,
            device=self._device,
            dtype=self._dtype,
            model=entry.model,
            limit=entry.characters,
        )

    def _adapted(self, entry: AdapterTask) -> Task[Any, Any, Any, Any]:
        adapter = self._adapter(entry.adapter)
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

    def _adapter(self, name: str) -> Adapter:
        """An adapter that is an entry of its own, comes with Parley, or lies at a path."""
        listed = self._catalog.adapters.get(name)
        return Adapter(found(listed, self._store), name=name) if listed else Adapter(WEIGHTS / name)

    def _encoder(self, name: str) -> tuple[BertModel, Tokenizer]:
        with self._lock:
            if name not in self._encoders:
                folder = found(self._catalog.encoders[name], self._store)
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

    def __init__(self, folder: Path, *, name: str = "") -> None:
        self.folder, self._name = folder, name or folder.name
        try:
            self.config: dict[str, Any] = json.loads((folder / "config.json").read_text())
            sums = self.config["sha256"]
        except (OSError, ValueError, KeyError) as error:
            raise ModelUnavailable(f"{folder / 'config.json'} is missing or damaged; {self._mend}.") from error
        check(folder, sums, mend=self._mend)

    @property
    def _mend(self) -> str:
        return "install Parley again" if self.folder.parent == WEIGHTS else "train or copy the adapter again"

    @property
    def name(self) -> str:
        """Its name and the start of its head's checksum, e.g. "sentiment@1f2e3d4c"."""
        return f"{self._name}@{self.config['sha256']['head.safetensors'][:8]}"

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


def found(entry: Checkpoint, store: Store | None = None) -> Path:
    """The folder of a checkpoint, its checksums verified; nothing is fetched. Raises `ModelUnavailable`."""
    if entry.repository:
        if store is None:
            raise ModelUnavailable(f"The model {entry.name} comes from a hub, and there is no folder for such models.")
        return store.found(entry)
    folder = places.place(entry)
    check(folder, entry.sha256, mend="copy it again" if entry.source.startswith("path:") else "install its package again")
    return folder


def check(folder: Path, sums: Mapping[str, str], *, mend: str = "install its package again") -> None:
    """Compare files with their SHA-256 checksums.

    Raises `ModelUnavailable` naming the file, both checksums' starts, and what mends it.
    """
    for name, expected in sums.items():
        path = folder / name
        if not path.is_file():
            raise ModelUnavailable(f"The model file {path} is missing; {mend}.")
        with path.open("rb") as file:
            actual = hashlib.file_digest(file, "sha256").hexdigest()
        if actual != expected:
            raise ModelUnavailable(
                f"The model file {path} is damaged (sha256 {actual[:12]}..., expected {expected[:12]}...); {mend}."
            )
