"""The folder that holds what was fetched from a hub. A model is there once it stands in the lock, and not before."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from models.catalog import Checkpoint
from models.store import lock
from models.store.lock import File, Lock, Locked
from models.store.meter import Meter, Silent
from models.types import ModelUnavailable

SPARE = 64 << 20
"""Bytes that stay free on the disk."""


class Store:
    """Models by repository and commit below `folder`, and `lock.json` beside them. Reading it never opens a connection.

    Files that are still being fetched lie in `parts`; they move to their places when all of a model's files are verified,
    and the lock names the model after that.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def lock(self) -> Lock:
        """The lock as it is now. Raises `ModelUnavailable`."""
        return lock.read(self.folder / "lock.json")

    def locked(self, entry: Checkpoint) -> Locked | None:
        """What the lock says of an entry's model, if anything. Raises `ModelUnavailable`."""
        return self.lock.models.get(lock.key(entry))

    def place(self, key: str, commit: str) -> Path:
        """The folder of a model, by its key in the lock."""
        return self.folder / _name(key) / commit

    def parts(self, key: str, commit: str) -> Path:
        """The folder where a model's files lie while they are fetched."""
        return self.folder / "parts" / _name(key) / commit

    def found(self, entry: Checkpoint, meter: Meter | None = None) -> Path:
        """The folder of an entry's model, all files compared with the lock, and the lock with the entry.

        Raises `ModelUnavailable` with the command that fetches what is missing or damaged.
        """
        locked = self.locked(entry)
        fetch = f"parley models pull {entry.repository}"
        if locked is None:
            raise ModelUnavailable(f"The model {entry.name} is not on this machine; fetch it with: {fetch}")
        refuse_unlike(entry, locked)
        place = self.place(lock.key(entry), locked.commit)
        for name, problem in faults(place, locked.files, meter):
            raise ModelUnavailable(f"The file {name} of {entry.name} {problem}; fetch it again with: {fetch}")
        return place

    def present(self, entry: Checkpoint) -> bool:
        """Whether a model is here, going by the sizes of its files. Raises `ModelUnavailable` for a damaged lock."""
        locked = self.locked(entry)
        if locked is None:
            return False
        place = self.place(lock.key(entry), locked.commit)
        return all(_size(place / name) == file.size for name, file in locked.files.items())

    def keep(self, key: str, locked: Locked) -> None:
        """Move a model's verified files from `parts` to their place, then name it in the lock."""
        parts, place = self.parts(key, locked.commit), self.place(key, locked.commit)
        for name in locked.files:
            if (parts / name).is_file():
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                (parts / name).replace(place / name)
        lock.write(self.folder / "lock.json", self.lock.adding(key, locked))
        shutil.rmtree(parts, ignore_errors=True)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the store for one writer at a time; what the disk refuses becomes a `ModelUnavailable`."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / ".writing", timeout=0):
                yield
        except Timeout as error:
            raise ModelUnavailable(f"Another command is writing to {self.folder}; try again when it is done.") from error
        except OSError as error:
            raise ModelUnavailable(self._refused(error)) from error

    def room(self, needed: int) -> None:
        """Raise `ModelUnavailable` where the disk has no room for another `needed` bytes."""
        free = shutil.disk_usage(self.folder).free
        if needed + SPARE > free:
            raise ModelUnavailable(
                f"{self.folder} has {free / 1e9:.1f} GB left, and {needed / 1e9:.1f} GB are needed; "
                "make room, or set PARLEY_MODELS_DIR to a folder on another disk."
            )

    def _refused(self, error: OSError) -> str:
        if error.errno == errno.ENOSPC:
            return f"There is no space left at {self.folder}; make room, and start again: it goes on where it stopped."
        return f"{error.filename or self.folder} cannot be used: {error.strerror or 'the disk failed'}."


def refuse_unlike(entry: Checkpoint, locked: Locked) -> None:
    """Raise `ModelUnavailable` where the hashes of an entry are not those of the lock."""
    for name, digest in entry.sha256.items():
        file = locked.files.get(name)
        if file is None or file.sha256 != digest:
            held = f"sha256 {file.sha256[:12]}..." if file else "no such file"
            raise ModelUnavailable(
                f"The lock and the entry of {entry.name} disagree on {name}: {held}, expected {digest[:12]}...; "
                "put the right sha256 into the entry."
            )


def faults(place: Path, files: Mapping[str, File], meter: Meter | None = None) -> Iterator[tuple[str, str]]:
    """What is wrong with files, as far as anything is: the name and the end of a sentence."""
    real = place.resolve()
    for name, file in files.items():
        outside = (place / name).resolve() != real / name
        if problem := "is a link, which is not followed" if outside else lock.fault(place / name, file, meter or Silent()):
            yield name, problem


def _name(key: str) -> str:
    """The folder of a repository, e.g. "facebook--bart-large-cnn"."""
    return key.partition("@")[0].replace("/", "--")


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() and not path.is_symlink() else None
