"""`parley train` and `parley eval`: people's own models, and how good any of them is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.cli.running import chosen, console, extra_packages, finish, leave

Trained = Literal["sentiment", "classify", "intent", "ask"]
Measured = Literal["sentiment", "classify", "intent", "ask", "translate", "summarize"]

app = typer.Typer()


@app.command(epilog="For example: parley train sentiment --data messages.csv --out our-sentiment")
def train(
    task: Annotated[Trained, typer.Argument(metavar="TASK", help="One of the tasks above.")],
    data: Annotated[Path, typer.Option(metavar="FILE", help="The examples, *.csv or *.jsonl.")],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="The folder to make.")],
    base: Annotated[
        str | None, typer.Option(metavar="ENTRY", help="What to start from: a task or an encoder of the catalogue.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Train all weights, instead of a LoRA adapter.")] = False,
    rank: Annotated[int, typer.Option(min=1, help="The rank of a new LoRA adapter.")] = 16,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the examples, at most.")] = 10,
    patience: Annotated[int, typer.Option(min=1, help="Stop after so many epochs without a better one.")] = 3,
    batch: Annotated[int, typer.Option(min=1, help="Examples in a step.")] = 16,
    rate: Annotated[
        float | None, typer.Option(min=0, help="The learning rate; by default 0.0005, and 0.00003 with --full.")
    ] = None,
    held: Annotated[float, typer.Option(min=0.01, max=0.9, help="The share of the examples held out.")] = 0.2,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same model.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a training that was stopped.")] = False,
) -> None:
    """Train a model on your own examples.

    \b
    TASK       takes                               learns
    sentiment  text, label                         negative, neutral, positive
    classify   text, label                         your own labels
    intent     text, label                         what a message wants of Parley
    ask        question, context, answer, start?   where answers stand; empty ones for none

    Ctrl-C stops after the step under way; --resume goes on from there.
    """
    settings = chosen()
    with extra_packages("Training", "train"):
        from bot.commands import train
    pace = train.Pace(epochs, patience, batch, rate or (3e-5 if full else 5e-4), seed=seed)
    plan = train.Plan(task, data, base, out, None if full else rank, held, pace)
    finish(settings, lambda: train.run(settings, plan, console(), console(stderr=True), resume=resume))


@app.command("eval", epilog="For example: parley eval sentiment --data test.csv --entry our-sentiment --against sentiment")
def evaluate(
    task: Annotated[Measured, typer.Argument(metavar="TASK", help="One of the tasks above.")],
    data: Annotated[Path, typer.Option(metavar="FILE", help="The examples, *.csv or *.jsonl.")],
    entry: Annotated[
        str | None, typer.Option(metavar="ENTRY", help="An entry of the catalogue, or a folder that parley train made.")
    ] = None,
    against: Annotated[str | None, typer.Option(metavar="ENTRY", help="Another one to compare it with.")] = None,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the figures to this file, too.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the resamples of a comparison.")] = 0,
) -> None:
    """Measure how good a model is on your own examples.

    \b
    TASK       takes                                  gives
    sentiment  text, label                            accuracy, macro recall and F1, each label
    classify   text, label                            the same
    intent     text, label                            the same
    ask        question, context, answer, start?      exact match and F1, as SQuAD's script has them
    translate  text, source, target, translation      BLEU and chrF, as sacreBLEU has them
    summarize  turns, summary                         ROUGE
    """
    settings = chosen()
    with extra_packages("Evaluation", "train"):
        from bot.commands import evaluate
    entries = [entry, against] if against else [entry]
    command = evaluate.run(settings, task, data, entries, console(), console(stderr=True), path=json, seed=seed)
    leave(settings, command)
