"""`parley discord sync`: register the commands with Discord."""

from __future__ import annotations

from rich.console import Console

from bot.commands.serving import complain
from bot.platforms.discord import api, credentials
from bot.platforms.discord.sync import Changes, synced
from bot.platforms.refused import Refused
from bot.settings import Settings
from bot.state import State


async def run(settings: Settings, out: Console, err: Console) -> int:
    """Register all of them, and print what that changed; returns the exit code."""
    faults = list(credentials.faults(settings))
    if faults:
        complain(err, *faults)
        return 2
    try:
        async with api.logged_in(settings) as client, State(settings.database) as state:
            changes = await synced(client, state)
    except Refused as error:
        complain(err, str(error))
        return 1
    out.print(_told(changes), soft_wrap=True, markup=False)
    return 0


def _told(changes: Changes) -> str:
    """A line for what is new, for what is gone, and for what was there before."""
    kinds = {"Added": changes.added, "Removed": changes.removed, "Renewed": changes.kept}
    return "\n".join(f"{kind}: {', '.join(names)}" for kind, names in kinds.items() if names)
