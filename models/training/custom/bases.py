"""What a training may start from: an entry of the catalogue, or its encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.catalog import AdapterTask, AutoTask, Catalog, CatalogError, Checkpoint
from models.load import WEIGHTS, Adapter, found
from models.store.cache import Store
from models.training.custom.network import Network
from models.training.custom.shared import Shared

KINDS = ("sequence", "zero-shot", "span", "embed")
"""Of whole checkpoints, those with an encoder that can learn to classify and to answer."""


@dataclass(frozen=True, slots=True)
class Bases:
    """The entries of a catalogue; those of the hub come from `store`."""

    catalog: Catalog
    store: Store | None = None

    def network(self, name: str, labels: Sequence[str] | None, *, rank: int | None) -> Network:
        """The network that starts from an entry. Raises `CatalogError` for an unfit one, and `ModelUnavailable`."""
        encoders, entry = self.catalog.encoders, self.catalog.tasks.get(name)
        if name in encoders:
            return Shared(name, encoders[name], self._folder(encoders[name]), None, labels, rank=rank)
        if isinstance(entry, AdapterTask):
            encoder = encoders[entry.encoder]
            adapter = self._adapter(entry)
            return Shared(entry.encoder, encoder, self._folder(encoder), adapter, labels, rank=rank)
        if isinstance(entry, AutoTask) and entry.kind in KINDS:
            from models.training.custom.whole import Whole  # its own import, because most start from the shared encoder

            return Whole(entry, self._folder(entry), labels, rank=rank)
        fit = [key for key, task in self.catalog.tasks.items() if isinstance(task, AdapterTask) or task.kind in KINDS]
        why = f"{name} cannot be trained" if entry else f"there is no entry {name!r}"
        raise CatalogError(f"--base: {why}; choose one of: {', '.join([*encoders, *fit])}.")

    def signature(self, name: str) -> str:
        """What a base is called on a card, with its revision."""
        if name in self.catalog.encoders:
            return self.catalog.encoders[name].model
        entry = self.catalog.tasks[name]
        if isinstance(entry, AdapterTask):
            return f"{self.catalog.encoders[entry.encoder].name}+{self._adapter(entry).name}"
        return entry.model

    def _adapter(self, entry: AdapterTask) -> Adapter:
        listed = self.catalog.adapters.get(entry.adapter)
        return Adapter(self._folder(listed) if listed else WEIGHTS / entry.adapter)

    def _folder(self, entry: Checkpoint) -> Path:
        return found(entry, self.store)
