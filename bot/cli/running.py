"""What every command begins and ends with: settings, a console, and a sentence and an exit code for what goes wrong."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from bot.address import Address
    from bot.settings import Settings

EXTRA = (
    *("slack", "discord", "aiohttp", "aiolimiter", "aiosqlite", "cryptography", "dateparser", "prometheus", "sqlalchemy"),
    *("matplotlib", "peft", "rouge_score", "sacrebleu", "sklearn"),
)
"""How the names of the packages begin that only the platforms need, or training and evaluation."""

FAILED, MISUSED, INTERRUPTED = 1, 2, 130


@contextmanager
def extra_packages(what: str, extra: str | None = None) -> Iterator[None]:
    """Say what to install where packages are missing that not everybody needs; `extra` is by default named after `what`."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith(EXTRA):
            raise
        install = f"pip install 'parley[{extra or what.lower()}]'"
        stop(f"{what} needs more packages; install them with: {install}", FAILED)


def where(text: str) -> Address:
    """HOST:PORT as `--http` takes it."""
    from bot.address import Address

    try:
        return Address.parse(text)
    except ValueError:
        stop(f"--http must be a host and a port such as 127.0.0.1:3000, not {text!r}.", MISUSED)


def chosen(profile: str | None = None) -> Settings:
    """The settings, with another profile where one is named."""
    from bot.settings import SettingsError, load

    try:
        settings = load()
        return settings.model_copy(update={"profile": profile}) if profile else settings
    except SettingsError as error:
        stop(str(error), MISUSED)


def leave(settings: Settings, command: Coroutine[Any, Any, int]) -> NoReturn:
    """Run a command to its end and exit with its code."""
    import asyncio

    finish(settings, lambda: asyncio.run(command))


def finish(settings: Settings, command: Callable[[], int]) -> NoReturn:
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
        stop(str(error), MISUSED)
    except Exception as error:
        if settings.debug:
            raise
        stop(sentence(error), FAILED)
    raise typer.Exit(code)


def stop(words: str, code: int) -> NoReturn:
    """Say a sentence and exit."""
    typer.echo(f"parley: {words}", err=True)
    raise typer.Exit(code)


def console(*, stderr: bool = False) -> Console:
    """Where to write: standard output, or standard error."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")  # a terminal that cannot show a character still shows the others
    return Console(stderr=stderr, highlight=False)


def stdin() -> io.BufferedReader:
    """Standard input, apart from `sys.stdin`: at its end the interpreter must not wait for the thread that reads it."""
    try:
        return open(0, "rb", closefd=False)
    except OSError:
        stop("There is no standard input to read.", FAILED)


def stdout() -> io.BufferedWriter:
    """Standard output as bytes, apart from `sys.stdout` for the same reason."""
    try:
        return open(1, "wb", closefd=False)
    except OSError:
        stop("There is no standard output to write to.", FAILED)
