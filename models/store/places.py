"""Where the files of an entry lie, whichever source it names."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from models.catalog import Checkpoint
from models.store.cache import Store
from models.types import ModelUnavailable


def place(entry: Checkpoint) -> Path:
    """The folder of what comes from a package or a path, whether it is there or not. Raises `ModelUnavailable`."""
    kind, _, rest = entry.source.partition(":")
    if kind == "path":
        return Path(rest).expanduser()
    package, _, folder = rest.partition("/")
    try:
        return Path(str(files(package))) / folder
    except ModuleNotFoundError as error:
        name = package.replace("_", "-")
        raise ModelUnavailable(f"The package {name}, which carries {entry.name}, is missing; install it.") from error


def present(entry: Checkpoint, store: Store) -> bool:
    """Whether an entry's files are on this machine, without reading them. Raises `ModelUnavailable` for a damaged lock."""
    if entry.repository:
        return store.present(entry)
    try:
        return place(entry).is_dir()
    except ModelUnavailable:
        return False


def size(entry: Checkpoint, store: Store) -> int | None:
    """Bytes of an entry's files: as locked, as they lie there, or about what the entry says; None where nobody knows."""
    if entry.repository:
        locked = store.locked(entry)
        return locked.size if locked else entry.size
    return weight(place(entry)) if present(entry, store) else entry.size


def weight(folder: Path) -> int:
    """Bytes of a folder's files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
