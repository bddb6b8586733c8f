"""The local engine: shared models, one worker thread for the device, batches across everybody's requests."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from models.batcher import Batcher
from models.catalog import Catalog
from models.lane import Lane
from models.results import Results, key
from models.types import Classification, DeadlinePassed, Detection, Extraction, PairUnsupported, Salience, Translation

if TYPE_CHECKING:
    from models.language.identifier import LanguageIdentifier
    from models.tasks.base import Task

    AnyTask = Task[Any, Any, Any, Any]

Report = Callable[[str, int, int], None]


class Shelf(Protocol):
    """Where loaded tasks come from: `models.load.Loader`, or a fake."""

    def task(self, name: str, /) -> AnyTask:
        """The task of this name, loaded. Raises `ModelUnavailable`."""


def local_shelf(catalog: Catalog, *, device: str, dtype: str, threads: int | None) -> Shelf:
    """Load from this machine onto `device` ("auto" or torch's name) in `dtype` ("auto" or torch's name).

    Imports torch, which takes seconds: not for the event loop. Raises `ModelUnavailable` for a device that is not there.
    """
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch

    from models.device import choose
    from models.load import Loader

    chosen, precision = choose(device, dtype)
    if threads:
        torch.set_num_threads(threads)
    return Loader(catalog, device=chosen, dtype=precision)


class LocalEngine:
    """An `Engine` on this machine; use it as `async with`.

    Models load when first asked for, once, on the device's thread, and are shared by everybody. A load that failed is
    tried again at the next request, so that a file can be put right without a restart.

    Args:
        catalog: what to serve.
        open_shelf: gives the source of loaded tasks; called once, on the device's thread, as it may import torch.
        tokens: padded tokens a batch may have; by default four of the longest windows.
        room: requests that may be inside; more are refused with `Overloaded`.
        deadline_s: how long a request may take, loading aside.
        cache: characters of text whose results are kept for an hour; 0 for none.
    """

    _KEPT_S = 3600.0

    def __init__(
        self,
        catalog: Catalog,
        open_shelf: Callable[[], Shelf],
        *,
        tokens: int = 1280,
        room: int = 1024,
        deadline_s: float = 60.0,
        cache: int = 0,
    ) -> None:
        self._catalog, self._open_shelf = catalog, open_shelf
        self._tokens, self._room, self._deadline_s = tokens, room, deadline_s
        self._tasks: dict[str, asyncio.Task[AnyTask]] = {}
        self._shelf: asyncio.Task[Shelf] | None = None
        self._identifier: LanguageIdentifier | None = None
        self._results = Results(characters=cache, seconds=self._KEPT_S)
        self._lifetime = AsyncExitStack()

    async def __aenter__(self) -> Self:
        # Exits run in reverse: the batcher drains first, while the threads still work.
        self._language, self._device = (ThreadPoolExecutor(1, f"parley-{name}") for name in ("language", "device"))
        lane = ThreadPoolExecutor(1, "parley-lane")
        self._lane = Lane(lane)
        for pool in (self._language, lane, self._device):
            self._lifetime.push_async_callback(asyncio.to_thread, pool.shutdown)
        batcher = Batcher(self._device, tokens=self._tokens, room=self._room, too_big=_out_of_memory)
        self._batcher = await self._lifetime.enter_async_context(batcher)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish what was taken in, refuse the rest."""
        await self._lifetime.__aexit__(kind, error, trace)
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """The (source, target) pairs that `translate` accepts."""
        return self._catalog.pairs

    async def warm(self, report: Report = lambda name, done, total: None) -> None:
        """Load every model of the profile; `report(name, done, total)` is called before each and at the end."""
        names = [*self._catalog.tasks]
        for done, name in enumerate(names):
            report(name, done, len(names) + 1)
            await self.task(name)
        report("language", len(names), len(names) + 1)
        await self.language("Which language is this?")
        report("language", len(names) + 1, len(names) + 1)

    async def sentiment(self, text: str) -> Classification:
        """Classify as negative, neutral or positive."""
        found: Classification = await self._ask("sentiment", text)
        return found

    async def intent(self, text: str) -> Classification:
        """Classify what the writer wants of the bot."""
        found: Classification = await self._ask("intent", text)
        return found

    async def extract(self, question: str, context: str) -> Extraction:
        """Find the answer to `question` in `context`, or that there is none."""
        found: Extraction = await self._ask("extract", (question, context))
        return found

    async def salience(self, turns: Sequence[str]) -> Salience:
        """Weigh the turns of one thread."""
        # Not kept: the vectors of a thread take a hundred times the room of its text.
        found: Salience = await self._compute("salience", tuple(turns))
        return found

    async def translate(self, text: str, *, source: str, target: str) -> Translation:
        """Translate between two languages. Raises `PairUnsupported`."""
        if (source, target) not in self.pairs:
            raise PairUnsupported(source, target)
        found: Translation = await self._ask(f"translate-{source}-{target}", text)
        return found

    async def language(self, text: str, *, hints: Sequence[str] = ()) -> Detection:
        """Identify the language of a text."""
        item = text, tuple(hints)
        if (kept := self._results.get(key("language", item))) is None:
            loop = asyncio.get_running_loop()
            kept = await loop.run_in_executor(self._language, self._identify, *item)
            self._results.put(key("language", item), kept, characters=len(text))
        found: Detection = kept
        return found

    async def _ask(self, name: str, item: str | tuple[str, ...]) -> Any:
        """The result of a request, computed unless it is still kept."""
        if (kept := self._results.get(key(name, item))) is None:
            kept = await self._compute(name, item)
            self._results.put(key(name, item), kept, characters=len("".join(item)))
        return kept

    async def _compute(self, name: str, item: object) -> Any:
        """Take a request through its task's three phases."""
        with self._batcher.enter():
            task = await self.task(name)
            try:
                async with asyncio.timeout(self._deadline_s):
                    pieces = await self._lane.run(task.prepare, item)
                    raw = await self._batcher.submit(task, pieces) if pieces else []
                    return await self._lane.run(task.finish, item, pieces, raw)
            except TimeoutError:
                raise DeadlinePassed from None

    async def task(self, name: str) -> AnyTask:
        """The task of this name, loaded if it was not yet. Raises `ModelUnavailable`."""
        loading = self._tasks.get(name)
        if loading is None or (loading.done() and (loading.cancelled() or loading.exception())):
            loading = self._tasks[name] = asyncio.create_task(self._load(name), name=f"load {name}")
        return await asyncio.shield(loading)  # a caller who leaves must not stop the load for the others

    async def _load(self, name: str) -> AnyTask:
        if self._shelf is None or (self._shelf.done() and (self._shelf.cancelled() or self._shelf.exception())):
            self._shelf = asyncio.create_task(self.on_device(self._open_shelf), name="open the shelf")
        shelf = await asyncio.shield(self._shelf)
        task: AnyTask = await self.on_device(shelf.task, name)
        return task

    async def on_device(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call `function` on the device's thread, between batches.

        Whatever computes with torch on the CPU belongs there: each thread that does brings OpenMP workers of its own, and
        once there are more of them than cores, all of them go to sleep after every operation.
        """
        return await asyncio.get_running_loop().run_in_executor(self._device, function, *arguments)

    def _identify(self, text: str, hints: Sequence[str]) -> Detection:
        from models.language.identifier import LanguageIdentifier

        if self._identifier is None:
            self._identifier = LanguageIdentifier()
        return self._identifier.detect(text, hints=hints)


def _out_of_memory(error: Exception) -> bool:
    """Whether the device (or the machine) ran out of memory. Torch is loaded by whoever raised this."""
    from models.device import out_of_memory

    return out_of_memory(error)
