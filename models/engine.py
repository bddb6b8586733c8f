"""The local engine: shared models, one worker thread for the device, batches across everybody's requests."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from models.batcher import Batcher
from models.catalog import Catalog
from models.types import Classification, DeadlinePassed, Detection, Extraction, PairUnsupported, Salience, Translation

if TYPE_CHECKING:
    from models.language import LanguageIdentifier
    from models.load import Loader
    from models.tasks.base import Task

    AnyTask = Task[Any, Any, Any, Any]

Report = Callable[[str, int, int], None]


class LocalEngine:
    """An `Engine` on this machine; use it as `async with`.

    Models load when first asked for, once, on a CPU thread, and are shared by everybody. A load that failed is tried again at
    the next request, so that a file can be put right without a restart.

    Args:
        catalog: what to serve.
        device: "auto" (CUDA, then MPS, then CPU) or a torch device.
        dtype: "auto" or a torch dtype's name.
        threads: CPU threads for torch; 0 leaves it to torch.
        tokens: padded tokens a batch may have; 0 chooses by device.
        room: requests that may be inside; more are refused with `Overloaded`.
        deadline_s: how long a request may take, loading aside.
    """

    def __init__(
        self,
        catalog: Catalog,
        *,
        device: str = "auto",
        dtype: str = "auto",
        threads: int = 0,
        tokens: int = 0,
        room: int = 1024,
        deadline_s: float = 60.0,
    ) -> None:
        self._catalog, self._device_name, self._dtype_name, self._threads = catalog, device, dtype, threads
        self._tokens, self._room, self._deadline_s = tokens, room, deadline_s
        self._tasks: dict[str, asyncio.Task[AnyTask]] = {}
        self._loader: asyncio.Task[Loader] | None = None
        self._identifier: LanguageIdentifier | None = None
        self._lifetime = AsyncExitStack()

    async def __aenter__(self) -> Self:
        # Exits run in reverse: the batcher drains first, while both pools still work.
        self._cpu = self._lifetime.enter_context(ThreadPoolExecutor(2, "parley-cpu"))
        self._device = self._lifetime.enter_context(ThreadPoolExecutor(1, "parley-device"))
        tokens = self._tokens or 1024
        self._batcher = await self._lifetime.enter_async_context(Batcher(self._device, tokens=tokens, room=self._room))
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
            await self._task(name)
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
        found: Salience = await self._ask("salience", tuple(turns))
        return found

    async def translate(self, text: str, *, source: str, target: str) -> Translation:
        """Translate between two languages. Raises `PairUnsupported`."""
        if (source, target) not in self.pairs:
            raise PairUnsupported(source, target)
        found: Translation = await self._ask(f"translate-{source}-{target}", text)
        return found

    async def language(self, text: str, *, hints: Sequence[str] = ()) -> Detection:
        """Identify the language of a text."""
        return await self._on_cpu(self._identify, text, tuple(hints))

    async def _ask(self, name: str, item: object) -> Any:
        """Take a request through its task's three phases."""
        with self._batcher.enter():
            task = await self._task(name)
            try:
                async with asyncio.timeout(self._deadline_s):
                    pieces = await self._on_cpu(task.prepare, item)
                    raw = await self._batcher.submit(task, pieces) if pieces else []
                    return await self._on_cpu(task.finish, item, pieces, raw)
            except TimeoutError:
                raise DeadlinePassed from None

    async def _on_cpu(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._cpu, function, *arguments)

    async def _task(self, name: str) -> AnyTask:
        loading = self._tasks.get(name)
        if loading is None or (loading.done() and (loading.cancelled() or loading.exception())):
            loading = self._tasks[name] = asyncio.create_task(self._load(name), name=f"load {name}")
        return await asyncio.shield(loading)  # a caller who leaves must not stop the load for the others

    async def _load(self, name: str) -> AnyTask:
        if self._loader is None or self._loader.cancelled():
            self._loader = asyncio.create_task(self._on_cpu(self._open))
        loader = await asyncio.shield(self._loader)
        return await self._on_cpu(loader.task, name)  # type: ignore[no-any-return]

    def _open(self) -> Loader:
        """Import torch and choose the device: seconds, so never on the event loop."""
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        import torch

        from models.device import choose
        from models.load import Loader

        device, dtype = choose(self._device_name, self._dtype_name)
        if self._threads:
            torch.set_num_threads(self._threads)
        return Loader(self._catalog, device=device, dtype=dtype)

    def _identify(self, text: str, hints: Sequence[str]) -> Detection:
        from models.language import LanguageIdentifier

        if self._identifier is None:
            self._identifier = LanguageIdentifier()
        return self._identifier.detect(text, hints=hints)
