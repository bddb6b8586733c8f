"""Runs a task on texts of growing length, so that what is compiled for their shapes is ready before anybody asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from models.catalog import AutoTask, TranslateTask
from models.tasks.base import Task
from models.types import Message, ModelUnavailable, TextRefused

WORDS = (4, 16, 64, 256, 1024)
"""Of the texts; the longest of them fill a window of any usual encoder."""

ITEMS: Mapping[str, Callable[[str], Any]] = {
    "sequence": lambda text: text,
    "zero-shot": lambda text: text,
    "span": lambda text: ("Who fixed it?", text),
    "summarize": lambda text: (f"Ana: {text}",),
    "generate": lambda text: (Message("user", text),),
    "embed": lambda text: (text, ""),
}
"""What a task of each kind takes, with a text in it."""


def warm(task: Task[Any, Any, Any, Any], entry: AutoTask) -> None:
    """Run batches of one row and of two, which are compiled apart, at each length. Raises `ModelUnavailable`."""
    for words in WORDS:
        item = _item(entry, " ".join(["release"] * words))
        try:
            rows = [task.prepare(item)[0] for _ in range(3)]
        except TextRefused:  # longer than this model takes
            return
        try:
            task.run(rows[:1])
            task.run(rows[1:])
        except RuntimeError as error:
            raise ModelUnavailable(
                f"{entry.name} cannot be compiled on this machine; set compile = false in its entry."
            ) from error


def _item(entry: AutoTask, text: str) -> Any:
    if isinstance(entry, TranslateTask):
        return (text, *min(entry.pairs))
    return ITEMS[entry.kind](text)  # type: ignore[attr-defined]
