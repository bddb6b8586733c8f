"""What making an answer takes of Slack: one workspace's names, languages, threads and blocks."""

from __future__ import annotations

import time
from collections.abc import Sequence

from cachetools import TTLCache

from bot.platforms.asked import Asked, Place
from bot.platforms.slack import asked as slack
from bot.platforms.slack import markup, render, views
from bot.platforms.slack.people import People
from bot.platforms.slack.reading import Reading
from bot.platforms.slack.render import Message
from handlers.conversation import Reply, Turn

VIEWED_S = 3600.0
"""Seconds for which it is remembered which channel somebody looks at beside the agent's view."""


class Slack:
    """One workspace, as `bot.platforms.answers.Platform`."""

    whispers = True

    def __init__(self, people: People, reading: Reading, *, team: str) -> None:
        self.home = slack.home(team)
        self.people, self.reading = people, reading
        self._viewed: TTLCache[str, Place] = TTLCache(10_000, VIEWED_S)

    def looked(self, user: str, place: Place | None) -> None:
        """Remember what somebody looks at beside the agent's view."""
        if place:
            self._viewed[user] = place
        else:
            self._viewed.pop(user, None)

    def place(self, asked: Asked) -> Place:
        """What a request is about; in the agent's view, what the asker looks at beside it."""
        if asked.direct and not asked.about:
            return self._viewed.get(asked.user, asked.place)
        return asked.place

    def threaded(self, place: Place) -> bool:
        """Whether a place is a thread."""
        return place.root is not None

    def elsewhere(self, place: Place, asked: Asked) -> bool:
        """Whether a place is in another channel."""
        return place.channel != asked.channel

    async def words(self, asked: Asked) -> str:
        """The request with names for those whom it mentions."""
        return markup.read(asked.text, await self.people.names(markup.mentioned(asked.text)))

    def linked(self, link: str) -> Place | None:
        """The message behind a permalink."""
        found = markup.permalink_parts(link)
        return Place(found.channel, None, found.ts) if found else None

    def now(self) -> str:
        """A timestamp as messages have them."""
        return f"{time.time():.6f}"

    def draw(
        self, reply: Reply, *, turns: Sequence[Turn], seconds: float | None, asked: Asked | None, private: bool
    ) -> list[Message]:
        """The messages of a reply, with its buttons."""
        tail = views.below(asked, reply, private=private) if asked else []
        return render.render(reply, turns=turns, seconds=seconds, tail=tail)

    def plain(self, text: str) -> Message:
        """A sentence of our own."""
        return render.plain(text)

    def choices(self, asked: Asked, targets: Sequence[str]) -> Message:
        """A button for each language."""
        return views.choices(slack.packed(asked), targets)
