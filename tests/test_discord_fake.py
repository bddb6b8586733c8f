"""The fake Discord as its docstring shows it: a bot of discord.py that knows nothing of a fake."""

from __future__ import annotations

import asyncio

import discord as library
import pytest
from discord import app_commands

from .discord_fake import FakeDiscord

pytestmark = pytest.mark.timeout(20)


class Bot(library.Client):
    """It answers mentions, and one command."""

    def __init__(self) -> None:
        super().__init__(intents=library.Intents.default(), guild_ready_timeout=0.05)
        self.tree = app_commands.CommandTree(self)

        @self.tree.command(description="Sum up")
        async def summarize(interaction: library.Interaction) -> None:
            await interaction.response.defer(ephemeral=True)
            await interaction.followup.send("All is well.")

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_message(self, message: library.Message) -> None:
        if self.user in message.mentions:
            await message.reply("All is well.")


async def test_a_bot_from_login_to_answers():
    async with FakeDiscord() as discord:
        ana = discord.user("Ana")
        channel = discord.channel(discord.guild("Acme", ana), "incident")
        with discord.addressed():
            async with Bot() as bot:
                life = asyncio.create_task(bot.start(discord.token))
                await discord.ready()
                message = discord.say(channel, ana, f"{discord.bot.mention} what changed?")
                await discord.until(lambda: discord.answers(channel))
                shown = await discord.command(ana, channel, "summarize").answer()
            await asyncio.gather(life, return_exceptions=True)
    assert discord.transcript(channel) == [f"Ana: {message.content}", "Parley: All is well."]
    assert discord.answers(channel)[0].reply_to is message
    assert (shown.text, shown.ephemeral, shown.to) == ("All is well.", True, ana)


async def test_addresses_are_put_back():
    before = library.http.Route.BASE, library.gateway.DiscordWebSocket.DEFAULT_GATEWAY
    async with FakeDiscord() as discord:
        with discord.addressed():
            assert discord.api_url == library.http.Route.BASE
            assert str(library.gateway.DiscordWebSocket.DEFAULT_GATEWAY) == discord.gateway_url
    assert before == (library.http.Route.BASE, library.gateway.DiscordWebSocket.DEFAULT_GATEWAY)
