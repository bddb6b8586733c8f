"""What making an answer takes of Discord: names, languages, channels and embeds."""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord.utils import time_snowflake, utcnow

from bot.platforms.asked import Asked, Place
from bot.platforms.discord import markup, render, views
from bot.platforms.discord.asked import HOME
from bot.platforms.discord.people import People
from bot.platforms.discord.reading import Reading
from bot.platforms.discord.render import Message
from handlers.conversation import Reply, Turn


class Discord:
    """All servers and direct messages of one bot, as `bot.platforms.answers.Platform`."""

    home = HOME
    whispers = False

    def __init__(self, client: discord.Client, people: People, reading: Reading) -> None:
        self.people, self.reading, self._client = people, reading, client

    def place(self, asked: Asked) -> Place:
        """What a request is about."""
        return asked.place

    def threaded(self, place: Place) -> bool:
        """Whether a place is a thread, as far as it is known."""
        return isinstance(self._client.get_channel(int(place.channel)), discord.Thread)

    def elsewhere(self, place: Place, asked: Asked) -> bool:
        """Whether a place is in another channel than that of the thread where it was asked, or that one itself."""
        here = self._client.get_channel(int(asked.channel))
        parent = str(here.parent_id) if isinstance(here, discord.Thread) else None
        return place.channel not in (asked.channel, parent)

    async def words(self, asked: Asked) -> str:
        """The request, which has names for ids already, as Discord sends them along."""
        return asked.text

    def linked(self, link: str) -> Place | None:
        """The message behind a link."""
        found = markup.permalink_parts(link)
        return Place(found.channel, None, found.message) if found else None

    def now(self) -> str:
        """The id that a message of this moment would have."""
        return str(time_snowflake(utcnow()))

    def draw(
        self, reply: Reply, *, turns: Sequence[Turn], seconds: float | None, asked: Asked | None, private: bool
    ) -> list[Message]:
        """The messages of a reply, with the request above it and the buttons below."""
        buttons = views.below(asked, reply, private=private) if asked else ()
        above = asked.text if asked and buttons else None
        return render.render(reply, turns=turns, seconds=seconds, above=above, buttons=buttons)

    def plain(self, text: str) -> Message:
        """A sentence of our own."""
        return render.plain(text)

    def choices(self, asked: Asked, targets: Sequence[str]) -> Message:
        """A button for each language, below what is asked."""
        return render.plain(views.WHICH, above=asked.text, buttons=views.choices(asked, targets))
