"""Rows that were held out, put to a model in training or to a task as it is served."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Generic, TypeVar

from models.examples import Asked, DataError, Labelled
from models.tasks.base import Task
from models.training.custom.subjects import Figures, Subject
from models.types import TextRefused

AnyTask = Task[Any, Any, Any, Any]
Row = TypeVar("Row")
BATCH = 32  # pieces, of like length


@dataclass(frozen=True, slots=True)
class Lesson:
    """One piece with what is right for it."""

    piece: Any
    target: Any


def cut(task: AnyTask, subject: Subject[Row], rows: Sequence[Row], path: Path) -> list[list[Lesson]]:
    """Each row's lessons. Raises `DataError` for a row that the task refuses to read."""
    return [_lessons(task, subject, row, path) for row in rows]


def _lessons(task: AnyTask, subject: Subject[Row], row: Row, path: Path) -> list[Lesson]:
    try:
        pieces = task.prepare(subject.item(row))
    except TextRefused as refused:
        line = f", line {row.line}" if isinstance(row, Labelled | Asked) else ""
        why = "there are no words to read" if refused.reason == "empty" else f"{refused.limit} characters are the most"
        raise DataError(f"{path}{line}: {why}.") from refused
    return [Lesson(*pair) for pair in zip(pieces, subject.targets(row, pieces), strict=True)]


class Exam(Generic[Row]):
    """Rows as one task cuts them."""

    def __init__(self, task: AnyTask, subject: Subject[Row], rows: Sequence[Row], path: Path) -> None:
        """Raises `DataError` for a row that the task refuses to read."""
        self._task, self._subject, self._rows = task, subject, rows
        self._cut = cut(task, subject, rows, path)

    def tuned(self, run: Callable[[Sequence[Lesson]], Sequence[Any]]) -> Figures:
        """The figures, at the best threshold, of what `run` makes of lessons: a raw result of the task for each."""
        return self._subject.tuned(self._rows, self._results(run))

    def served(self) -> Figures:
        """The figures of the task as it is served."""
        results = self._results(lambda lessons: self._task.run([lesson.piece for lesson in lessons]))
        return self._subject.figures(self._rows, results)

    def _results(self, run: Callable[[Sequence[Lesson]], Sequence[Any]]) -> list[Any]:
        lessons = [lesson for row in self._cut for lesson in row]
        order = sorted(range(len(lessons)), key=lambda at: lessons[at].piece.size)
        raw: dict[int, Any] = {}
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            raw.update(zip(batch, run([lessons[at] for at in batch]), strict=True))
        ordered = (raw[at] for at in range(len(lessons)))
        return [
            self._task.finish(self._subject.item(row), [lesson.piece for lesson in part], list(islice(ordered, len(part))))
            for row, part in zip(self._rows, self._cut, strict=True)
        ]
