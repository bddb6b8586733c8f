"""Where requests from Slack are taken and answered, once each, where they belong."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from cachetools import TTLCache
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import preferences
from bot.assistant import Assistant
from bot.platforms.slack import asked, markup, views
from bot.platforms.slack.asked import Asked, Place
from bot.platforms.slack.history import History
from bot.platforms.slack.outlets import Alone, InAgent, InThread, Outlet, Posts, Responding, patience
from bot.platforms.slack.people import People
from bot.platforms.slack.reading import Reading
from bot.platforms.slack.render import Message, plain, render
from bot.preferences import Preferences
from bot.state import State
from handlers.conversation import Reply, Request, Thread

PACE_S = 1.0
"""Seconds between two posts to a channel; Slack allows one a second."""

VIEWED_S = 3600.0
"""Seconds for which it is remembered which channel somebody looks at beside the agent's view."""

PROMPTS = (
    {"title": "Summarize this channel", "message": "Summarize the latest messages"},
    {"title": "What did I miss?", "message": "What did I miss?"},
    {"title": "How do people feel?", "message": "How do people feel about this?"},
    {"title": "What can you do?", "message": "help"},
)

THANKS = "Thank you. That is counted, without a word of what was asked or answered."
SAME = "That answer is in this language already."


@dataclass(frozen=True, slots=True)
class _Answer:
    """What to say. `sources` are the messages it shows words of; `private` when the asker alone is to see it."""

    messages: list[Message]
    sources: tuple[str, ...] = ()
    private: bool = False


class Desk:
    """Answers the requests of one workspace.

    Args:
        home: the workspace's address; `me` is the bot's user in it and `team` its id.
        pace_s: seconds between two posts to the same channel.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        assistant: Assistant,
        state: State,
        *,
        home: str,
        me: str,
        team: str,
        pace_s: float = PACE_S,
    ) -> None:
        self.team, self.me = team, me
        self.client, self._assistant, self._state = client, assistant, state
        self._people = People(client, team=team)
        self._reading = Reading(History(client, self._people, home=home, me=me), self._people)
        self._posts = Posts(client, state, team=team, pace_s=pace_s)
        self._viewed: TTLCache[str, Place] = TTLCache(10_000, VIEWED_S)

    # Requests

    async def answer(self, request: Asked) -> None:
        """Answer a message in its thread, unless that is being done or was done already."""
        if not await self._ours(request):
            return
        async with self._state.claimed(*request.keys) as ours:
            if not ours:
                return
            alone = Alone(self.client, request)
            if request.text == asked.SETTINGS:
                await alone.say([await self._settings(request.user)])
                return
            outlet = InAgent(self._posts, request, self.client) if request.direct else InThread(self._posts, request)
            async with patience(outlet if request.outright else alone):
                made = await self._made(request)
            if made.private:
                await outlet.withdraw()
                await alone.say(made.messages)
            else:
                await outlet.say(made.messages, made.sources)

    async def whisper(self, request: Asked, outlet: Outlet) -> None:
        """Answer a command, a shortcut, a question of a modal or a click to the asker alone."""
        if request.text == asked.SETTINGS:
            await outlet.say([await self._settings(request.user)])
            return
        async with patience(outlet):
            made = await self._made(request, alone=True)
        await outlet.say(made.messages, made.sources)

    async def reacted(self, request: Asked) -> None:
        """Answer a reaction to whoever reacted, once."""
        async with self._state.claimed(*request.keys) as ours:
            if ours:
                await self.whisper(request, Alone(self.client, request, await self._reading.root(request)))

    async def deleted(self, channel: str, ts: str) -> None:
        """A message is gone: it gets no answer any more, and the answers that are about it or quote it go, too."""
        await self._posts.retract(channel, ts)

    # Clicks

    async def share(self, request: Asked, outlet: Responding | Alone, click: str) -> None:
        """Post for everybody what somebody was shown, who must still be allowed to read what it is about."""
        async with self._state.claimed(f"slack:{self.team}:{click}:share") as ours:
            if not ours:
                return
            made = await self._made(request, shared=True)
            if made.private:
                await outlet.say(made.messages)
                return
            by = (await self._people.names([request.user])).get(request.user, "Someone")
            for message in (plain(f"{by} shared this answer:"), *made.messages):
                if not await self._posts.post(request.channel, request.root, message, made.sources):
                    return
            if isinstance(outlet, Responding):
                await outlet.remove()

    async def retell(self, request: Asked, outlet: Outlet, *, value: str, target: str | None) -> None:
        """Show an answer in another language: the one chosen, else the reader's own."""
        mine = target or await self._language(request.user) or "en"
        async with patience(outlet):
            reply, thread, _ = await self._reply(request)
            assert reply is not None  # as whoever clicks asks outright
            told = await self._assistant.retold(reply, mine)
        if reply.intent is None or (told.parts == reply.parts and target):
            await outlet.say([plain(SAME)] if reply.intent else await _drawn(reply, thread))
        elif told.parts == reply.parts:
            others = [language for language in self._assistant.languages if language != mine]
            await outlet.say([views.choices(value, others)])
        else:
            await outlet.say(await _drawn(told, thread))

    async def judged(self, user: str, answer: str, value: str, outlet: Outlet | None) -> None:
        """Count a verdict on an answer (a message's timestamp, or a modal's id), once a person."""
        verdict, _, intent = value.partition(":")
        async with self._state.claimed(f"slack:{self.team}:{answer}:{user}:{verdict}") as ours:
            if ours:
                await self._state.count(intent, verdict)
                if outlet:
                    await outlet.say([plain(THANKS)])

    # The app's own pages

    async def ask(self, place: Place, trigger: str) -> None:
        """Open the modal that takes a question about a thread."""
        await self.client.views_open(trigger_id=trigger, view=views.question(place))

    async def home(self, user: str) -> None:
        """Draw somebody's Home tab."""
        chosen = await self._preferences(user)
        await self.client.views_publish(user_id=user, view=views.home(chosen, self._assistant.languages))

    async def prefer(self, user: str, action: views.Chosen) -> None:
        """Keep what somebody has set."""
        chosen = views.changed(await self._preferences(user), action)
        await preferences.write(self._state, self._owner(user), chosen)

    async def opened(self, channel: str, thread: str | None) -> None:
        """Offer prompts in the agent's view, where the workspace has it."""
        with suppress(SlackApiError):
            await self.client.assistant_threads_setSuggestedPrompts(
                channel_id=channel, thread_ts=thread, prompts=[dict(prompt) for prompt in PROMPTS]
            )

    def looked(self, user: str, place: Place | None) -> None:
        """Remember what somebody looks at beside the agent's view."""
        if place:
            self._viewed[user] = place
        else:
            self._viewed.pop(user, None)

    # How an answer comes about

    async def _ours(self, request: Asked) -> bool:
        """Whether a message is for the bot: it calls it, or a command stands for that, or the bot takes part there."""
        if request.outright or (request.short and (await self._preferences(request.user)).short):
            return True
        return request.root is not None and await self._posts.took_part(request.channel, request.root)

    async def _made(self, request: Asked, *, alone: bool = False, shared: bool = False) -> _Answer:
        """The answer; without messages where nobody called the bot and it is not sure what would be wanted.

        `alone` where only the asker sees it anyway; `shared` where everybody is to see it.
        """
        begun = time.perf_counter()
        request = replace(request, until=request.until or request.ts or f"{time.time():.6f}")
        reply, thread, place = await self._reply(request)
        if reply is None:
            return _Answer([])
        private = alone or (reply.intent is None if shared else await self._private(request, reply, place))
        tail = [] if shared else views.below(replace(request, about=place), reply, private=private)
        messages = await _drawn(reply, thread, seconds=time.perf_counter() - begun, tail=tail)
        links = [thread.turns[turn].link for turn in sorted(reply.cited) if turn < len(thread)]
        found = [markup.permalink_parts(link) for link in links if link]
        sources = [self._posts.key(link.channel, link.ts) for link in found if link]
        if reply.intent in ("translate", "sentiment") and place.message:
            sources.append(self._posts.key(place.channel, place.message))
        return _Answer(messages, tuple(sources), private)

    async def _reply(self, request: Asked) -> tuple[Reply | None, Thread, Place]:
        """The reply, the thread that it refers to, and where that is."""
        place = self._place(request)
        names = await self._people.names(markup.mentioned(request.text))
        language = await self._language(request.user)
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
        return place.channel != request.channel or personal or (await self._preferences(request.user)).private

    async def _settings(self, user: str) -> Message:
        blocks = views.settings(await self._preferences(user), self._assistant.languages)
        return Message([block.to_dict() for block in blocks], "Settings")

    async def _language(self, user: str) -> str | None:
        """The language that somebody reads: the one they set, else that of their Slack."""
        return (await self._preferences(user)).language or await self._people.language(user)

    async def _preferences(self, user: str) -> Preferences:
        return await preferences.read(self._state, self._owner(user))

    def _owner(self, user: str) -> str:
        return f"slack:{self.team}:{user}"


async def _drawn(reply: Reply, thread: Thread, **about: Any) -> list[Message]:
    return await asyncio.to_thread(partial(render, reply, turns=thread.turns, **about))  # long texts take their time
