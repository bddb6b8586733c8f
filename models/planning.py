"""Where the whole checkpoints of a profile go on this machine: planned once for all of them, checked as each is loaded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from models import placement, survey
from models.catalog import AutoTask, Catalog
from models.footprint import of_folder
from models.placement import Host, Placing
from models.store.cache import Store
from models.types import ModelUnavailable


class Planner:
    """Plans when it is first asked. May be asked from several threads.

    Args:
        device: what models without a device of their own may go to, as PARLEY_DEVICE names it.
        dtype: theirs without one of their own.
        look: tells the host as it is at the moment.
    """

    def __init__(self, catalog: Catalog, store: Store | None, *, device: str, dtype: str, look: Callable[[], Host]) -> None:
        self._catalog, self._store, self._look = catalog, store, look
        self._device, self._dtype = device, dtype
        self._plan: dict[str, tuple[Placing, ...]] | None = None
        self._lock = threading.Lock()

    def devices(self, name: str) -> tuple[str, ...]:
        """Where a task's model goes, or each of its replicas. Raises `ModelUnavailable` for a device that is not here."""
        with self._lock:
            if self._plan is None:
                wanted = survey.wants(self._catalog, self._store, dtype=self._dtype)
                self._plan = placement.plan(wanted, self._look(), device=self._device)
        if name not in self._plan:
            host = self._look()
            raise ModelUnavailable(host.absent(*survey.wishes(self._catalog.tasks[name])))
        return tuple(placing.device.name for placing in self._plan[name])

    def check(self, name: str, entry: AutoTask, folder: Path, device: str) -> None:
        """Raise `ModelUnavailable` where the model in `folder` does not fit into what is free of `device` now."""
        known = of_folder(folder, pickles=entry.pickles, model=entry.name)
        wanted = survey.want(name, entry.model_copy(update={"device": device}), known, dtype=self._dtype)
        host = self._look()
        for placing in placement.plan([wanted], host)[name]:
            if not placing.fits:
                raise ModelUnavailable(placement.refusal(placing, host))
