"""The command `parley`. Reads arguments and settings, starts one command, turns what goes wrong into a sentence and a code.

Nothing heavy is imported before a command needs it, so that `parley --help` answers at once.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from bot.address import Address
    from bot.settings import Settings

Task = Literal["sentiment", "translate", "ask", "summarize", "route", "language"]

Trained = Literal["sentiment", "classify", "intent", "ask"]
Compared = Literal["sentiment", "translate", "all"]
Measured = Literal["sentiment", "classify", "intent", "ask", "translate", "summarize"]

EXTRA = (
    *("slack", "discord", "aiohttp", "aiolimiter", "aiosqlite", "cryptography", "dateparser", "prometheus", "sqlalchemy"),
    *("matplotlib", "peft", "rouge_score", "sacrebleu", "sklearn"),
)
"""How the names of the packages begin that only the platforms need, or training and evaluation."""

FAILED, MISUSED, INTERRUPTED = 1, 2, 130

app = typer.Typer(
    name="parley",
    help="Summaries, answers with evidence, translation and sentiment for chat threads, on your own machine.",
    epilog="Start with: parley demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
slack_app = typer.Typer(invoke_without_command=True)
app.add_typer(slack_app, name="slack")
discord_app = typer.Typer(invoke_without_command=True)
app.add_typer(discord_app, name="discord")
models_app = typer.Typer(no_args_is_help=True, help="See, fetch, verify and carry the models of a profile.")
app.add_typer(models_app, name="models", epilog="For example: parley models list")

Profile = Annotated[
    str | None, typer.Option(metavar="NAME", help="Another profile than PARLEY_PROFILE, such as hub or gpu.")
]
Entries = Annotated[
    list[str] | None, typer.Argument(metavar="[ENTRY]...", help="Entries of the profile, or OWNER/NAME; otherwise all.")
]


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

    settings = _settings()
    _leave(settings, demo.run(settings, _console(), _console(stderr=True)))


@app.command(epilog="For example: parley chat --thread incident.json")
def chat(
    thread: Annotated[Path | None, typer.Option(help="A thread: JSON, JSON lines, or lines such as 'Maya: hello'.")] = None,
) -> None:
    """Talk with Parley about a thread, at a prompt or through a pipe."""
    from bot import transcript
    from bot.commands import chat
    from handlers.conversation import Thread

    settings = _settings()
    try:
        talked_about = transcript.read(thread) if thread else Thread()
    except transcript.TranscriptError as error:
        _stop(str(error), MISUSED)
    _leave(settings, chat.run(settings, talked_about, _stdin(), _console()))


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

    settings = _settings()
    _leave(settings, batch.run(settings, task, _stdin(), _stdout(), _console(stderr=True)))


@app.command(epilog="For example: parley bench --json figures.json")
def bench(
    json: Annotated[Path | None, typer.Option(help="Write the figures to this file, too.")] = None,
) -> None:
    """Measure the speed on this machine, next to transformers' own pipeline."""
    from bot.commands import bench

    settings = _settings()
    _leave(settings, bench.run(settings, _console(), json))


@app.command(epilog="For example: parley compare translate --text 'The deploy broke the login page.'")
def compare(
    task: Annotated[Compared, typer.Argument(metavar="TASK", help="sentiment, translate or all.")] = "all",
    text: Annotated[str | None, typer.Option(help="A text of yours in English, whose answers are shown.")] = None,
    file: Annotated[Path | None, typer.Option(metavar="FILE", help="Texts to answer, one in each line.")] = None,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write everything to this file, too.")] = None,
) -> None:
    """Do the same task in several ways, as transformers and PyTorch divide the work: answers, speed and memory."""
    from bot.commands import compare

    settings = _settings()
    names = ["sentiment", "translate"] if task == "all" else [task]
    command = compare.run(settings, names, _console(), _console(stderr=True), text=text, file=file, path=json)
    _leave(settings, command)


@slack_app.callback(epilog="For example: parley slack")
def slack(
    context: typer.Context,
    http: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Take Slack's requests there, instead of through Socket Mode.")
    ] = None,
) -> None:
    """Answer in Slack, until stopped."""
    if context.invoked_subcommand:
        return
    settings, address = _settings(), _address(http) if http else None
    with _extra_packages("Slack"):
        from bot.commands import slack
    _leave(settings, slack.run(settings, _console(stderr=True), address))


@slack_app.command("doctor", epilog="For example: parley slack doctor")
def slack_doctor(
    http: Annotated[
        bool, typer.Option("--http", help="Check what `parley slack --http` needs, instead of Socket Mode.")
    ] = False,
) -> None:
    """Check the set-up for Slack, and say how to mend what is wrong."""
    settings = _settings()
    with _extra_packages("Slack"):
        from bot.commands import doctor
        from bot.platforms.slack.doctor import CHECKS, examine
    _leave(settings, doctor.run(CHECKS, examine(settings, http=http), _console()))


@slack_app.command(epilog="For example: parley slack key")
def key() -> None:
    """Print a new key for PARLEY_SECRET_KEY, with which the database holds tokens encrypted."""
    with _extra_packages("Slack"):
        from bot.sealing import new_key
    typer.echo(new_key())


@discord_app.callback(epilog="For example: parley discord")
def discord(context: typer.Context) -> None:
    """Answer in Discord, until stopped."""
    if context.invoked_subcommand:
        return
    settings = _settings()
    with _extra_packages("Discord"):
        from bot.commands import discord
    _leave(settings, discord.run(settings, _console(stderr=True)))


@discord_app.command(epilog="For example: parley discord invite")
def invite() -> None:
    """Print the links that bring Parley into a server or to you alone, and what each permission is for."""
    settings = _settings()
    with _extra_packages("Discord"):
        from bot.commands import invite
    raise typer.Exit(invite.run(settings, _console(), _console(stderr=True)))


@discord_app.command(epilog="For example: parley discord sync")
def sync() -> None:
    """Register the commands with Discord now; when they have changed, Parley does so by itself as it starts."""
    settings = _settings()
    with _extra_packages("Discord"):
        from bot.commands import sync
    _leave(settings, sync.run(settings, _console(), _console(stderr=True)))


@discord_app.command("doctor", epilog="For example: parley discord doctor")
def discord_doctor(
    channel: Annotated[
        int | None, typer.Option(metavar="ID", min=1, help="Look at the permissions in this channel or thread only.")
    ] = None,
) -> None:
    """Check the set-up for Discord, and say how to mend what is wrong."""
    settings = _settings()
    with _extra_packages("Discord"):
        from bot.commands import doctor
        from bot.platforms.discord.doctor import CHECKS, examine
    _leave(settings, doctor.run(CHECKS, examine(settings, channel=channel), _console()))


@models_app.command("list", epilog="For example: parley models list --profile hub")
def models_list(profile: Profile = None) -> None:
    """Show what each profile needs: task, checkpoint, licence, size, and whether it is here."""
    from bot.commands import models

    settings = _settings()
    _finish(settings, lambda: models.list_(settings, profile, _console()))


@models_app.command(epilog="For example: parley models pull --profile hub sentiment")
def pull(
    entries: Entries = None,
    profile: Profile = None,
    unpinned: Annotated[
        bool, typer.Option("--allow-unpinned", help="Lock what a branch or tag is today; otherwise it is refused.")
    ] = False,
) -> None:
    """Fetch models from the hub, verify them, and lock their commits and hashes."""
    from bot.commands import models

    settings = _settings(profile)
    _finish(settings, lambda: models.pull(settings, entries or [], _console(), _console(stderr=True), unpinned=unpinned))


@models_app.command(epilog="For example: parley models verify")
def verify(entries: Entries = None, profile: Profile = None) -> None:
    """Compare the files of models with the lock."""
    from bot.commands import models

    settings = _settings(profile)
    _finish(settings, lambda: models.verify(settings, entries or [], _console(), _console(stderr=True)))


@models_app.command(epilog="For example: parley models info --profile gpu --device cuda:1")
def info(
    profile: Profile = None,
    device: Annotated[
        str | None, typer.Option(metavar="DEVICE", help="auto, cpu, mps, cuda or cuda:N, instead of PARLEY_DEVICE.")
    ] = None,
) -> None:
    """Show what each model takes of this machine's memory, and which device it would go to."""
    from bot.commands import models_info

    settings = _settings(profile)
    _finish(settings, lambda: models_info.run(settings, device, _console()))


@models_app.command(epilog="For example: parley models warm --profile hub")
def warm(profile: Profile = None) -> None:
    """Load every model of the profile once, as serving does."""
    from bot.commands import models

    settings = _settings(profile)
    _leave(settings, models.warm(settings, _console()))


@models_app.command(epilog="For example: parley models export --profile hub /media/stick/models")
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to.")],
    entries: Entries = None,
    profile: Profile = None,
) -> None:
    """Copy models with their lock into a folder, for a host without a connection."""
    from bot.commands import models

    settings = _settings(profile)
    _finish(settings, lambda: models.export(settings, folder, entries or [], _console()))


@models_app.command("import", epilog="For example: parley models import /media/stick/models")
def import_(folder: Annotated[Path, typer.Argument(metavar="DIR", help="What `parley models export` has written.")]) -> None:
    """Copy the models of such a folder to this host, and verify them."""
    from bot.commands import models

    settings = _settings()
    _finish(settings, lambda: models.import_(settings, folder, _console()))


@models_app.command(epilog="For example: parley models share ./mood acme/mood --private")
def share(
    adapter: Annotated[str, typer.Argument(metavar="ENTRY|DIR", help="A task with an adapter, or an adapter's folder.")],
    repository: Annotated[str, typer.Argument(metavar="OWNER/NAME", help="The repository; it is made if there is none.")],
    private: Annotated[bool, typer.Option("--private", help="Make a repository that only you can see.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    profile: Profile = None,
) -> None:
    """Put a trained adapter with its card into a repository of the hub."""
    from bot.commands import models

    settings = _settings(profile)

    def run() -> int:
        folder, names = models.adapter_folder(settings, adapter)
        seen = "only you" if private else "everyone"
        asked = f"Share {', '.join(names)} of {folder} as {repository} at {settings.hub_url}, for {seen} to see?"
        if not yes and not typer.confirm(asked):
            return FAILED
        return models.share(settings, folder, names, repository, _console(), private=private)

    _finish(settings, run)


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
    settings = _settings()
    with _extra_packages("Training", "train"):
        from bot.commands import train
    pace = train.Pace(epochs, patience, batch, rate or (3e-5 if full else 5e-4), seed=seed)
    plan = train.Plan(task, data, base, out, None if full else rank, held, pace)
    _finish(settings, lambda: train.run(settings, plan, _console(), _console(stderr=True), resume=resume))


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
    settings = _settings()
    with _extra_packages("Evaluation", "train"):
        from bot.commands import evaluate
    entries = [entry, against] if against else [entry]
    command = evaluate.run(settings, task, data, entries, _console(), _console(stderr=True), path=json, seed=seed)
    _leave(settings, command)


@contextmanager
def _extra_packages(what: str, extra: str | None = None) -> Iterator[None]:
    """Say what to install where packages are missing that not everybody needs; `extra` is by default named after `what`."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith(EXTRA):
            raise
        install = f"pip install 'parley[{extra or what.lower()}]'"
        _stop(f"{what} needs more packages; install them with: {install}", FAILED)


def _address(text: str) -> Address:
    from bot.address import Address

    try:
        return Address.parse(text)
    except ValueError:
        _stop(f"--http must be a host and a port such as 127.0.0.1:3000, not {text!r}.", MISUSED)


def _settings(profile: str | None = None) -> Settings:
    from bot.settings import SettingsError, load

    try:
        settings = load()
        return settings.model_copy(update={"profile": profile}) if profile else settings
    except SettingsError as error:
        _stop(str(error), MISUSED)


def _leave(settings: Settings, command: Coroutine[Any, Any, int]) -> NoReturn:
    """Run a command to its end and exit with its code."""
    import asyncio

    _finish(settings, lambda: asyncio.run(command))


def _finish(settings: Settings, command: Callable[[], int]) -> NoReturn:
    """Exit with a command's code, or with a sentence about what went wrong."""
    from bot import logs
    from bot.wording import sentence
    from models.catalog import CatalogError
    from models.examples import DataError

    logs.begin(debug=settings.debug)
    try:
        code = command()
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except (CatalogError, DataError) as error:
        _stop(str(error), MISUSED)
    except Exception as error:
        if settings.debug:
            raise
        _stop(sentence(error), FAILED)
    raise typer.Exit(code)


def _stop(words: str, code: int) -> NoReturn:
    typer.echo(f"parley: {words}", err=True)
    raise typer.Exit(code)


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")  # a terminal that cannot show a character still shows the others
    return Console(stderr=stderr, highlight=False)


def _stdin() -> io.BufferedReader:
    """Standard input, apart from `sys.stdin`: at its end the interpreter must not wait for the thread that reads it."""
    try:
        return open(0, "rb", closefd=False)
    except OSError:
        _stop("There is no standard input to read.", FAILED)


def _stdout() -> io.BufferedWriter:
    """Standard output as bytes, apart from `sys.stdout` for the same reason."""
    try:
        return open(1, "wb", closefd=False)
    except OSError:
        _stop("There is no standard output to write to.", FAILED)


def main() -> None:
    """Run the command line."""
    app(prog_name="parley")


if __name__ == "__main__":
    main()
