"""Folders that a training made, named where an entry of the catalogue is wanted. Imports nothing heavy."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.catalog import Catalog

ENTRY = "entry.toml"
"""The file of such a folder with its lines for the catalogue."""


def including(catalog: Catalog, name: str) -> tuple[Catalog, str]:
    """The catalogue with the entry of a folder that a training made, if `name` is one, and the name that it has there.

    That is a name of its own, as the catalogue may have another entry for the same task.
    """
    path = Path(name) / ENTRY
    if not path.is_file():
        return catalog, name
    made = tomllib.loads(path.read_text(encoding="utf-8"))
    own = f"folder {path.parent.resolve()}"
    return extended(catalog, encoders=made.get("encoders", {}), tasks={own: next(iter(made["tasks"].values()))}), own


def extended(catalog: Catalog, *, encoders: Mapping[str, Any], tasks: Mapping[str, Any]) -> Catalog:
    """A catalogue with more entries, which win over its own."""
    entries = {
        "encoders": {**catalog.encoders, **encoders},
        "adapters": catalog.adapters,
        "tasks": {**catalog.tasks, **tasks},
    }
    return Catalog.model_validate(entries)
