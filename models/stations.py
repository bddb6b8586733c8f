"""Several devices behind one engine: each has its thread and its waiting room, and a task may have a replica on each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NamedTuple, ParamSpec, Self, TypeVar

from models.batcher import Batcher
from models.types import Stopped

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Station:
    """A device's thread, its waiting room, and the number of the pick that chose it last."""

    thread: Executor
    batcher: Batcher
    picked: int = 0


class Replica(NamedTuple):
    """A loaded task and where it runs."""

    task: Any
    station: Station


class Stations:
    """The devices of an engine; use it as `async with`. `first` serves the device that is named first.

    Others open when they are named first, with a room that `furnish` makes for a thread. They close once `first` has
    drained, as it has the door through which all requests enter.
    """

    def __init__(self, first: Station, furnish: Callable[[Executor], Batcher]) -> None:
        self._first, self._furnish = first, furnish
        self._open: dict[str, Station] = {}
        self._replicas: dict[int, list[Replica]] = {}
        self._picks = 0
        self._closing = False
        self._lifetime = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all but the first."""
        self._closing = True
        await self._lifetime.__aexit__(kind, error, trace)

    async def run(self, device: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `function` on a device's thread, between batches. Raises `Stopped` once the devices close."""
        station = await self._at(device)
        return await asyncio.get_running_loop().run_in_executor(station.thread, lambda: function(*args, **kwargs))

    def settle(self, loaded: Mapping[str, Any]) -> Any:
        """Take in a task's replicas, by the devices that they were loaded on; returns the one that stands for all."""
        replicas = [Replica(task, self._open[device]) for device, task in loaded.items()]
        self._replicas |= {id(replica.task): replicas for replica in replicas}
        return replicas[0].task

    def pick(self, task: Any) -> Any:
        """The replica of a task with the fewest rows before it; of equals, the one that was not picked for longest."""
        replicas = self._replicas.get(id(task), [])
        if len(replicas) < 2:
            return task
        chosen = min(replicas, key=lambda each: (each.station.batcher.rows, each.station.picked))
        self._picks += 1
        chosen.station.picked = self._picks
        return chosen.task

    def room(self, task: Any) -> Batcher:
        """The waiting room of the device that a task, or a replica of it, is on."""
        return next((each.station for each in self._replicas.get(id(task), []) if each.task is task), self._first).batcher

    async def _at(self, device: str) -> Station:
        if self._closing:
            raise Stopped
        if not self._open:
            self._open[device] = self._first
        if device not in self._open:
            thread = ThreadPoolExecutor(1, f"parley-{device}")
            station = self._open[device] = Station(thread, self._furnish(thread))
            self._lifetime.push_async_callback(asyncio.to_thread, thread.shutdown)
            await self._lifetime.enter_async_context(station.batcher)  # yields to nobody: who comes next finds it open
        return self._open[device]
