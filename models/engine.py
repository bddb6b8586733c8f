"""The local engine: shared models, one worker thread for each device, batches across everybody's requests."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from models.batcher import Batcher
from models.catalog import Catalog
from models.lane import Lane
from models.results import Results, key
from models.stations import Station, Stations
from models.stream import Progress, stream
from models.types import (
    Classification,
    DeadlinePassed,
    Detection,
    Extraction,
    Generation,
    Message,
    ModelUnavailable,
    PairUnsupported,
    Salience,
    Summary,
    Translation,
)

if TYPE_CHECKING:
    from models.language.identifier import LanguageIdentifier
    from models.tasks.base import Task

    AnyTask = Task[Any, Any, Any, Any]

Report = Callable[[str, int, int], None]
Result = TypeVar("Result")


class Shelf(Protocol):
    """Where loaded tasks come from: `models.load.Loader`, or a fake."""

    def devices(self, name: str, /) -> Sequence[str]:
        """Where a task belongs, one device for each replica. Raises `ModelUnavailable`."""

    def task(self, name: str, device: str, /) -> AnyTask:
        """The task of this name, loaded onto one of its devices. Raises `ModelUnavailable`."""


def local_shelf(catalog: Catalog, *, device: str, dtype: str, threads: int | None, models: Path | None = None) -> Shelf:
    """Load from this machine onto `device` ("auto" or torch's name) in `dtype` ("auto" or torch's name).

    `models` is the folder that holds what was fetched from a hub.

    Imports torch, which takes seconds: not for the event loop. Raises `ModelUnavailable` for a device that is not there.
    """
    os.environ["HF_HUB_OFFLINE"] = "1"
    import torch

    from models.device import choose
    from models.load import Loader
    from models.store.cache import Store

    chosen, precision = choose(device, dtype)
    if threads:
        torch.set_num_threads(threads)
    store = Store(models) if models else None
    return Loader(catalog, device=chosen, dtype=precision, store=store, wish=device)


class LocalEngine:
    """An `Engine` on this machine; use it as `async with`.

    Models load when first asked for, once, on their device's thread, and are shared by everybody. Of a model with replicas,
    the one with the shortest queue takes a request. A load that failed is
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
    _GRACE_S = 10.0

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
        batcher = self._furnished(self._device, grace_s=self._GRACE_S)
        self._stations = await self._lifetime.enter_async_context(Stations(Station(self._device, batcher), self._furnished))
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

    def _furnished(self, device: Executor, *, grace_s: float = 0.0) -> Batcher:
        """A waiting room for a device's thread."""
        return Batcher(device, tokens=self._tokens, room=self._room, grace_s=grace_s, too_big=_out_of_memory)

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """The (source, target) pairs that `translate` accepts."""
        return self._catalog.pairs

    @property
    def writes(self) -> frozenset[str]:
        """Which of "summarize" and "generate" the profile has a model for."""
        return frozenset({"summarize", "generate"} & self._catalog.tasks.keys())

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

    async def embed(self, text: str, *, prompt: str = "") -> tuple[float, ...]:
        """A text's embedding, of unit length; `prompt` names what it is for, where the checkpoint tells that apart."""
        found: tuple[float, ...] = await self._ask("embed", (text, prompt))
        return found

    async def salience(self, turns: Sequence[str]) -> Salience:
        """Weigh the turns of one thread."""
        # Not kept: the vectors of a thread take a hundred times the room of its text.
        found: Salience = await self._compute("salience", tuple(turns))
        return found

    async def translate(self, text: str, *, source: str, target: str) -> Translation:
        """Translate between two languages, through English where no model does both. Raises `PairUnsupported`."""
        route = self._catalog.route(source, target)
        if not route:
            raise PairUnsupported(source, target)
        found: Translation = await self._ask(route[0].task, (text, *route[0][1:]))
        for step in route[1:]:
            passed, found = found, await self._ask(step.task, (found.text, *step[1:]))
            found = replace(found, source=source, pivot=step.source, model=f"{passed.model}, {found.model}")
        return found

    async def summarize(self, turns: Sequence[str]) -> Summary:
        """Summarize a thread; drafts of its windows are summarized together until there is one, or no fewer of them."""
        await self.task("summarize")
        return await self._by(self._deadline(), self._merged(tuple(turns)))

    async def generate(self, messages: Sequence[Message]) -> Generation:
        """Answer a conversation, step by step: between any two steps, others have the device."""
        with self._batcher.enter():
            task = await self.task("generate")
            until = self._deadline()
            [decoding] = await self._by(until, self._lane.run(task.prepare, messages))

        async def step() -> Progress:
            raw = await self._stations.room(task).submit(task, [decoding])
            return await self._lane.run(task.finish, messages, [decoding], raw)

        model = self._catalog.checkpoints["generate"].model
        return stream(lambda: self._by(until, step()), self._batcher.enter, model=model, read=decoding.read)

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

    async def _merged(self, turns: tuple[str, ...]) -> Summary:
        first: Summary = await self._ask("summarize", turns)
        found = first
        while len(found.drafts) > 1:
            shorter: Summary = await self._ask("summarize", found.drafts)
            if not 0 < len(shorter.drafts) < len(found.drafts):
                break
            found = shorter
        return replace(found, turns=first.turns, windows=first.windows)

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self._deadline_s

    async def _by(self, until: float, work: Awaitable[Result]) -> Result:
        try:
            async with asyncio.timeout_at(until):
                return await work
        except TimeoutError:
            raise DeadlinePassed from None

    async def _compute(self, name: str, item: object) -> Any:
        """Take a request through its task's three phases."""
        with self._batcher.enter():
            task = await self.task(name)
            try:
                async with asyncio.timeout(self._deadline_s):
                    pieces = await self._lane.run(task.prepare, item)
                    raw = await self._stations.room(task).submit(task, pieces) if pieces else []
                    return await self._lane.run(task.finish, item, pieces, raw)
            except TimeoutError:
                raise DeadlinePassed from None

    async def task(self, name: str) -> AnyTask:
        """The task of this name, loaded if it was not yet; of replicas, the least busy. Raises `ModelUnavailable`."""
        if name not in self._catalog.tasks:
            raise ModelUnavailable(f"This profile has no model for {name!r}; give it one under [tasks.{name}].")
        loading = self._tasks.get(name)
        if loading is None or (loading.done() and (loading.cancelled() or loading.exception())):
            loading = self._tasks[name] = asyncio.create_task(self._load(name), name=f"load {name}")
        loaded = await asyncio.shield(loading)  # a caller who leaves must not stop the load for the others
        picked: AnyTask = self._stations.pick(loaded)
        return picked

    async def _load(self, name: str) -> AnyTask:
        if self._shelf is None or (self._shelf.done() and (self._shelf.cancelled() or self._shelf.exception())):
            self._shelf = asyncio.create_task(self.on_device(self._open_shelf), name="open the shelf")
        shelf = await asyncio.shield(self._shelf)
        loaded = {
            device: await self._stations.run(device, shelf.task, name, device)
            for device in await self.on_device(shelf.devices, name)
        }
        task: AnyTask = self._stations.settle(loaded)
        return task

    async def on_device(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call `function` on the first device's thread, between batches.

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
