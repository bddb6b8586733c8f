"""`parley discord` and what belongs to it."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.running import chosen, console, extra_packages, leave

app = typer.Typer(invoke_without_command=True)


@app.callback(epilog="For example: parley discord")
def discord(context: typer.Context) -> None:
    """Answer in Discord, until stopped."""
    if context.invoked_subcommand:
        return
    settings = chosen()
    with extra_packages("Discord"):
        from bot.commands import discord
    leave(settings, discord.run(settings, console(stderr=True)))


@app.command(epilog="For example: parley discord invite")
def invite() -> None:
    """Print the links that bring Parley into a server or to you alone, and what each permission is for."""
    settings = chosen()
    with extra_packages("Discord"):
        from bot.commands import invite
    raise typer.Exit(invite.run(settings, console(), console(stderr=True)))


@app.command(epilog="For example: parley discord sync")
def sync() -> None:
    """Register the commands with Discord now; when they have changed, Parley does so by itself as it starts."""
    settings = chosen()
    with extra_packages("Discord"):
        from bot.commands import sync
    leave(settings, sync.run(settings, console(), console(stderr=True)))


@app.command("doctor", epilog="For example: parley discord doctor")
def discord_doctor(
    channel: Annotated[
        int | None, typer.Option(metavar="ID", min=1, help="Look at the permissions in this channel or thread only.")
    ] = None,
) -> None:
    """Check the set-up for Discord, and say how to mend what is wrong."""
    settings = chosen()
    with extra_packages("Discord"):
        from bot.commands import doctor
        from bot.platforms.discord.doctor import CHECKS, examine
    leave(settings, doctor.run(CHECKS, examine(settings, channel=channel), console()))
