"""The options of slash commands: what may be typed or picked, and what it means."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import Choice

from bot.platforms.discord import markup
from bot.platforms.discord.markup import Permalink

NO_LINK = "I cannot follow that link: copy one with “Copy Message Link” or “Copy Link”, or name a channel, such as #general."


class Refused(app_commands.AppCommandError):
    """Raised where a command cannot be what was typed into it; a sentence for whoever typed it."""


class _Link(app_commands.Transformer):
    async def transform(self, interaction: discord.Interaction, value: str, /) -> Permalink:
        """Where a link to a message or a channel leads, or the mention of a channel. Raises `Refused`."""
        channel = markup.channel_mentioned(value)
        found = markup.linked(value) or (Permalink(None, channel) if channel else None)
        if not found:
            raise Refused(NO_LINK)
        return found


class _Show(app_commands.Transformer):
    @property
    def choices(self) -> list[Choice[str | int | float]]:
        """Who may see an answer."""
        return [Choice(name="Only me", value="me"), Choice(name="Everyone", value="everyone")]

    async def transform(self, interaction: discord.Interaction, value: str, /) -> bool:
        """Whether everyone may see it."""
        return value == "everyone"


Link = app_commands.Transform[Permalink, _Link]
Show = app_commands.Transform[bool, _Show]
Time = app_commands.Range[str, 1, 100]
Question = app_commands.Range[str, 1, 240]  # with its command the title of an embed, which holds 256
Messages = app_commands.Range[int, 1, 1000]
Points = app_commands.Range[int, 1, 20]
