"""`parley slack` and what belongs to it."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.running import chosen, console, extra_packages, leave, where

app = typer.Typer(invoke_without_command=True)


@app.callback(epilog="For example: parley slack")
def slack(
    context: typer.Context,
    http: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Take Slack's requests there, instead of through Socket Mode.")
    ] = None,
) -> None:
    """Answer in Slack, until stopped."""
    if context.invoked_subcommand:
        return
    settings, address = chosen(), where(http) if http else None
    with extra_packages("Slack"):
        from bot.commands import slack
    leave(settings, slack.run(settings, console(stderr=True), address))


@app.command("doctor", epilog="For example: parley slack doctor")
def slack_doctor(
    http: Annotated[
        bool, typer.Option("--http", help="Check what `parley slack --http` needs, instead of Socket Mode.")
    ] = False,
) -> None:
    """Check the set-up for Slack, and say how to mend what is wrong."""
    settings = chosen()
    with extra_packages("Slack"):
        from bot.commands import doctor
        from bot.platforms.slack.doctor import CHECKS, examine
    leave(settings, doctor.run(CHECKS, examine(settings, http=http), console()))


@app.command(epilog="For example: parley slack key")
def key() -> None:
    """Print a new key for PARLEY_SECRET_KEY, with which the database holds tokens encrypted."""
    with extra_packages("Slack"):
        from bot.sealing import new_key
    typer.echo(new_key())
