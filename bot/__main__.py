"""The command `parley`. Reads arguments and settings, starts one command, turns what goes wrong into a sentence and a code.

Nothing heavy is imported before a command needs it, so that `parley --help` answers at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.cli import discord, models, own, slack
from bot.cli.running import MISUSED, chosen, console, leave, stdin, stdout, stop

Task = Literal["sentiment", "translate", "ask", "summarize", "route", "language"]
Compared = Literal["sentiment", "translate", "all"]

app = typer.Typer(
    name="parley",
    help="Summaries, answers with evidence, translation and sentiment for chat threads, on your own machine.",
    epilog="Start with: parley demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(own.app)
app.add_typer(slack.app, name="slack")
app.add_typer(discord.app, name="discord")
app.add_typer(models.app, name="models", epilog="For example: parley models list")


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"parley {version('parley')}")
        raise typer.Exit


@app.callback()
def _parley(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Summaries, answers with evidence, translation and sentiment for chat threads, on your own machine."""


@app.command(epilog="For example: parley demo")
def demo() -> None:
    """Show a thread that ships with Parley, and what Parley answers in it."""
    from bot.commands import demo

    settings = chosen()
    leave(settings, demo.run(settings, console(), console(stderr=True)))


@app.command(epilog="For example: parley chat --thread incident.json")
def chat(
    thread: Annotated[Path | None, typer.Option(help="A thread: JSON, JSON lines, or lines such as 'Maya: hello'.")] = None,
) -> None:
    """Talk with Parley about a thread, at a prompt or through a pipe."""
    from bot import transcript
    from bot.commands import chat
    from handlers.conversation import Thread

    settings = chosen()
    try:
        talked_about = transcript.read(thread) if thread else Thread()
    except transcript.TranscriptError as error:
        stop(str(error), MISUSED)
    leave(settings, chat.run(settings, talked_about, stdin(), console()))


@app.command(epilog="For example: parley batch sentiment < messages.jsonl > sentiments.jsonl")
def batch(task: Annotated[Task, typer.Argument(metavar="TASK", help="One of the tasks above.")]) -> None:
    """Answer JSON lines from standard input, in their order.

    \b
    TASK       takes                           gives
    sentiment  text                            label, scores
    translate  text, target, source?           translation, source, target
    ask        question, context or turns      answer, score, evidence
    summarize  turns, sentences?               summary, points, coverage
    route      text                            intent, slots, score
    language   text                            language, score

    Turns are objects with a speaker and a text. Other fields pass through. What was wrong with a line stands in its
    place, under "error" with the number of the "line", and the exit code is 1 at the end.
    """
    from bot.commands import batch

    settings = chosen()
    leave(settings, batch.run(settings, task, stdin(), stdout(), console(stderr=True)))


@app.command(epilog="For example: parley bench --json figures.json")
def bench(
    json: Annotated[Path | None, typer.Option(help="Write the figures to this file, too.")] = None,
) -> None:
    """Measure the speed on this machine, next to transformers' own pipeline."""
    from bot.commands import bench

    settings = chosen()
    leave(settings, bench.run(settings, console(), json))


@app.command(epilog="For example: parley compare translate --text 'The deploy broke the login page.'")
def compare(
    task: Annotated[Compared, typer.Argument(metavar="TASK", help="sentiment, translate or all.")] = "all",
    text: Annotated[str | None, typer.Option(help="A text of yours in English, whose answers are shown.")] = None,
    file: Annotated[Path | None, typer.Option(metavar="FILE", help="Texts to answer, one in each line.")] = None,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write everything to this file, too.")] = None,
) -> None:
    """Do the same task in several ways, as transformers and PyTorch divide the work: answers, speed and memory."""
    from bot.commands import compare

    settings = chosen()
    names = ["sentiment", "translate"] if task == "all" else [task]
    command = compare.run(settings, names, console(), console(stderr=True), text=text, file=file, path=json)
    leave(settings, command)


def main() -> None:
    """Run the command line."""
    app(prog_name="parley")


if __name__ == "__main__":
    main()
