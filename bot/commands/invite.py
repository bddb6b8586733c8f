"""`parley discord invite`: the links that bring Parley into a server or to a person, and what each permission is for."""

from __future__ import annotations

from rich.console import Console

from bot.commands.serving import complain
from bot.platforms.credentials import held
from bot.platforms.discord import invite
from bot.platforms.discord.credentials import TOKEN, application_id, faults
from bot.platforms.discord.permissions import PERMISSIONS
from bot.settings import Settings

LABEL_WIDTH = max(len(permission.label) for permission in PERMISSIONS.values())


def run(settings: Settings, out: Console, err: Console) -> int:
    """Print the links; Discord is not asked. Returns the exit code."""
    application = application_id(held(settings, TOKEN.field))
    if application is None:
        complain(err, *faults(settings))
        return 2
    lines = [
        "To bring Parley into a server that you manage, open:",
        "",
        f"  {invite.link(application)}",
        "",
        "The link asks for these permissions; without each of them:",
        "",
        *(f"  {permission.label.ljust(LABEL_WIDTH)}  {permission.without}" for permission in PERMISSIONS.values()),
        "",
        "To have its commands for yourself alone, on every server and in direct messages, open:",
        "",
        f"  {invite.personal(application)}",
    ]
    out.print("\n".join(lines), soft_wrap=True, markup=False)
    return 0
