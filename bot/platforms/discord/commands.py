"""What people can choose in Discord, slash commands and the menu of a message: each becomes a line for the desk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol, TypeVar

import discord
from discord import Interaction, app_commands
from discord.app_commands import Choice, Command, ContextMenu

from bot import wording
from bot.platforms.asked import Place
from bot.platforms.discord import lines
from bot.platforms.discord.markup import Permalink
from bot.platforms.discord.options import Link, Messages, Points, Question, Refused, Show, Time
from bot.platforms.discord.tongues import Tongues
from handlers import languages

PATIENCE_S = 1.5
"""Seconds for which a line is pondered: Discord waits three for the desk's first sign."""

NO_TIME = "I cannot tell which time that is: write it like “yesterday 9:00”, “Monday”, “2026-05-31” or “2 hours”."
NO_LANGUAGE = "I do not know that language: pick one from the list, or write its name, for example “Portuguese”."

FROM = "A channel to read instead, or the message to begin with: its link"
ONE = "A message to read instead: its link"
SHOWN = "Who sees the answer"

Read = TypeVar("Read")


class Takes(Protocol):
    """What answers. Each call gives Discord its first sign at once, and may then take long."""

    @property
    def languages(self) -> Sequence[str]:
        """The languages (ISO 639-1) that answers can be given in."""

    async def take(
        self,
        interaction: Interaction,
        text: str,
        *,
        about: Place | None,
        show: bool | None,
        target: discord.Message | None = None,
    ) -> None:
        """Answer the line `text`, such as "/summarize 5 points since yesterday 9:00".

        `about` is what it is about, where that is not the place of the interaction, and `target` the message there, where
        Discord hands it over. `show` says whether everyone may see the answer, None that nobody chose.
        """

    async def settings(self, interaction: Interaction) -> None:
        """Show what a person may set."""

    async def question(self, interaction: Interaction, about: Place, *, target: discord.Message | None = None) -> None:
        """Ask for a question about what a message says and what follows it."""


def commands(desk: Takes | None) -> list[Command[Any, ..., Any] | ContextMenu]:
    """All commands and menus. Without a desk they can be registered, but whoever uses them is refused."""
    chosen = Commands(desk)
    translate: Command[Any, ..., Any]
    translate = Command(name="translate", description="Translate a text or a message", callback=chosen.translate)

    @translate.autocomplete("to")
    async def tongues(interaction: Interaction, typed: str) -> list[Choice[str]]:
        return await chosen.tongues(interaction, typed)

    return [
        Command(name="summarize", description="Sum up this thread or channel, or a part of it", callback=chosen.summarize),
        Command(name="ask", description="Ask about what was written in this thread or channel", callback=chosen.ask),
        translate,
        Command(
            name="sentiment",
            description="Tell the mood of a text, a message or this conversation",
            callback=chosen.sentiment,
        ),
        Command(name="settings", description="Choose your language and who sees your answers", callback=chosen.settings),
        Command(name="help", description="See what Parley can do, and how to ask for it", callback=chosen.help),
        ContextMenu(name="Translate", callback=chosen.translate_message),
        ContextMenu(name="Summarize from here", callback=chosen.summarize_from),
        ContextMenu(name="Sentiment", callback=chosen.sentiment_of),
        ContextMenu(name="Ask about this", callback=chosen.ask_about),
    ]


class Commands:
    """The callbacks, whose parameters are the options; a function of its own for each is how discord.py wants them."""

    def __init__(self, desk: Takes | None) -> None:
        self._taking, self._tongues = desk, Tongues()

    @app_commands.describe(
        since="Only what was written since then, for example “yesterday 9:00”",
        last="Only the latest messages: how many",
        link=FROM,
        points="In how many points",
        show=SHOWN,
    )
    async def summarize(
        self,
        interaction: Interaction,
        since: Time | None = None,
        last: Messages | None = None,
        link: Link | None = None,
        points: Points | None = None,
        show: Show | None = None,
    ) -> None:
        """Sum up this conversation, or what was chosen of it or another one."""
        line = lines.summarize(points, last)
        if since and since.strip():
            ways = [f"{line} {told}" for told in lines.times(since, _reader(interaction))]
            understood = partial(lines.understood, ways, last=last, now=datetime.now(UTC))
            line = _or_refused(await _soon(understood, ways[0]), NO_TIME)
        await self._desk.take(interaction, line, about=_from(link), show=show)

    @app_commands.describe(question="What you would like to know", link=FROM, show=SHOWN)
    async def ask(
        self, interaction: Interaction, question: Question, link: Link | None = None, show: Show | None = None
    ) -> None:
        """Answer a question from this conversation, or another one."""
        await self._desk.take(interaction, lines.ask(question), about=_from(link), show=show)

    @app_commands.describe(
        text="What to translate; otherwise the latest message here",
        to="The language to translate to; otherwise your own",
        link=ONE,
        show=SHOWN,
    )
    async def translate(
        self,
        interaction: Interaction,
        text: str | None = None,
        to: str | None = None,
        link: Link | None = None,
        show: Show | None = None,
    ) -> None:
        """Translate a text, one message, or the latest one."""
        if to and to not in self._desk.languages:
            to = _or_refused(await _soon(partial(languages.find, to), to), NO_LANGUAGE)
        ways = lines.translations(text, to)
        line = await _soon(partial(lines.untargeted, ways, text), ways[-1]) if text and not to else ways[0]
        await self._desk.take(interaction, line, about=None if text else _one(link), show=show)

    async def tongues(self, interaction: Interaction, typed: str) -> list[Choice[str]]:
        """The languages that somebody may mean while typing."""
        return await self._tongues.offered(self._desk.languages, typed, _reader(interaction))

    @app_commands.describe(text="What to judge; otherwise this conversation", link=ONE, show=SHOWN)
    async def sentiment(
        self, interaction: Interaction, text: str | None = None, link: Link | None = None, show: Show | None = None
    ) -> None:
        """Tell the sentiment of a text, one message, or a conversation."""
        await self._desk.take(interaction, lines.sentiment(text), about=None if text else _one(link), show=show)

    async def settings(self, interaction: Interaction) -> None:
        """Show what a person may set."""
        await self._desk.settings(interaction)

    async def help(self, interaction: Interaction) -> None:
        """Tell what there is."""
        await self._desk.take(interaction, "/help", about=None, show=None)

    async def translate_message(self, interaction: Interaction, message: discord.Message) -> None:
        """Translate a message."""
        await self._desk.take(interaction, "/translate", about=_this(message), show=None, target=message)

    async def summarize_from(self, interaction: Interaction, message: discord.Message) -> None:
        """Sum up a message and what follows it."""
        await self._desk.take(interaction, "/summarize", about=_since(message), show=None, target=message)

    async def sentiment_of(self, interaction: Interaction, message: discord.Message) -> None:
        """Tell the sentiment of a message."""
        await self._desk.take(interaction, "/sentiment", about=_this(message), show=None, target=message)

    async def ask_about(self, interaction: Interaction, message: discord.Message) -> None:
        """Take a question about a message and what follows it."""
        await self._desk.question(interaction, _since(message), target=message)

    @property
    def _desk(self) -> Takes:
        if not self._taking:
            raise Refused(wording.BROKEN)
        return self._taking


async def _soon(read: Callable[[], Read], otherwise: Read) -> Read:
    """What is read in a thread, or the best guess where the threads are too busy for that."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await asyncio.to_thread(read)
    except TimeoutError:
        return otherwise


def _or_refused(read: str | None, sentence: str) -> str:
    if read is None:
        raise Refused(sentence)
    return read


def _reader(interaction: Interaction) -> str:
    """The language (ISO 639-1) that somebody uses Discord in."""
    return interaction.locale.value[:2].lower()


def _from(link: Permalink | None) -> Place | None:
    """A channel, or the stretch of it from a message on."""
    return Place(link.channel, link.message) if link else None


def _one(link: Permalink | None) -> Place | None:
    """A channel, or one message in it."""
    return Place(link.channel, None, link.message) if link else None


def _since(message: discord.Message) -> Place:
    return Place(str(message.channel.id), str(message.id))


def _this(message: discord.Message) -> Place:
    return Place(str(message.channel.id), None, str(message.id))
