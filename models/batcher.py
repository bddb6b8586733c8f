"""The waiting room in front of one device: who waits, who shares a batch, and how each request ends.

There is no timer. One batch is in flight; while it runs, the next one forms from whoever arrived. A lone request therefore
waits for nobody, and the busier the device, the fuller its batches. Knows no network and no torch.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from models.types import ModelFailed, Overloaded, Stopped

Raw = TypeVar("Raw")
Computed = TypeVar("Computed", covariant=True)


class Sized(Protocol):
    """A row of a batch, of `size` tokens."""

    @property
    def size(self) -> int:
        """Its length in tokens."""


class Runner(Protocol[Computed]):
    """Computes one batch on the device. Rows of the same runner may share a batch."""

    def run(self, pieces: Sequence[Any], /) -> Sequence[Computed]:
        """One result for each piece, in order."""


@dataclass(slots=True, eq=False)
class _Job(Generic[Raw]):
    """A request: its pieces' results as they come in, and the one future that ends it."""

    results: list[Raw | None]
    ending: asyncio.Future[list[Raw]]
    open: int = field(init=False)

    def __post_init__(self) -> None:
        self.open = len(self.results)

    def fill(self, place: int, result: Raw) -> None:
        self.results[place] = result
        self.open -= 1
        if self.open == 0 and not self.ending.done():
            self.ending.set_result(self.results)  # type: ignore[arg-type]  # every place is filled now

    def fail(self, error: Exception) -> None:
        if not self.ending.done():
            self.ending.set_exception(error)


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    runner: Runner[Any]
    piece: Sized
    job: _Job[Any]
    place: int

    @property
    def wanted(self) -> bool:
        """Whether its caller still waits for it."""
        return not self.job.ending.done()


class Batcher:
    """Batches requests for one device; use it as `async with`.

    Args:
        device: an executor with a single thread, where batches run.
        tokens: a batch costs its longest row times its rows; at most this much. One row alone always runs.
        room: how many requests may be inside; the next one is refused with `Overloaded`.
        grace_s: how long a shutdown waits for the requests it still has.
        too_big: tells the errors that mean "does not fit into memory"; halves are tried then, once, and the budget shrinks.
    """

    def __init__(
        self,
        device: Executor,
        *,
        tokens: int,
        room: int,
        grace_s: float = 10.0,
        too_big: Callable[[Exception], bool] = lambda error: isinstance(error, MemoryError),
    ) -> None:
        self._too_big = too_big
        self._device, self._tokens, self._room, self._grace_s = device, tokens, room, grace_s
        self._rows: deque[_Row] = deque()
        self._inside = 0
        self._running: list[_Row] = []
        self._changed = asyncio.Event()
        self._closing = False

    async def __aenter__(self) -> Self:
        self._server = asyncio.create_task(self._serve(), name="batcher")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let nobody in, finish those who are inside, then tell the rest that it is over."""
        self._closing = True
        self._changed.set()
        await asyncio.wait([self._server], timeout=self._grace_s)
        self._server.cancel()
        await asyncio.gather(self._server, return_exceptions=True)

    @property
    def inside(self) -> int:
        """How many requests are being prepared, wait or run."""
        return self._inside

    @property
    def rows(self) -> int:
        """How many rows wait or run."""
        return len(self._rows) + len(self._running)

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Take a place for one request. Raises `Overloaded` or `Stopped` at the door, before any work."""
        if self._closing:
            raise Stopped
        if self._inside >= self._room:
            raise Overloaded
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            self._changed.set()

    async def submit(self, runner: Runner[Raw], pieces: Sequence[Sized]) -> list[Raw]:
        """Run the `pieces` (one or more) of one request and return their results in order.

        Raises `Stopped`, or `ModelFailed` when the runner raised for one of these very pieces. A caller who is cancelled
        leaves at once; pieces of his that have not started never will.
        """
        if self._server.done():
            raise Stopped
        job: _Job[Raw] = _Job([None] * len(pieces), asyncio.get_running_loop().create_future())
        self._rows.extend(_Row(runner, piece, job, place) for place, piece in enumerate(pieces))
        self._changed.set()
        return await job.ending

    async def _serve(self) -> None:
        try:
            while batch := await self._next():
                self._running = batch
                await self._run(batch)
                self._running = batch = []  # who waits for nothing must hold nothing: a row may keep much memory
        finally:
            self._closing = True
            for row in (*self._running, *self._rows):
                row.job.fail(Stopped())

    async def _next(self) -> list[_Row]:
        """Wait for the next batch; an empty one means that it is time to stop."""
        while True:
            self._rows = deque(row for row in self._rows if row.wanted)
            if self._rows:
                return self._form()
            if self._closing and not self._inside:
                return []
            self._changed.clear()
            await self._changed.wait()

    def _form(self) -> list[_Row]:
        """Take the oldest row and those nearest to it in length, within the token budget.

        The oldest always goes, so nobody is overtaken for ever; neighbours in length waste the least padding.
        """
        oldest = self._rows[0]
        peers = sorted((row for row in self._rows if row.runner is oldest.runner), key=lambda row: row.piece.size)
        batch = [oldest]
        for low, high in _widen(peers, peers.index(oldest)):
            if peers[high].piece.size * (high - low + 1) > self._tokens:
                break
            batch = peers[low : high + 1]
        taken = set(map(id, batch))
        self._rows = deque(row for row in self._rows if id(row) not in taken)
        return batch

    async def _run(self, batch: list[_Row], *, halved: bool = False) -> None:
        """Run a batch and end each of its rows, whatever happens; `halved` if a larger one did not fit into memory."""
        batch = [row for row in batch if row.wanted]
        if not batch:
            return
        loop, pieces = asyncio.get_running_loop(), [row.piece for row in batch]
        try:
            results = await loop.run_in_executor(self._device, batch[0].runner.run, pieces)
            for row, result in zip(batch, results, strict=True):
                row.job.fill(row.place, result)
            return
        except Exception as error:
            big = self._too_big(error)
            part = len(batch) // 2 if big else 1  # one bad text must harm only itself
            if big and part:
                self._tokens = min(self._tokens, max(piece.size for piece in pieces) * part)
            if len(batch) == 1 or (big and halved):
                _fail(batch, error)
                return
        # Only here is the error gone, and with it what its frames hold of the device's memory.
        for at in range(0, len(batch), part):
            await self._run(batch[at : at + part], halved=big)


def _fail(batch: Sequence[_Row], cause: Exception) -> None:
    for row in batch:
        failure = ModelFailed()
        failure.__cause__ = cause
        row.job.fail(failure)


def _widen(peers: Sequence[_Row], start: int) -> Iterator[tuple[int, int]]:
    """Windows around `start`, one row more each time, always the neighbour nearest in length."""
    low = high = start
    size = peers[start].piece.size
    while low > 0 or high < len(peers) - 1:
        shorter = size - peers[low - 1].piece.size if low > 0 else None
        longer = peers[high + 1].piece.size - size if high < len(peers) - 1 else None
        if longer is None or (shorter is not None and shorter <= longer):
            low -= 1
        else:
            high += 1
        yield low, high
