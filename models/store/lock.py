"""The lock: which commit each model was fetched at, with the size and SHA-256 of every file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.catalog import COMMIT, Checkpoint
from models.store.files import NAME
from models.store.meter import Meter, Silent
from models.types import ModelUnavailable

CHUNK = 1 << 20


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class File(_Frozen):
    """What a file must be."""

    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Locked(_Frozen):
    """A model at a commit, with its files by name."""

    commit: str = Field(pattern=COMMIT)
    files: Mapping[Annotated[str, Field(pattern=NAME)], File] = Field(min_length=1)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files.values())


class Lock(_Frozen):
    """The whole lock file: models by "OWNER/NAME@REVISION", the revision being what their entries name."""

    format: Literal[1] = 1
    models: Mapping[Annotated[str, Field(pattern=r"^\w[\w.-]*/\w[\w.-]*@.+$")], Locked] = {}

    def adding(self, key: str, locked: Locked) -> Lock:
        """This lock and another model, in place of what `key` stood for."""
        return Lock(models=dict(sorted({**self.models, key: locked}.items())))


def key(entry: Checkpoint) -> str:
    """What the entry of a model of the hub is locked under."""
    return f"{entry.repository}@{entry.revision}"


def read(path: Path) -> Lock:
    """The lock in a file; an empty one where there is no file. Raises `ModelUnavailable` for a file that is none."""
    try:
        return Lock.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Lock()
    except (OSError, ValidationError) as error:
        raise ModelUnavailable(f"The lock file {path} cannot be read; put back the one that belongs there.") from error


def write(path: Path, lock: Lock) -> None:
    """Write a lock in one step, so that nobody reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_text(lock.model_dump_json(indent=1) + "\n", encoding="utf-8")
    part.replace(path)


def fault(path: Path, file: File, meter: Meter | None = None) -> str | None:
    """What is wrong with a file, as the end of a sentence: "is missing", "is cut short ...", "is damaged ..."; or None."""
    if not path.is_file():
        return "is missing"
    actual = path.stat().st_size
    if actual != file.size:
        return f"is {'cut short' if actual < file.size else 'too long'} ({actual:,} bytes of {file.size:,})"
    digest = sha256(path, meter or Silent())
    return None if digest == file.sha256 else f"is damaged (sha256 {digest[:12]}..., expected {file.sha256[:12]}...)"


def sha256(path: Path, meter: Meter) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    meter.begin(path.name, path.stat().st_size)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            meter.advance(len(chunk))
    return digest.hexdigest()
