"""Where an answer can be said: in a thread, to the asker alone, or in a modal."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

import aiohttp
from aiolimiter import AsyncLimiter
from cachetools import TTLCache
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot import wording
from bot.platforms.slack import api, views
from bot.platforms.slack.asked import Asked
from bot.platforms.slack.render import Message, plain
from bot.platforms.splitting import split
from bot.state import State
from models.types import Stopped

log = logging.getLogger(__name__)

SLOW_S = 2.0
"""Seconds after which whoever waits is told that an answer is being made."""

WAIT = "One moment, I am reading."
STATUS = "is reading…"
TOO_LONG = "The rest is too long to be shown here; ask me in a direct message, or for a shorter part."
USES = 5
"""How often the address that comes with a command or a click may be used."""

EDITED = 4_000
"""Bytes of text that Slack takes when a message is edited; it takes ten times as much of a new one."""


class Outlet(Protocol):
    """One place for one answer."""

    async def wait(self) -> None:
        """Tell whoever asked that it takes a while."""

    async def say(self, messages: Sequence[Message], sources: Collection[str] = ()) -> None:
        """Say the answer, in place of what told to wait; `sources` are the messages that it shows words of."""


@asynccontextmanager
async def patience(outlet: Outlet) -> AsyncIterator[None]:
    """Tell whoever asked to wait if the block takes long, and to ask again if it is cancelled, as Parley stops."""

    async def tell() -> None:
        await asyncio.sleep(SLOW_S)
        telling.set()
        await outlet.wait()

    telling = asyncio.Event()
    task = asyncio.create_task(tell(), name="patience")
    try:
        try:
            yield
        finally:
            if not telling.is_set():
                task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    except asyncio.CancelledError:
        await outlet.say([plain(wording.sentence(Stopped()))])
        raise


class Posts:
    """What the bot posts in one workspace: no faster than Slack allows, and gone with the messages that it is about.

    Args:
        pace_s: seconds between two posts to the same channel.
    """

    def __init__(self, client: AsyncWebClient, state: State, *, team: str, pace_s: float) -> None:
        self._client, self._state, self._team, self._pace_s = client, state, team, pace_s
        self._doors: TTLCache[str, AsyncLimiter] = TTLCache(10_000, 3600)

    def key(self, channel: str, ts: str) -> str:
        """A message of this workspace, as the database knows it."""
        return key(self._team, channel, ts)

    async def took_part(self, channel: str, root: str) -> bool:
        """Whether the bot has answered in a thread."""
        return bool(await self._state.posts(_thread(self.key(channel, root))))

    async def post(self, channel: str, root: str | None, message: Message, sources: Collection[str]) -> str | None:
        """Post into a thread, or into a channel; returns the timestamp, None where what it is about is gone already."""
        if await self.gone(sources):
            return None
        async with self._door(channel):
            made = await self._client.chat_postMessage(
                channel=channel,
                thread_ts=root,
                text=message.text,
                blocks=message.blocks,
                unfurl_links=False,
                unfurl_media=False,
            )
        ts = str(made["ts"])
        thread = [_thread(self.key(channel, root))] if root else []
        await self._state.posted(self.key(channel, ts), [*sources, *thread])
        if await self.gone(sources):  # meanwhile
            await self.delete(channel, ts)
            return None
        return ts

    async def gone(self, sources: Collection[str]) -> bool:
        """Whether any of these messages was deleted lately."""
        return await self._state.buried(sources)

    async def put(self, channel: str, ts: str, message: Message, sources: Collection[str]) -> bool:
        """Write over a post of ours; False where the post is gone, or goes as what it is about is gone."""
        await self._state.posted(self.key(channel, ts), sources)
        if not await self.gone(sources):
            try:
                async with self._door(channel):
                    await self._client.chat_update(channel=channel, ts=ts, text=_brief(message.text), blocks=message.blocks)
            except SlackApiError as error:
                if api.code(error) != "message_not_found":
                    raise
                return False
        if await self.gone(sources):
            await self.delete(channel, ts)
            return False
        return True

    async def delete(self, channel: str, ts: str) -> None:
        """Take a post of ours back, if it is still there."""
        try:
            await self._client.chat_delete(channel=channel, ts=ts)
        except SlackApiError as error:
            if api.code(error) != "message_not_found":
                raise
        await self._state.forget(self.key(channel, ts))

    async def retract(self, channel: str, ts: str) -> None:
        """A message is gone: it gets no answer any more, and what was posted about it goes, too."""
        gone = self.key(channel, ts)
        await self._state.bury(gone)
        for post in await self._state.posts(gone):
            *_, where, own = post.split(":")
            try:
                await self.delete(where, own)
            except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:  # the others are to go all the same
                log.warning("a post about a deleted message stays: %s", type(error).__name__)
        await self._state.forget(gone)

    def _door(self, channel: str) -> AsyncLimiter:
        return self._doors.setdefault(channel, AsyncLimiter(1, max(self._pace_s, 1e-3)))


class InThread:
    """A thread, where everybody sees the answer."""

    def __init__(self, posts: Posts, asked: Asked) -> None:
        self._posts, self._channel, self._root = posts, asked.channel, asked.root or asked.ts
        self._asked = [posts.key(asked.channel, asked.ts)] if asked.ts else []
        self._waiting: str | None = None

    async def wait(self) -> None:
        """Post a line that the answer is written over."""
        self._waiting = await self._posts.post(self._channel, self._root, plain(WAIT), self._asked)

    async def say(self, messages: Sequence[Message], sources: Collection[str] = ()) -> None:
        """Post the answer; nothing if a message that it is about is gone."""
        about = [*self._asked, *sources]
        for message in messages:
            waiting, self._waiting = self._waiting, None
            if waiting and await self._posts.put(self._channel, waiting, message, about):
                continue
            if not await self._posts.post(self._channel, self._root, message, about):
                return

    async def withdraw(self) -> None:
        """Take back what told to wait."""
        if self._waiting:
            await self._posts.delete(self._channel, self._waiting)
            self._waiting = None


class InAgent(InThread):
    """A thread of the agent's view, which has a status line; Slack clears it with the next post."""

    def __init__(self, posts: Posts, asked: Asked, client: AsyncWebClient) -> None:
        super().__init__(posts, asked)
        self._client = client

    async def wait(self) -> None:
        """Set the status line; where the workspace has none, post a line."""
        try:
            await self._client.assistant_threads_setStatus(
                channel_id=self._channel, thread_ts=self._root or "", status=STATUS
            )
        except SlackApiError:
            await super().wait()


class Alone:
    """The asker's eyes, in the channel or thread where it was asked."""

    def __init__(self, client: AsyncWebClient, asked: Asked, root: str | None = None) -> None:
        self._client, self._channel, self._user = client, asked.channel, asked.user
        self.root = root or asked.root

    async def wait(self) -> None:
        """Nothing: what only one person sees cannot be written over without an address for it."""

    async def say(self, messages: Sequence[Message], sources: Collection[str] = ()) -> None:
        """Show the answer."""
        for message in messages:
            await self._client.chat_postEphemeral(
                channel=self._channel,
                user=self._user,
                thread_ts=self.root,
                text=message.text,
                blocks=message.blocks,
            )


class Responding:
    """The same through the address that came with a command or a click, which works where the bot is not a member, too.

    `rest` shows what the address does not take any more. With `clicked`, the address belongs to a message that stays.
    """

    def __init__(self, hook: AsyncWebhookClient, rest: Alone, *, clicked: bool = False) -> None:
        self._hook, self._rest, self._clicked = hook, rest, clicked
        self._left, self._waiting = USES, False

    async def wait(self) -> None:
        """Show a line that the answer takes the place of."""
        await self._show(plain(WAIT))
        self._waiting = not self._clicked  # else it would be written over the message that was clicked on

    async def say(self, messages: Sequence[Message], sources: Collection[str] = ()) -> None:
        """Show the answer."""
        shown = 0
        spare = 1 if len(messages) > self._left else 0
        while shown < len(messages) and self._left > spare and await self._show(messages[shown]):
            shown += 1
        if shown < len(messages):
            try:
                await self._rest.say(messages[shown:])
            except SlackApiError:  # the bot is not in that channel
                await self._show(plain(TOO_LONG))

    async def remove(self) -> None:
        """Take away the message that was clicked on."""
        await self._hook.send_dict({"delete_original": True})

    async def _show(self, message: Message) -> bool:
        """Whether the address took it: it does so for half an hour."""
        self._left -= 1
        over, self._waiting = self._waiting, False
        body = {
            "text": message.text,
            "blocks": message.blocks,
            "response_type": "ephemeral",
            "replace_original": over,
            "unfurl_links": False,
            "thread_ts": self._rest.root,
        }
        try:
            return (await self._hook.send_dict(body)).status_code == 200
        except (aiohttp.ClientError, TimeoutError):
            return False


class InModal:
    """A modal, which says already that the thread is being read."""

    def __init__(self, client: AsyncWebClient, view_id: str, rest: Alone) -> None:
        self._client, self._view_id, self._rest = client, view_id, rest

    async def wait(self) -> None:
        """Nothing: it is said."""

    async def say(self, messages: Sequence[Message], sources: Collection[str] = ()) -> None:
        """Show the answer in the modal; where it was closed, in the thread, to the asker alone."""
        try:
            await self._client.views_update(view_id=self._view_id, view=views.answered(messages))
        except SlackApiError as error:
            if api.code(error) != "not_found":
                raise
            await self._rest.say(messages)


def key(team: str, channel: str, ts: str) -> str:
    """A message, as the database knows it."""
    return f"slack:{team}:{channel}:{ts}"


def _brief(text: str) -> str:
    """A text that a message may be edited to; what it lacks stands in the blocks."""
    return text if len(text.encode()) <= EDITED else f"{split(text, EDITED // 4 - 2)[0]} …"


def _thread(root: str) -> str:
    """A thread as such, apart from its first message."""
    return f"{root}:thread"
