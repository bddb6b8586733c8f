"""Profiles: which checkpoint serves which task, where its files lie, and what they must hash to. Nothing else knows a name.

A profile is a TOML file beside this one; a user's own file overrides any of its entries.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

PROFILES = Path(__file__).parent / "profiles"


class CatalogError(ValueError):
    """Raised when a profile does not exist or an entry is wrong; the message is a sentence naming file and entry."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Checkpoint(_Entry):
    """Where a model's files lie: in an installed `package` (with `folder` inside it), or in the local `folder`."""

    name: str
    revision: str
    licence: str
    folder: str
    package: str | None = None
    sha256: Mapping[str, str] = {}


class AdapterTask(_Entry):
    """A task on a shared encoder: an adapter and a head from `models/weights/<adapter>`, or from a local folder."""

    kind: Literal["classify", "extract", "salience"]
    encoder: str
    adapter: str
    characters: int = Field(gt=0)


class TranslateTask(Checkpoint):
    """One direction of translation."""

    kind: Literal["translate"]
    source: str
    target: str
    characters: int = Field(gt=0)


class Catalog(_Entry):
    """A whole profile."""

    encoders: Mapping[str, Checkpoint] = {}
    tasks: Mapping[str, Annotated[AdapterTask | TranslateTask, Field(discriminator="kind")]]

    @model_validator(mode="after")
    def _encoders_exist(self) -> Catalog:
        for name, task in self.tasks.items():
            if isinstance(task, AdapterTask) and task.encoder not in self.encoders:
                raise ValueError(f"task {name!r} names the encoder {task.encoder!r}, which is not in [encoders]")
        return self

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """The (source, target) languages that can be translated."""
        return frozenset((t.source, t.target) for t in self.tasks.values() if isinstance(t, TranslateTask))


def read(profile: str, override: Path | None = None) -> Catalog:
    """The profile's catalog, with the entries of `override` in place of its own. Raises `CatalogError`."""
    path = PROFILES / f"{profile}.toml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in PROFILES.glob("*.toml")))
        raise CatalogError(f"There is no profile {profile!r}; choose one of: {known}.")
    entries = _parse(path)
    for section, own in (_parse(override) if override else {}).items():
        entries[section] = {**entries.get(section, {}), **own}
    try:
        return Catalog.model_validate(entries)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise CatalogError(f"{override or path}: {where or 'the catalog'}: {first['msg']}.") from error


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except OSError as error:
        raise CatalogError(f"{path} cannot be read: {error.strerror}.") from error
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"{path} is not valid TOML: {error}.") from error
