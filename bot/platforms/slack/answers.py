"""How an answer comes about, and who is to see it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from cachetools import TTLCache
from slack_sdk.models.blocks import Block

from bot import preferences, wording
from bot.assistant import Assistant
from bot.platforms.slack import markup, views
from bot.platforms.slack.asked import Asked, Place
from bot.platforms.slack.outlets import key
from bot.platforms.slack.people import People
from bot.platforms.slack.reading import Reading
from bot.platforms.slack.render import Message, plain, render
from bot.preferences import Preferences
from bot.state import State
from handlers.conversation import Reply, Request, Thread

log = logging.getLogger(__name__)

VIEWED_S = 3600.0
"""Seconds for which it is remembered which channel somebody looks at beside the agent's view."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say. `sources` are the messages it shows words of; `private` when the asker alone is to see it."""

    messages: list[Message]
    sources: tuple[str, ...] = ()
    private: bool = False


class Answers:
    """Makes the answers of one workspace."""

    def __init__(self, assistant: Assistant, state: State, people: People, reading: Reading, *, team: str) -> None:
        self._assistant, self._state, self._people, self._reading, self._team = assistant, state, people, reading, team
        self._viewed: TTLCache[str, Place] = TTLCache(10_000, VIEWED_S)

    def looked(self, user: str, place: Place | None) -> None:
        """Remember what somebody looks at beside the agent's view."""
        if place:
            self._viewed[user] = place
        else:
            self._viewed.pop(user, None)

    async def made(self, request: Asked, *, alone: bool = False, shared: bool = False) -> Answer:
        """The answer; without messages where nobody called the bot and it is not sure what would be wanted.

        `alone` where only the asker sees it anyway; `shared` where everybody is to see it. What nobody foresaw becomes a
        sentence, too, for whoever called the bot.
        """
        try:
            return await self._made(request, alone=alone, shared=shared)
        except Exception as error:
            log.error("an answer failed with %s", type(error).__name__)
            called = request.outright or request.short
            return Answer([plain(wording.BROKEN)] if called else [], private=not request.direct)

    async def _made(self, request: Asked, *, alone: bool, shared: bool) -> Answer:
        begun = time.perf_counter()
        request = replace(request, until=request.until or request.ts or f"{time.time():.6f}")
        reply, thread, place = await self.reply(request)
        if reply is None:
            return Answer([])
        private = alone or (reply.intent is None if shared else await self._private(request, reply, place))
        tail = [] if shared else views.below(replace(request, about=place), reply, private=private)
        messages = await drawn(reply, thread, seconds=time.perf_counter() - begun, tail=tail)
        shown = {turn for turn in reply.cited if turn < len(thread)}
        if reply.intent == "translate" and thread.turns:  # what is translated is the last message then
            shown.add(len(thread) - 1)
        links = [thread.turns[turn].link for turn in sorted(shown)]
        found = [markup.permalink_parts(link) for link in links if link]
        quoted = [Place(link.channel, None, link.ts) for link in found if link]
        if reply.intent in ("translate", "sentiment") and place.message:
            quoted.append(place)
        return Answer(messages, tuple(key(self._team, one.channel, str(one.message)) for one in quoted), private)

    async def reply(self, request: Asked) -> tuple[Reply | None, Thread, Place]:
        """The reply, the thread that it refers to, and where that is."""
        place = self._place(request)
        names = await self._people.names(markup.mentioned(request.text))
        language = await self.language(request.user)
        wanted = Request(markup.read(request.text, names), languages=(language,) if language else ())
        read = wanted

        async def fetch(routed: Request) -> Request:
            nonlocal read
            read = await self._reading.read(routed, request, place)
            return read

        outright = request.outright or request.short
        reply = await (self._assistant.answer if outright else self._assistant.overheard)(wanted, read=fetch)
        return reply, read.thread, place

    def _place(self, request: Asked) -> Place:
        """What a request is about; in the agent's view, what the asker looks at beside it."""
        place = request.place
        here = place.channel == request.channel and not request.about
        return self._viewed.get(request.user, place) if request.direct and here else place

    async def _private(self, request: Asked, reply: Reply, place: Place) -> bool:
        """Whether the asker alone is to see an answer.

        So it is with what comes from elsewhere (others here may not read it there), with translations and summaries of
        whole channels (nobody else asked for them), and with whatever somebody wants to see alone.
        """
        if request.direct:
            return False
        personal = reply.intent == "translate" or (reply.intent == "summarize" and not place.root)
        return place.channel != request.channel or personal or (await self.preferences(request.user)).private

    async def language(self, user: str) -> str | None:
        """The language that somebody reads: the one they set, else that of their Slack."""
        return (await self.preferences(user)).language or await self._people.language(user)

    async def preferences(self, user: str) -> Preferences:
        """What somebody has set."""
        return await preferences.read(self._state, self.owner(user))

    def owner(self, user: str) -> str:
        """A person, as the database knows them."""
        return f"slack:{self._team}:{user}"


async def drawn(reply: Reply, thread: Thread, *, seconds: float | None = None, tail: Sequence[Block] = ()) -> list[Message]:
    """The messages of a reply; drawn in a thread, as long texts take their time."""
    return await asyncio.to_thread(partial(render, reply, turns=thread.turns, seconds=seconds, tail=tail))
