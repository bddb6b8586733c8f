"""Carries locked models from one store to another, for hosts without a connection: all verified on the way, or none."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from models.store.cache import Store, faults
from models.store.lock import Locked
from models.store.meter import Meter
from models.types import ModelUnavailable


def carry(source: Store, target: Store, keys: Iterable[str], meter: Meter) -> dict[str, Locked]:
    """Copy the models that `source` has locked under `keys`. Raises `ModelUnavailable` for the first that is not sound."""
    locked = source.lock.models
    carried = {key: locked[key] for key in keys}
    with target.writing():
        for key, model in carried.items():
            _refuse_other(target, key, model)
        target.room(sum(model.size for model in carried.values()))
        for key, model in carried.items():
            _copy(source.place(key, model.commit), target.parts(key, model.commit), key, model, meter)
            target.keep(key, model)
    return carried


def _copy(place: Path, parts: Path, key: str, model: Locked, meter: Meter) -> None:
    for name, file in model.files.items():
        for _, problem in faults(place, {name: file}, meter):
            raise ModelUnavailable(f"{name} of {key} in {place} {problem}; it was not copied.")
        (parts / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(place / name, parts / name)
        for _, problem in faults(parts, {name: file}):
            raise ModelUnavailable(f"{name} of {key} {problem} after it was copied; try again.")


def _refuse_other(target: Store, key: str, model: Locked) -> None:
    """Refuse other files under a commit that is locked already."""
    known = target.lock.models.get(key)
    if known is None or known.commit != model.commit:
        return
    for name in known.files.keys() & model.files.keys():
        if known.files[name] != model.files[name]:
            raise ModelUnavailable(f"{name} of {key} is locked in {target.folder} with another sha256; nothing was copied.")
