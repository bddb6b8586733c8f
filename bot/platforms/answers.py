"""How an answer comes about, and who is to see it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Generic, Protocol, TypeVar

from bot import preferences, wording
from bot.assistant import Assistant
from bot.platforms.asked import Asked, Place, key
from bot.preferences import Preferences
from bot.state import State
from handlers.conversation import Intent, Reply, Request, Thread, Turn

log = logging.getLogger(__name__)

M = TypeVar("M")


class People(Protocol):
    """The people of a platform, by its own ids."""

    async def names(self, users: Iterable[str]) -> dict[str, str]:
        """The names by which others see them, as far as they are known."""

    async def language(self, user: str) -> str | None:
        """The language in which somebody uses the platform (ISO 639-1), if it says."""


class Reading(Protocol):
    """Fetches what requests are about."""

    async def read(self, request: Request, asked: Asked, place: Place) -> Request:
        """The request with its thread, or with the one message that it is about. Raises `bot.assistant.NotReadable`.

        That the asker may read it is proved before anything is fetched.
        """


class Platform(Protocol[M]):
    """What making an answer takes of a platform; `M` is one message to post there."""

    @property
    def home(self) -> str:
        """The part of the platform where its ids mean anything, e.g. "slack:T1"."""

    @property
    def whispers(self) -> bool:
        """Whether one person can be shown something in a channel in answer to what they wrote there."""

    @property
    def people(self) -> People:
        """Who uses it."""

    @property
    def reading(self) -> Reading:
        """What can be read there."""

    async def words(self, asked: Asked) -> str:
        """The request as a person reads it, with names for ids."""

    def place(self, asked: Asked) -> Place:
        """What a request is about."""

    def threaded(self, place: Place) -> bool:
        """Whether a place is a thread, and not a whole channel."""

    def elsewhere(self, place: Place, asked: Asked) -> bool:
        """Whether others, where it was asked, may be unable to read a place."""

    def linked(self, link: str) -> Place | None:
        """The message that a turn's link leads to."""

    def now(self) -> str:
        """Where this moment stands among the ids of messages."""

    def draw(
        self, reply: Reply, *, turns: Sequence[Turn], seconds: float | None, asked: Asked | None, private: bool
    ) -> list[M]:
        """The messages of a reply, with the buttons for whoever sees it where `asked` is given. Takes a while."""

    def plain(self, text: str) -> M:
        """A sentence of our own."""

    def choices(self, asked: Asked, targets: Sequence[str]) -> M:
        """The question which language an answer is to be told in."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[M]):
    """What to say. `sources` are the messages it shows words of; `private` when the asker alone is to see it."""

    messages: list[M]
    sources: tuple[str, ...] = ()
    private: bool = False


class Answers(Generic[M]):
    """Makes the answers of one platform."""

    def __init__(self, platform: Platform[M], assistant: Assistant, state: State) -> None:
        self._platform, self._assistant, self._state = platform, assistant, state

    async def made(self, request: Asked, *, private: bool | None = None, buttons: bool = True) -> Answer[M]:
        """The answer; without messages where nobody called the bot and it is not sure what would be wanted.

        `private` tells whether the asker alone is to see it, where that is decided already; a refusal is for nobody else
        anyway. What nobody foresaw becomes a sentence, too, for whoever called the bot.
        """
        try:
            return await self._made(request, private=private, buttons=buttons)
        except Exception as error:
            log.error("an answer failed with %s", type(error).__name__)
            called = request.outright or request.short
            return Answer([self._platform.plain(wording.BROKEN)] if called else [], private=not request.direct)

    async def _made(self, request: Asked, *, private: bool | None, buttons: bool) -> Answer[M]:
        begun = time.perf_counter()
        language = await self._language(request)
        request = replace(request, until=request.until or request.message or self._platform.now(), language=language)
        reply, thread, place = await self.reply(request)
        if reply is None:
            return Answer([])
        request = replace(request, about=place)
        if private is None:
            private = await self.private(request, reply.intent)
        elif not private:
            private = reply.intent is None
        below = request if buttons else None
        messages = await self.drawn(reply, thread, seconds=time.perf_counter() - begun, asked=below, private=private)
        return Answer(messages, self._sources(reply, thread, place), private)

    def _sources(self, reply: Reply, thread: Thread, place: Place) -> tuple[str, ...]:
        shown = {turn for turn in reply.cited if turn < len(thread)}
        if reply.intent == "translate" and thread.turns:  # what is translated is the last message then
            shown.add(len(thread) - 1)
        links = [thread.turns[turn].link for turn in sorted(shown)]
        quoted = [self._platform.linked(link) for link in links if link]
        if reply.intent in ("translate", "sentiment"):
            quoted.append(place)
        return tuple(key(self._platform.home, one.channel, one.message) for one in quoted if one and one.message)

    async def reply(self, request: Asked) -> tuple[Reply | None, Thread, Place]:
        """The reply, the thread that it refers to, and where that is: where it was asked, if nothing had to be read."""
        place = Place(request.channel, request.root)
        language = await self._language(request)
        wanted = Request(await self._platform.words(request), languages=(language,) if language else ())
        read = wanted

        async def fetch(routed: Request) -> Request:
            nonlocal read, place
            place = self._platform.place(request)
            read = await self._platform.reading.read(routed, request, place)
            return read

        outright = request.outright or request.short
        reply = await (self._assistant.answer if outright else self._assistant.overheard)(wanted, read=fetch)
        return reply, read.thread, place

    async def drawn(
        self, reply: Reply, thread: Thread, *, seconds: float | None = None, asked: Asked | None = None, private: bool = True
    ) -> list[M]:
        """The messages of a reply; drawn on a thread of its own, as long texts take their time."""
        draw = partial(self._platform.draw, reply, turns=thread.turns, seconds=seconds, asked=asked, private=private)
        return await asyncio.to_thread(draw)

    async def private(self, request: Asked, intent: Intent | None) -> bool:
        """Whether the asker alone is to see an answer of that kind.

        So it is with what comes from elsewhere (others here may not read it there), with translations and summaries of
        whole channels (nobody else asked for them), and with whatever somebody wants to see alone.
        """
        if request.direct:
            return False
        place = self._platform.place(request)
        personal = intent == "translate" or (intent == "summarize" and not self._platform.threaded(place))
        if personal and (self._platform.whispers or not request.message):
            return True
        return self._platform.elsewhere(place, request) or (await self.preferences(request.user)).private

    async def language(self, user: str) -> str | None:
        """The language that somebody reads: the one they set, else that in which they use the platform."""
        return (await self.preferences(user)).language or await self._platform.people.language(user)

    async def _language(self, request: Asked) -> str:
        """The language to answer in; "" where none is known."""
        return await self.language(request.user) or "" if request.language is None else request.language

    async def preferences(self, user: str) -> Preferences:
        """What somebody has set."""
        return await preferences.read(self._state, self.owner(user))

    def owner(self, user: str) -> str:
        """A person, as the database knows them."""
        return f"{self._platform.home}:{user}"
