"""Where requests from Slack are taken and answered, once each, where they belong."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import aiohttp
from cachetools import TTLCache
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.assistant import Assistant
from bot.platforms.slack import markup
from bot.platforms.slack.asked import Asked
from bot.platforms.slack.history import History
from bot.platforms.slack.people import People
from bot.platforms.slack.render import Message, render
from bot.state import State
from handlers.conversation import Reply, Request, Text, Thread

RECENT = 50
"""Messages of a channel that a request outside a thread is about, unless it says otherwise."""

SLOW_S = 2.0
"""Seconds after which whoever waits is told that an answer is being made."""

PACE_S = 1.0
"""Seconds between two posts to a channel; Slack allows one a second."""

WAIT = "One moment, I am reading."
NO_ACCESS = "I cannot read that for you: either it is not there, or you or I are not in that channel."
NOT_INSIDE = "I am not in this channel, so I cannot read it: write `/invite @Parley` first."
TROUBLE = "Slack did not let me read this just now; please ask again in a minute."
NO_HISTORY = {"not_in_channel", "channel_not_found", "missing_scope"}

Say = Callable[[Message], Awaitable[object]]


class NotReadable(Exception):
    """Raised when the asker, or the bot, may not read what a request is about."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What to say; `private` when it comes from where not everybody who would see it may read."""

    messages: list[Message]
    private: bool = False


@dataclass(slots=True)
class _Posted:
    """What was posted for a request; `gone` when the message it answers was deleted meanwhile."""

    messages: list[str]
    gone: bool = False


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
        self._client, self._assistant, self._state, self._pace_s = client, assistant, state, pace_s
        self._people = People(client, team=team)
        self._history = History(client, self._people, home=home, me=me)
        self._answers: TTLCache[tuple[str, str], _Posted] = TTLCache(10_000, 86_400)
        self._doors: TTLCache[str, asyncio.Lock] = TTLCache(10_000, 3600)

    async def answer(self, asked: Asked) -> None:
        """Answer a message in its thread, unless that is being done or was done already."""
        assert asked.ts is not None
        async with self._state.claimed(asked.key) as ours:
            if not ours or not (asked.outright or await self._history.took_part(asked.channel, asked.root or asked.ts)):
                return
            posted = self._answers.setdefault((asked.channel, asked.ts), _Posted([]))
            async with self._patience(asked, posted):
                answer = await self._made(asked)
            waited = len(posted.messages)
            for number, message in enumerate(answer.messages):
                if posted.gone:
                    return
                if answer.private:
                    await self._show(asked, message)
                else:
                    await self._post(asked, message, posted, over=number < waited)
            if answer.private and waited:
                await self._client.chat_delete(channel=asked.channel, ts=posted.messages.pop())

    async def whisper(self, asked: Asked, say: Say) -> None:
        """Answer somebody alone; `say` shows a message to no one else."""
        for message in (await self._made(asked)).messages:
            await say(message)

    async def deleted(self, channel: str, ts: str) -> None:
        """A message is gone: it gets no answer any more, and the answer it got goes, too."""
        posted = self._answers.setdefault((channel, ts), _Posted([]))
        posted.gone = True
        for own in posted.messages:
            await self._client.chat_delete(channel=channel, ts=own)
        posted.messages.clear()

    async def _made(self, asked: Asked) -> _Answer:
        """The answer; without messages where nobody called the bot and it is not sure what would be wanted."""
        begun = time.perf_counter()
        place = _about(asked)
        try:
            thread = await self._read(asked, *place)
        except NotReadable as error:
            return _Answer(render(Reply((Text(str(error)),))))
        names = await self._people.names(markup.mentioned(asked.text))
        language = await self._people.language(asked.user)
        request = Request(markup.read(asked.text, names), thread, None, (language,) if language else ())
        reply = await (self._assistant.answer if asked.outright else self._assistant.overheard)(request)
        if reply is None:
            return _Answer([])
        private = place[0] != asked.channel and not await self._people.public(place[0])
        draw = partial(render, reply, turns=thread.turns, seconds=time.perf_counter() - begun)
        return _Answer(await asyncio.to_thread(draw), private)  # long texts take their time

    async def _read(self, asked: Asked, channel: str, root: str | None) -> Thread:
        """A thread, or what was written last in a channel. Raises `NotReadable`."""
        elsewhere = channel != asked.channel
        proved = asked.ts is not None and not elsewhere  # whoever writes in a channel may read it
        if not proved and not await self._people.may_read(asked.user, channel):
            raise NotReadable(NO_ACCESS)
        try:
            if root:
                return await self._history.thread(channel, root, before=None if elsewhere else asked.ts)
            return await self._history.channel(channel, last=RECENT, before=asked.ts)
        except SlackApiError as error:
            if error.response["error"] not in NO_HISTORY:
                raise NotReadable(TROUBLE) from error
            raise NotReadable(NO_ACCESS if elsewhere else NOT_INSIDE) from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NotReadable(TROUBLE) from error

    @asynccontextmanager
    async def _patience(self, asked: Asked, posted: _Posted) -> AsyncIterator[None]:
        """Tell the asker to wait if the block takes long; what says so is overwritten by the answer."""

        async def tell() -> None:
            await asyncio.sleep(SLOW_S)
            if asked.outright and not posted.gone:
                await self._post(asked, render(Reply((Text(WAIT),)))[0], posted, over=False)

        telling = asyncio.create_task(tell(), name="patience")
        try:
            yield
        finally:
            if not posted.messages:
                telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)

    async def _post(self, asked: Asked, message: Message, posted: _Posted, *, over: bool) -> None:
        """Post into the thread, or over the message that asked for patience; no faster than Slack allows."""
        said: dict[str, Any] = {"channel": asked.channel, "text": message.text, "blocks": message.blocks}
        async with self._doors.setdefault(asked.channel, asyncio.Lock()):
            if over:
                await self._client.chat_update(ts=posted.messages[0], **said)
            else:
                thread = asked.root or asked.ts
                found = await self._client.chat_postMessage(thread_ts=thread, unfurl_links=False, unfurl_media=False, **said)
                posted.messages.append(found["ts"])
            await asyncio.sleep(self._pace_s)

    async def _show(self, asked: Asked, message: Message) -> None:
        """Show a message to the asker alone, in the thread."""
        said: dict[str, Any] = {"text": message.text, "blocks": message.blocks, "thread_ts": asked.root}
        await self._client.chat_postEphemeral(channel=asked.channel, user=asked.user, **said)


def _about(asked: Asked) -> tuple[str, str | None]:
    """The (channel, root of the thread) a request is about: what its link leads to, else where it was written."""
    linked = markup.permalink_parts(asked.source) if asked.source else None
    return (linked.channel, linked.thread_ts or linked.ts) if linked else (asked.channel, asked.root)
