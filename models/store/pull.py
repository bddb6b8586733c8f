"""Fetches a model: chosen files only, each verified, all of them visible at once or none."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from models.catalog import COMMIT, Checkpoint
from models.store import files, lock
from models.store.cache import Store, faults, refuse_unlike
from models.store.hub import Hub, Listing, Remote
from models.store.lock import File, Locked
from models.store.meter import Meter
from models.types import ModelUnavailable


def pull(entry: Checkpoint, store: Store, hub: Hub, meter: Meter, *, unpinned: bool = False) -> Locked:
    """Fetch the model of an entry with source "hub:" and lock it; without a connection where all of it is here already.

    A revision that is no full commit is refused unless the lock says which commit it is, or `unpinned` lets the hub say so
    now. Raises `ModelUnavailable`; what has arrived by then stays for the next time, but is not part of the store.
    """
    key = lock.key(entry)
    with store.writing():
        locked = None if unpinned and not _pinned(entry) else store.locked(entry)
        if locked and not any(faults(store.place(key, locked.commit), locked.files, meter)):
            refuse_unlike(entry, locked)
            return locked
        return _fetched(entry, store, hub, meter, revision=locked.commit if locked else _revision(entry, unpinned))


def _fetched(entry: Checkpoint, store: Store, hub: Hub, meter: Meter, *, revision: str) -> Locked:
    key, repository = lock.key(entry), entry.repository or ""
    listing = hub.listing(repository, revision)
    expected = _expected(entry, store, listing)
    parts, place = store.parts(key, listing.commit), store.place(key, listing.commit)
    store.room(sum(file.size - _there(parts / name) for name, file in expected.items()))
    verified: dict[str, File] = {}
    for name, remote in sorted(expected.items(), key=lambda each: (each[1].size, each[0])):  # configurations before weights
        if (kept := _kept(place / name, remote, meter)) is None:
            hub.fetch(repository, listing.commit, name, remote, parts / name, meter)
            kept = _verified(parts / name, remote, meter, model=entry.name)
        verified[name] = kept
        if name == "config.json":
            files.refuse_code(_json(parts / name if (parts / name).is_file() else place / name), model=entry.name)
    locked = Locked(commit=listing.commit, files=dict(sorted(verified.items())))
    store.keep(key, locked)
    return locked


def _pinned(entry: Checkpoint) -> bool:
    return re.match(COMMIT, entry.revision) is not None


def _revision(entry: Checkpoint, unpinned: bool) -> str:
    if not unpinned and not _pinned(entry):
        raise ModelUnavailable(
            f"The revision {entry.revision!r} of {entry.name} may change over time: put the full commit into its entry, "
            "or let --allow-unpinned lock what it is today."
        )
    return entry.revision


def _expected(entry: Checkpoint, store: Store, listing: Listing) -> Mapping[str, Remote]:
    """The files that are needed, with every hash that is known: from the entry, the lock, the hub. All must agree."""
    known = store.locked(entry)
    pinned = dict(entry.sha256)
    if known and known.commit == listing.commit:
        pinned = {name: file.sha256 for name, file in known.files.items()} | pinned
    names = files.needed(listing.files, pickles=entry.pickles, model=entry.name)
    for name in entry.sha256:
        if name not in names:
            raise ModelUnavailable(f"{entry.repository} holds no {name}, of which the entry gives the sha256.")
    expected = {}
    for name in names:
        remote, digest = listing.files[name], pinned.get(name)
        if digest and remote.sha256 and digest != remote.sha256:
            raise ModelUnavailable(
                f"{name} of {entry.repository} is another file than expected (sha256 {remote.sha256[:12]}..., expected "
                f"{digest[:12]}...); nothing was fetched."
            )
        expected[name] = Remote(remote.size, digest or remote.sha256)
    return expected


def _kept(path: Path, remote: Remote, meter: Meter) -> File | None:
    """A file that is at its place from an earlier time, if it is what it must be."""
    if remote.sha256 is None or not path.is_file():
        return None
    file = File(size=remote.size, sha256=remote.sha256)
    return None if lock.fault(path, file, meter) else file


def _verified(path: Path, remote: Remote, meter: Meter, *, model: str) -> File:
    """A fetched file, compared with what is known of it; what differs is removed."""
    file = File(size=remote.size, sha256=remote.sha256 or lock.sha256(path, meter))
    problem = lock.fault(path, file, meter)
    if problem:
        path.unlink()
        raise ModelUnavailable(f"{path.name} of {model}, as it came from the hub, {problem}; nothing of it was kept.")
    return file


def _there(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _json(path: Path) -> Mapping[str, object]:
    try:
        found = json.loads(path.read_bytes())
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}
