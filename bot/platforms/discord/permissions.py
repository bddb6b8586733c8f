"""The permissions that Parley asks a server for, and what does not work without each."""

from __future__ import annotations

from typing import NamedTuple

import discord


class Permission(NamedTuple):
    """A permission: what Discord's pages call it, what Parley cannot do without it, and whether it is of use without it."""

    label: str
    without: str
    required: bool = True


PERMISSIONS = {
    "view_channel": Permission("View Channels", "it does not see the channel"),
    "read_message_history": Permission("Read Message History", "it cannot read what was written before"),
    "send_messages": Permission("Send Messages", "it cannot answer in channels"),
    "send_messages_in_threads": Permission("Send Messages in Threads", "it cannot answer in threads"),
    "embed_links": Permission("Embed Links", "it cannot show its answers, which are embeds"),
    "attach_files": Permission("Attach Files", "long answers and charts come without their files", required=False),
    "create_public_threads": Permission(
        "Create Public Threads", "it answers in the channel where it would open a thread", required=False
    ),
}
"""By the names that discord.py gives them."""


def least() -> discord.Permissions:
    """What an invitation asks for."""
    return discord.Permissions(**dict.fromkeys(PERMISSIONS, True))


def missing(granted: discord.Permissions) -> list[str]:
    """The permissions that are not granted, in the order of the table."""
    return [name for name in PERMISSIONS if not getattr(granted, name)]


def told(name: str) -> str:
    """A permission with what does not work without it."""
    permission = PERMISSIONS[name]
    return f"{permission.label} ({permission.without})"
