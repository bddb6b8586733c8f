"""The same task in several ways, side by side: what they answer, how fast, and for how much memory."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from transformers.utils import logging

from models import catalog
from models.bench import memory
from models.bench.classifying import SENTIMENT
from models.bench.figures import interleave
from models.bench.translating import TRANSLATE
from models.bench.ways import Answer, Network, Run, Subject, Way
from models.catalog import Catalog
from models.engine import LocalEngine, local_shelf

SUBJECTS = {subject.name: subject for subject in (SENTIMENT, TRANSLATE)}
PROFILE = "offline"
ROUNDS = 3

Report = Callable[[str], None]
"""Told what is done next."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a way does, gives and takes.

    Attributes:
        rate: texts a second.
        ratio: to the rate of the first way.
        same: how many answers are those of the first way, probabilities aside.
        peak: bytes of memory that it takes at most, libraries aside.
    """

    way: Way
    answers: tuple[Answer, ...]
    rate: float
    ratio: float
    same: int
    peak: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """The ways of a subject, in its order; `gone` are those that no longer exist."""

    subject: str
    network: Network
    texts: tuple[str, ...]
    rows: tuple[Row, ...]
    gone: tuple[Way, ...]


def steps(subject: Subject, *, rounds: int = ROUNDS) -> int:
    """How often `compare` reports."""
    return sum(way.open is not None for way in subject.ways) * (rounds + 2)


@asynccontextmanager
async def opened(threads: int | None) -> AsyncIterator[tuple[LocalEngine, Catalog]]:
    """An engine with the default profile on the CPU, which refuses nobody; and that profile."""
    chosen = catalog.read(PROFILE)
    shelf = partial(local_shelf, chosen, device="cpu", dtype="auto", threads=threads)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    async with LocalEngine(chosen, shelf, room=sys.maxsize, deadline_s=3600) as engine:
        yield engine, chosen


async def compare(
    subject: Subject, texts: Sequence[str], report: Report, *, threads: int | None = None, rounds: int = ROUNDS
) -> Comparison:
    """Let all ways of `subject` answer `texts`: each alone for its memory, then in turns for their speed.

    Raises `EngineError` where a model is missing or refuses a text.
    """
    peaks = {}
    for way in subject.ways:
        if way.open:
            report(f"{way.name}: memory")
            peaks[way.name] = await memory.peak(way.open, texts, threads=threads)
    async with opened(threads) as (engine, chosen):
        network = await engine.on_device(subject.network, chosen)
        runs = {way.name: await way.open(engine, chosen) for way in subject.ways if way.open}
        answers, rates = await _race(runs, texts, report, rounds=rounds)
    first = next(iter(runs))
    rows = [
        Row(
            way,
            tuple(answers[way.name]),
            rates[way.name],
            rates[way.name] / rates[first],
            sum(one.text == other.text for one, other in zip(answers[way.name], answers[first], strict=True)),
            peaks[way.name],
        )
        for way in subject.ways
        if way.name in runs
    ]
    return Comparison(subject.name, network, tuple(texts), tuple(rows), tuple(w for w in subject.ways if w.name not in runs))


async def _race(
    runs: dict[str, Run], texts: Sequence[str], report: Report, *, rounds: int
) -> tuple[dict[str, list[Answer]], dict[str, float]]:
    """The answers of each way, and how many texts it answers in a second."""
    answers: dict[str, list[Answer]] = {}

    def contestant(name: str, run: Run) -> Callable[[], Awaitable[None]]:
        async def answer() -> None:
            report(f"{name}: speed")
            answers[name] = await run(texts)

        return answer

    spent = await interleave({name: contestant(name, run) for name, run in runs.items()}, rounds=rounds)
    return answers, {name: len(texts) / seconds for name, seconds in spent.items()}
