"""The commands of one client: for everyone and everywhere, and what is said when one of them fails."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

import discord
from discord import AllowedMentions, Interaction, InteractionResponseType, app_commands
from discord.app_commands import AppCommandContext, AppCommandError, AppInstallationType

from bot import windows, wording
from bot.platforms.discord.commands import Takes, commands
from bot.platforms.discord.options import Refused
from handlers import languages

log = logging.getLogger(__name__)

OUTDATED = "My commands have just changed: please reload Discord and try again."


class Tree(app_commands.CommandTree[discord.Client]):
    """The commands in servers, direct messages and group ones, for bots of servers and bots of one person.

    Without a desk they can be registered (see `bot.platforms.discord.sync`), but not used.
    """

    def __init__(self, client: discord.Client, desk: Takes | None = None) -> None:
        super().__init__(
            client,
            allowed_contexts=AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=AppInstallationType(guild=True, user=True),
        )
        for command in commands(desk):
            self.add_command(command)

    async def warm(self) -> None:
        """Load what the first commands would otherwise wait for, about a second's worth, in a thread."""
        await asyncio.to_thread(_warm)

    async def on_error(self, interaction: Interaction, error: AppCommandError, /) -> None:
        """Say what went wrong, unless something was said already. What nobody foresaw is logged, by its type alone."""
        match error:
            case Refused():
                sentence = str(error)
            case app_commands.CommandNotFound() | app_commands.CommandSignatureMismatch():
                sentence = OUTDATED
            case _:
                log.error("a command failed with %s", type(error.__cause__ or error).__name__)
                sentence = wording.BROKEN
        try:
            await _say(interaction, sentence)
        except discord.DiscordException as failure:
            log.warning("Discord did not take an answer: %s", type(failure).__name__)


def _warm() -> None:
    languages.warm()
    windows.read("/summarize since yesterday", now=datetime.now(UTC))


async def _say(interaction: Interaction, sentence: str) -> None:
    """Say something to whoever asked, if nothing was said yet."""
    response = interaction.response
    if not response.is_done():
        await response.send_message(sentence, ephemeral=True, allowed_mentions=AllowedMentions.none())
    elif response.type is InteractionResponseType.deferred_channel_message:
        message = await interaction.original_response()
        if message.flags.loading:
            await message.edit(content=sentence, allowed_mentions=AllowedMentions.none())
