"""Where requests from Discord are taken: messages, reactions, commands, menus and clicks."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import discord
from cachetools import TTLCache

from bot.assistant import Assistant
from bot.platforms import buttons, desk
from bot.platforms.answers import Answer
from bot.platforms.asked import SETTINGS, Asked, Place, key
from bot.platforms.discord import asked, lines, turns, views
from bot.platforms.discord.access import NOT_YOURS, Access, speaks
from bot.platforms.discord.busy import Traffic
from bot.platforms.discord.history import History
from bot.platforms.discord.outlets import Direct, InInteraction, InThread, personal
from bot.platforms.discord.people import People
from bot.platforms.discord.platform import Discord
from bot.platforms.discord.reading import Reading
from bot.platforms.discord.render import Message, plain
from bot.platforms.discord.wire import DiscordWire
from bot.platforms.outlets import Outlet, answering, patience
from bot.platforms.posts import NotPosted, Posts
from bot.router import COMMANDS
from bot.state import State
from bot.work import Work

log = logging.getLogger(__name__)

EDITS = timedelta(seconds=15)
"""For how long after it was written an edit of a request counts."""

SET = "Your settings count wherever you meet me on Discord."
ASK_AGAIN = "I cannot tell what was asked here; please ask me again."
USE_COMMAND = "Write `/settings` here: what a command shows is for you alone."
UNSEEN = "Discord does not show me what you wrote: mention me in it, or reply to me without switching the mention off."

Interaction = discord.Interaction[Any]


class Desk(desk.Desk[Message]):
    """Answers the requests of one bot, in all its servers.

    Args:
        client: logged in.
        me: the bot's own user.
        work: does what commands ask for, as discord.py would drop it when it stops.
        bots: ids of other bots and of webhooks that are listened to.
    """

    def __init__(
        self,
        client: discord.Client,
        assistant: Assistant,
        state: State,
        *,
        me: discord.ClientUser,
        work: Work,
        bots: Collection[int] = (),
    ) -> None:
        self._people = People(client)
        self._access = Access(client)
        self._reading = Reading(self._access, History(client, self._people, me=me.id), me=me.id)
        posts = Posts(DiscordWire(client), state, home=asked.HOME)
        super().__init__(Discord(client, self._people, self._reading), assistant, state, posts)
        self._client, self._me, self._work, self._bots = client, me, work, bots
        self._traffic = Traffic()
        self._edits: TTLCache[int, datetime] = TTLCache(10_000, 10 * EDITS.total_seconds())

    @property
    def languages(self) -> Sequence[str]:
        """The languages that answers can be given in."""
        return self._assistant.languages

    # Messages and reactions

    async def heard(self, message: discord.Message) -> None:
        """Answer a message where it was written, unless that is being done or was done already."""
        if message.author.id != self._me.id:
            self._traffic.passed(message.channel.id)
        if request := await self._taken(message):
            async with self._state.claimed(*request.keys) as ours:
                if ours:
                    await self._answered(request, message)

    async def edited(self, message: discord.Message) -> None:
        """Answer a request as it reads now, if it was edited in its first seconds; what answered it before goes."""
        at = message.edited_at
        if at is None or at - message.created_at > EDITS or message.author.id == self._me.id:
            return
        self._edits[message.id] = at
        once = key(asked.HOME, str(message.channel.id), str(message.id))
        async with self._state.claimed(f"{once}:{at.timestamp()}") as ours:
            if ours:
                await self._posts.withdraw(answering(once))
                if request := await self._taken(message):
                    await self._answered(request, message)

    async def _taken(self, message: discord.Message) -> Asked | None:
        """The request that a message is, if it is for the bot."""
        request = asked.from_message(message, me=self._me, bots=self._bots)
        return request if request and (self._opened(message) or await self.ours(request)) else None

    def _opened(self, message: discord.Message) -> bool:
        """Whether a message stands in a thread that the bot opened, as it does for its answers."""
        return isinstance(message.channel, discord.Thread) and message.channel.owner_id == self._me.id

    async def _answered(self, request: Asked, message: discord.Message) -> None:
        version = message.edited_at

        def current() -> bool:
            return self._edits.get(message.id, version) == version

        replied = message.reference.resolved if message.reference else None
        if isinstance(replied, discord.Message):
            self._reading.bring(message.author, replied)
        busy = self._traffic.busy(message.channel.id) and not (await self.preferences(request.user)).private
        outlet = InThread(self._posts, request, message if busy else None)
        try:
            if said := self._at_once(request, message):
                await outlet.say([plain(said)])
            else:
                await self.answer(request, outlet, Direct(self._client, request.user, outlet), current=current)
        except NotPosted as reason:
            if request.outright:
                await Direct(self._client, request.user, None).say([plain(str(reason))])

    def _at_once(self, request: Asked, message: discord.Message) -> str | None:
        """What there is to say without much ado."""
        if request.text == SETTINGS:
            return USE_COMMAND
        blind = not self._client.intents.message_content and turns.withheld(message, me=self._me.id)
        return UNSEEN if blind and request.outright else None

    async def reacted(self, event: discord.RawReactionActionEvent) -> None:
        """Answer a reaction to whoever reacted, once: by direct message, else where they may have read it anyway."""
        request = asked.from_reaction(event)
        if request is None or event.user_id == self._me.id or (event.member and event.member.bot):
            return
        async with self._state.claimed(*request.keys) as ours:
            if ours:
                writes = await self._access.writes(request.user, request.channel)
                here = InThread(self._posts, replace(request, message=str(event.message_id))) if writes else None
                open_ = not (await self.preferences(request.user)).private
                await self.whisper(request, Direct(self._client, request.user, here, open_=open_))

    # Commands, menus and modals

    async def take(
        self,
        interaction: Interaction,
        text: str,
        *,
        about: Place | None,
        show: bool | None,
        target: discord.Message | None = None,
    ) -> None:
        """Answer a line, to the asker alone unless everyone is to see it; `target` is a message that came along."""
        self._people.met(str(interaction.user.id), interaction.locale)
        if target:
            self._reading.bring(interaction.user, target)
        self._work.begin(self._commanded(interaction, asked.from_interaction(interaction, text, about), show))

    async def _commanded(self, interaction: Interaction, request: Asked, show: bool | None) -> None:
        private = _mute(interaction) or (await self._kept(request) if show is None else not show)
        outlet = self._outlet(interaction, request, private=private)
        async with outlet.begun(), self._state.claimed(*request.keys) as ours:
            if ours:
                async with patience(outlet, plain):
                    made = await self._answers.made(request, private=private)
                await outlet.say(made.messages, made.sources, private=made.private and not request.direct)

    async def settings(self, interaction: Interaction) -> None:
        """Show what a person may set."""
        self._people.met(str(interaction.user.id), interaction.locale)
        shown = views.settings(await self.preferences(str(interaction.user.id)), self.languages)
        await interaction.response.send_message(SET, view=shown, ephemeral=True)

    async def question(self, interaction: Interaction, about: Place, *, target: discord.Message | None = None) -> None:
        """Open the modal that takes a question about a message and what follows it."""
        if target:
            self._reading.bring(interaction.user, target)
        await interaction.response.send_modal(views.question(about))

    async def submitted(self, interaction: Interaction) -> None:
        """Answer the question of a modal."""
        held, words = views.submitted(interaction)
        await self.take(interaction, lines.ask(words), about=views.unpacked(held).place, show=None)

    async def _kept(self, request: Asked) -> bool:
        """Whether the asker alone is to see what a line asks for, as long as nobody has said so."""
        intent = COMMANDS[request.text[1:].split()[0]]
        return intent == "help" or await self._answers.private(request, intent)

    def _outlet(self, interaction: Interaction, request: Asked, *, private: bool, quiet: bool = False) -> InInteraction:
        rest = Direct(self._client, request.user, None) if private else InThread(self._posts, request)
        return InInteraction(interaction, self._posts, rest, private=private, quiet=quiet)

    # Clicks

    async def clicked(self, interaction: Interaction) -> None:
        """Do what a button asks for, as whoever clicks it; the answer is for them alone."""
        self._people.met(str(interaction.user.id), interaction.locale)
        data: Any = interaction.data or {}
        held = str(data.get("custom_id", ""))
        name = held.partition(":")[0]
        if name in (views.LANGUAGE, views.SWITCH):
            await self._changed(interaction, held, data.get("values", ()))
        elif name == buttons.FEEDBACK:
            await self._judged(interaction, held)
        elif name in (buttons.SHARE, buttons.RETELL, buttons.MORE):
            await self._again(interaction, views.unpacked(held))

    async def _again(self, interaction: Interaction, clicked: views.Clicked) -> None:
        text = views.asked_above(interaction.message)
        request = asked.from_interaction(interaction, views.again(clicked, text), clicked.place)
        request = replace(request, until=clicked.until or request.until)
        outlet = self._outlet(interaction, request, private=True, quiet=clicked.name == buttons.SHARE)
        async with outlet.begun(), self._state.claimed(*request.keys) as ours:
            if not ours:
                return
            if not text:  # an answer in words alone, where the bot may not embed, holds no request
                await outlet.say([plain(ASK_AGAIN)])
                return
            match clicked.name:
                case buttons.SHARE:
                    await self._passed_on(interaction, request, outlet)
                case buttons.MORE:
                    await self.whisper(request, outlet)
                case buttons.RETELL:
                    shown, _, target = clicked.extra.partition(">")
                    await self.retell(replace(request, language=shown), outlet, target=target or None)

    async def _passed_on(self, interaction: Interaction, request: Asked, outlet: InInteraction) -> None:
        """Share an answer, by way of the click itself where the bot is no member."""
        if _mute(interaction):
            await outlet.say([plain(NOT_YOURS)])
            return
        abroad = personal(interaction) and not request.direct
        everyone = self._outlet(interaction, request, private=False, quiet=True) if abroad else None
        await self.share(_back(request), outlet, f"{request.channel}:{_clicked(interaction)}", everyone=everyone)

    async def _shared(self, request: Asked, made: Answer[Message], everyone: Outlet[Message] | None) -> bool:
        if not await self._access.writes(request.user, request.channel):
            raise NotPosted(NOT_YOURS)
        return await super()._shared(request, made, everyone)

    async def _judged(self, interaction: Interaction, held: str) -> None:
        _, verdict, intent = held.split(":")
        request = asked.from_interaction(interaction, "", None)
        outlet = self._outlet(interaction, request, private=True, quiet=True)
        async with outlet.begun():
            await self.judged(request.user, f"{request.channel}:{_clicked(interaction)}", verdict, intent, outlet)

    async def _changed(self, interaction: Interaction, held: str, values: Sequence[str]) -> None:
        user = str(interaction.user.id)
        chosen = await self.prefer(user, lambda before: views.changed(before, held, values))
        await interaction.response.edit_message(view=views.settings(chosen, self.languages))


def _back(request: Asked) -> Asked:
    """A request to share, which a direct message passes on to the channel that it is about."""
    return replace(request, channel=request.place.channel, direct=False) if request.direct else request


def _mute(interaction: Interaction) -> bool:
    """Whether somebody may not write where they use a command or a button, so that it is not to write there for them."""
    return interaction.guild_id is not None and not speaks(interaction.channel, interaction.permissions)


def _clicked(interaction: Interaction) -> str:
    return str(interaction.message.id) if interaction.message else ""
