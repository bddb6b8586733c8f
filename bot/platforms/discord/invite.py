"""The links that bring Parley into a server, or to a person alone."""

from __future__ import annotations

from discord.utils import oauth_url

from bot.platforms.discord import permissions

SERVER, USER = 0, 1
"""Discord's numbers for what an application is installed to."""


def link(application_id: str) -> str:
    """Where somebody who manages a server invites the bot, with the least permissions."""
    return f"{oauth_url(application_id, permissions=permissions.least())}&integration_type={SERVER}"


def personal(application_id: str) -> str:
    """Where anybody installs the application for themselves: its commands then go with them, and the bot joins nothing."""
    return f"{oauth_url(application_id, scopes=['applications.commands'])}&integration_type={USER}"
