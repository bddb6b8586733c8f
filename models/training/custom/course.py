"""A whole training: examples in, some held out, a network trained, tried as it will be served, and only then handed out."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import torch
from transformers.utils import logging

from models.catalog import Catalog, CatalogError
from models.load import Loader
from models.store.cache import Store
from models.training.custom import plot
from models.training.custom.bases import Bases
from models.training.custom.card import Tables, card, toml
from models.training.custom.exam import Exam, Lesson, cut
from models.training.custom.goals import GOALS, Goal, counted
from models.training.custom.loop import Epoch, Pace, Watch, fit
from models.training.custom.made import ENTRY, extended, including
from models.training.custom.network import Entry, Network, sizes
from models.training.custom.subjects import Figures, Subject

Counts = Mapping[str, int]
TRIAL = "trial"
FEW = 50  # examples held out, below which one of them is worth two points or more


@dataclass(frozen=True, slots=True)
class Plan:
    """What to train.

    Attributes:
        task: one of `GOALS`.
        data: the file with the examples.
        base: an entry of the catalogue, an encoder's, or a folder that a training made; None for the task's own entry.
        out: the folder to make.
        rank: of a fresh LoRA adapter; None to train all weights.
        held: the share of the examples that is held out.
    """

    task: str
    data: Path
    base: str | None
    out: Path
    rank: int | None
    held: float
    pace: Pace

    @property
    def state(self) -> Path:
        """Where an unfinished training lies."""
        place = self.out.resolve()
        return place.with_name(f"{place.name}.unfinished")


class Teller(Watch, Protocol):
    """Who is told how a training goes."""

    def begun(self, base: str, taught: Counts, held: Counts, learning: tuple[int, int]) -> None:
        """The base's name, the rows that teach and those held out by their kind, and (weights that learn, all weights)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a training.

    Attributes:
        metric: the figure that tells which is better.
        before: the base's figures on the rows held out, if it does the same task.
        after: those of the new model.
        entries: the lines for the catalogue.
        notes: sentences about what the figures do not say.
    """

    folder: Path
    history: list[Epoch]
    metric: str
    before: Figures | None
    after: Figures
    entries: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A training that can begin."""

    bases: Bases
    name: str
    goal: Goal
    network: Network
    subject: Subject[Any]
    lessons: list[Lesson]
    taught: list[Any]
    held: list[Any]


def train(
    plan: Plan,
    catalog: Catalog,
    device: torch.device,
    *,
    tell: Teller,
    store: Store | None = None,
    threads: int | None = None,
    resume: bool = False,
    stop: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Train, and make the folder of `plan.out`, which is there only once all is done.

    Raises `CatalogError`, `models.examples.DataError`, `models.types.ModelUnavailable`, and
    `models.training.custom.loop.Interrupted` once `stop()` says so; with `resume`, it goes on from there. Models of the
    hub come from `store`.
    """
    if threads:
        torch.set_num_threads(threads)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    _claim(plan, resume=resume)
    ready = _prepared(plan, catalog, store)
    exam = Exam(ready.network.task, ready.subject, ready.held, plan.data)
    _begin(plan)
    base = ready.bases.signature(ready.name)
    tell.begun(base, counted(ready.taught), counted(ready.held), sizes(ready.network))
    network, checkpoint = ready.network.to(device), plan.state / "checkpoint.pt"
    history = fit(network, ready.subject, ready.lessons, exam, plan.pace, checkpoint=checkpoint, watch=tell, stop=stop)
    outcome = _written(plan, ready, history, base, device)
    shutil.rmtree(plan.state)
    return outcome


def _claim(plan: Plan, *, resume: bool) -> None:
    """See that the folder may be made, and that no training is lost. Raises `CatalogError`."""
    if plan.out.exists():
        raise CatalogError(f"{plan.out} is there already; choose another --out.")
    settings = plan.state / "settings.json"
    if resume and not settings.is_file():
        raise CatalogError(f"There is no unfinished training in {plan.state}; leave out --resume.")
    if resume and settings.read_text(encoding="utf-8") != _settings(plan):
        raise CatalogError(f"The training in {plan.state} was begun with other settings or other data; give it the same.")
    if plan.state.exists() and not resume:
        raise CatalogError(f"An unfinished training lies in {plan.state}; go on with --resume, or delete it.")


def _settings(plan: Plan) -> str:
    """What must be the same for a training to go on."""
    data = hashlib.sha256(plan.data.read_bytes()).hexdigest() if plan.data.is_file() else None
    chosen = {name: value for name, value in asdict(plan).items() if name not in {"data", "out"}}
    return json.dumps(chosen | {"data": data}, indent=1)


def _begin(plan: Plan) -> None:
    plan.state.mkdir(parents=True, exist_ok=True)
    (plan.state / "settings.json").write_text(_settings(plan), encoding="utf-8")


def _prepared(plan: Plan, catalog: Catalog, store: Store | None) -> _Ready:
    goal = GOALS[plan.task]
    catalog, name = including(catalog, plan.base or goal.base(catalog))
    rows = goal.read(plan.data)
    taught, held = goal.split(rows, held=plan.held, seed=plan.pace.seed)
    torch.manual_seed(plan.pace.seed)
    bases = Bases(catalog, store)
    network = bases.network(name, goal.named(rows), rank=plan.rank)
    subject = goal.subject(network, taught)
    lessons = [lesson for row in cut(network.task, subject, taught, plan.data) for lesson in row]
    return _Ready(bases, name, goal, network, subject, lessons, taught, held)


def _written(plan: Plan, ready: _Ready, history: list[Epoch], base: str, device: torch.device) -> Outcome:
    """Write the result beside the checkpoint, try it as it will be served, and put it into its place."""
    staged = plan.state / "result" / plan.out.resolve().name
    shutil.rmtree(staged.parent, ignore_errors=True)
    staged.parent.mkdir()
    metric, network = ready.subject.metric, ready.network
    best = max(history, key=lambda epoch: (epoch.figures[metric], -epoch.held))
    threshold = best.figures.get("threshold")
    network.write(staged, threshold)

    def served(catalog: Catalog, name: str) -> Figures:
        task = Loader(catalog, device=device, store=ready.bases.store).task(name)
        return Exam(task, ready.subject, ready.held, plan.data).served()

    task, encoder = network.entry(staged, staged, threshold)
    trial = extended(ready.bases.catalog, encoders={plan.out.name: encoder} if encoder else {}, tasks={TRIAL: task})
    after = served(trial, TRIAL)
    before = None if network.fresh else served(ready.bases.catalog, ready.name)
    final = network.entry(staged, plan.out.resolve(), threshold)
    entries = toml(_tables(final, ready.goal.role or plan.out.name, plan.out.name))
    notes = tuple(_notes(ready, before, after))
    outcome = Outcome(plan.out, history, metric, before, after, entries, notes)
    _describe(staged, plan, ready, outcome, base, best.number)
    staged.replace(plan.out)
    return outcome


def _tables(entry: tuple[Entry, Entry | None], task: str, encoder: str) -> Tables:
    """A task's entry, after that of its encoder if it has one of its own."""
    of_task, of_encoder = entry
    own = {("encoders", encoder): of_encoder} if of_encoder else {}
    return {**own, ("tasks", task): of_task}


def _notes(ready: _Ready, before: Figures | None, after: Figures) -> Iterator[str]:
    metric = ready.subject.metric
    if before and after[metric] <= before[metric]:
        yield f"It is no better than {ready.name} on what was held out; more examples may help."
    if len(ready.held) < FEW:
        yield f"Only {len(ready.held)} examples were held out, so that its figures are rough."
    if ready.goal.answers and all(row.spans for row in ready.taught):
        yield "Every question had an answer; add some without, so that it learns when to decline."


def _describe(staged: Path, plan: Plan, ready: _Ready, outcome: Outcome, base: str, best: int) -> None:
    """Card, plot and entry."""
    plot.draw(outcome.history, best, staged / "training.png")
    (staged / ENTRY).write_text(outcome.entries, encoding="utf-8")
    pace = plan.pace
    about = {
        "task": plan.task,
        "base": base,
        "date": date.today().isoformat(),
        "method": f"LoRA, {sizes(ready.network)[0]:,} weights" if plan.rank else "all weights",
        "epochs": f"{len(outcome.history)} of {pace.epochs} at most, the best was {best}",
        "batch": pace.batch,
        "learning rate": f"{pace.rate:g}, {pace.warmup:.0%} warm-up, then a cosine to 0",
        "seed": pace.seed,
    }
    counts = [("taught", counted(ready.taught)), ("held out", counted(ready.held))]
    figures = {"this model": outcome.after} if outcome.before is None else {"base": outcome.before, "this": outcome.after}
    text = card(plan.out.name, about, counts, figures, outcome.notes, outcome.entries)
    (staged / "README.md").write_text(text, encoding="utf-8")
