"""The tasks of `parley eval`: how examples are read, what is asked of the engine, and the figures of its answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from bot import transcript
from bot.wiring import Parley
from handlers import languages
from handlers.conversation import Thread
from models import examples
from models.catalog import Catalog, CatalogError, Translator
from models.evaluation import answering, classification, summaries, translation
from models.evaluation.classification import Row
from models.evaluation.figures import Figure
from models.examples import Asked, DataError, Labelled, Translated
from models.training.custom.made import including


@dataclass(frozen=True, slots=True)
class Summarized:
    """A thread, and the summaries to compare with."""

    thread: Thread
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """How a task is measured.

    Attributes:
        usual: the entry that serves it now.
        kinds: of the entries that can serve it, each with the entry whose place it takes; None for beside the others.
        read: the examples of a file. Raises `models.examples.DataError`.
        ask: what is answered to an example; raises `EngineError` or `HandlerError`.
        figures: those of the answers, None for what could not be answered.
        places: digits after the point.
    """

    usual: str
    kinds: Mapping[str, str | None]
    read: Callable[[Path], Sequence[Any]]
    ask: Callable[[Parley, Any], Awaitable[Any]]
    figures: Callable[[Sequence[Any], Sequence[Any]], list[Figure]]
    labels: Callable[[Sequence[Any], Sequence[Any]], list[Row]] = lambda rows, given: []
    places: int = 2


@dataclass(frozen=True, slots=True)
class Answered:
    """What an entry made of the examples: its model's signature, how many it refused, and the figures."""

    name: str
    model: str
    refused: int
    figures: list[Figure]
    labels: list[Row]


def answered(name: str, measure: Measure, rows: Sequence[Any], given: Sequence[Any]) -> Answered:
    """Measure the answers."""
    models = dict.fromkeys(found.model for found in given if found is not None)
    figures, labels = measure.figures(rows, given), measure.labels(rows, given)
    return Answered(name, ", ".join(models), sum(found is None for found in given), figures, labels)


def serving(catalog: Catalog, measure: Measure, entry: str | None) -> Catalog:
    """The catalogue with an entry in the place of the one that serves a task. Raises `CatalogError`."""
    if entry is None:
        return catalog
    catalog, name = including(catalog, entry)
    tasks = dict(catalog.tasks)
    chosen = tasks.get(name)
    if chosen is None or chosen.kind not in measure.kinds:
        fit = ", ".join(key for key, task in tasks.items() if task.kind in measure.kinds)
        why = f"{name} does another task" if chosen else f"there is no entry {name!r}"
        raise CatalogError(f"{why[0].upper()}{why[1:]}; choose one of: {fit}, or a folder that parley train made.")
    place = measure.kinds[chosen.kind]
    if place is None:  # a translator, which must not be helped by others
        tasks = {key: task for key, task in tasks.items() if not isinstance(task, Translator)}
    if place == "salience":
        tasks.pop("summarize", None)
    return catalog.model_copy(update={"tasks": {**tasks, place or name: chosen}})


def _labelled(path: Path, among: Sequence[str] | None = None) -> list[Labelled]:
    return examples.labelled(path, among=among, least=0)


def _label_figures(rows: Sequence[Labelled], given: Sequence[Any]) -> list[Figure]:
    return classification.figures([row.label for row in rows], [found and found.label for found in given])


def _label_table(rows: Sequence[Labelled], given: Sequence[Any]) -> list[Row]:
    return classification.table([row.label for row in rows], [found and found.label for found in given])


async def _sentiment(parley: Parley, row: Labelled) -> Any:
    return await parley.engine.sentiment(row.text)


async def _intent(parley: Parley, row: Labelled) -> Any:
    return await parley.engine.intent(row.text)


@dataclass(frozen=True, slots=True)
class _Answer:
    text: str
    model: str


async def _extract(parley: Parley, row: Asked) -> _Answer:
    found = await parley.engine.extract(row.question, row.context)
    return _Answer(row.context[slice(*found.span)] if found.span else "", found.model)


def _answer_figures(rows: Sequence[Asked], given: Sequence[_Answer | None]) -> list[Figure]:
    return answering.figures([found.text if found else "" for found in given], [row.answers for row in rows])


async def _translate(parley: Parley, row: Translated) -> Any:
    return await parley.engine.translate(row.text, source=row.source, target=row.target)


def _translation_figures(rows: Sequence[Translated], given: Sequence[Any]) -> list[Figure]:
    """Each direction by itself."""
    pairs = sorted({(row.source, row.target) for row in rows})
    made: list[Figure] = []
    for source, target in pairs:
        of_pair = [
            (row, found) for row, found in zip(rows, given, strict=True) if (row.source, row.target) == (source, target)
        ]
        guesses = [found.text if found else "" for _, found in of_pair]
        figures = translation.figures(guesses, [row.references for row, _ in of_pair], target=target)
        made += [replace(figure, name=f"{source} → {target} {figure.name}") for figure in figures]
    return made


def _threads(path: Path) -> list[Summarized]:
    found = []
    for record in examples.records(path, "turns", "summary"):
        try:
            thread = Thread(tuple(transcript.turn(value) for value in record.fields["turns"]))
        except (TypeError, transcript.TranscriptError) as error:
            raise record.wrong("turns", "it must be a list of turns, each with a speaker and a text.") from error
        if not (references := record.texts("summary")):
            raise record.wrong("summary", "it is empty.")
        found.append(Summarized(thread, references))
    if not found:
        raise DataError(f"{path} holds no threads.")
    return found


async def _summarize(parley: Parley, row: Summarized) -> Any:
    return await parley.handlers.summarization.summarize(row.thread)


def _summary_figures(rows: Sequence[Summarized], given: Sequence[Any]) -> list[Figure]:
    """Sentences on lines of their own, as ROUGE-Lsum wants them: a point is one."""
    guesses = ["\n".join(point.text for point in found.points) if found else "" for found in given]
    return summaries.figures(guesses, [row.references for row in rows])


_CLASSIFIERS = ("classify", "sequence", "zero-shot")
_SENTIMENT = Measure(
    "sentiment",
    dict.fromkeys(_CLASSIFIERS, "sentiment"),
    partial(_labelled, among=("negative", "neutral", "positive")),
    _sentiment,
    _label_figures,
    _label_table,
    places=3,
)

MEASURES: Mapping[str, Measure] = {
    "sentiment": _SENTIMENT,
    "classify": replace(_SENTIMENT, read=_labelled),  # any labels: the entry stands where that of sentiment does
    "intent": replace(_SENTIMENT, usual="intent", kinds=dict.fromkeys(_CLASSIFIERS, "intent"), read=_labelled, ask=_intent),
    "ask": Measure("extract", dict.fromkeys(("extract", "span"), "extract"), examples.asked, _extract, _answer_figures),
    "translate": Measure(
        "translate",
        {"student": None, "translate": None},
        partial(examples.translated, language=languages.find),
        _translate,
        _translation_figures,
    ),
    "summarize": Measure(
        "summarize", {"salience": "salience", "summarize": "summarize"}, _threads, _summarize, _summary_figures
    ),
}
