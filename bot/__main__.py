"""The command `parley`. Reads arguments and settings, starts one command, turns what goes wrong into a sentence and a code.

Nothing heavy is imported before a command needs it, so that `parley --help` answers at once.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from bot.address import Address
    from bot.settings import Settings

Task = Literal["sentiment", "translate", "ask", "summarize", "route", "language"]

EXTRA = ("slack", "discord", "aiohttp", "aiolimiter", "aiosqlite", "cryptography", "dateparser", "prometheus", "sqlalchemy")
"""How the names of the packages begin that only the platforms need."""

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


@contextmanager
def _extra_packages(platform: str) -> Iterator[None]:
    """Say what to install where packages are missing that only the platforms need."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith(EXTRA):
            raise
        install = f"pip install 'parley[{platform.lower()}]'"
        _stop(f"{platform} needs more packages; install them with: {install}", FAILED)


def _address(text: str) -> Address:
    from bot.address import Address

    try:
        return Address.parse(text)
    except ValueError:
        _stop(f"--http must be a host and a port such as 127.0.0.1:3000, not {text!r}.", MISUSED)


def _settings() -> Settings:
    from bot.settings import SettingsError, load

    try:
        return load()
    except SettingsError as error:
        _stop(str(error), MISUSED)


def _leave(settings: Settings, command: Coroutine[Any, Any, int]) -> NoReturn:
    """Run a command to its end and exit with its code."""
    import asyncio

    from bot import logs
    from bot.wording import sentence
    from models.catalog import CatalogError

    logs.begin(debug=settings.debug)
    try:
        code = asyncio.run(command)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except CatalogError as error:
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
