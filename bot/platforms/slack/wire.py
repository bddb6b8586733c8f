"""How messages get into Slack: no faster than it allows, and within what it takes."""

from __future__ import annotations

from collections.abc import Awaitable

from aiolimiter import AsyncLimiter
from cachetools import TTLCache
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms.posts import NotPosted
from bot.platforms.slack import api
from bot.platforms.slack.render import Message
from bot.platforms.splitting import split

OUTSIDE = {"not_in_channel", "channel_not_found", "missing_scope"}
NOT_POSTED = "I am not in this channel, so I cannot post here: write `/invite @Parley` first, and share it then."

EDITED = 4_000
"""Bytes of text that Slack takes when a message is edited; it takes ten times as much of a new one."""


class SlackWire:
    """The channels of one workspace.

    Args:
        pace_s: seconds between two posts to the same channel.
    """

    def __init__(self, client: AsyncWebClient, *, pace_s: float) -> None:
        self._client, self._pace_s = client, pace_s
        self._doors: TTLCache[str, AsyncLimiter] = TTLCache(10_000, 3600)

    async def send(self, channel: str, root: str | None, message: Message) -> list[str]:
        """Post into a thread, or into a channel; returns its timestamp. Raises `NotPosted` where the bot is not inside."""
        try:
            async with self._door(channel):
                made = await self._client.chat_postMessage(
                    channel=channel,
                    thread_ts=root,
                    text=message.text,
                    blocks=message.blocks,
                    unfurl_links=False,
                    unfurl_media=False,
                )
        except SlackApiError as error:
            if api.code(error) not in OUTSIDE:
                raise
            raise NotPosted(NOT_POSTED) from error
        return [str(made["ts"])]

    async def edit(self, channel: str, post: str, message: Message) -> bool:
        """Write over a post; False where it is gone."""
        async with self._door(channel):
            return await _still(
                self._client.chat_update(channel=channel, ts=post, text=_brief(message.text), blocks=message.blocks)
            )

    async def delete(self, channel: str, post: str) -> None:
        """Delete a post, if it is still there."""
        await _still(self._client.chat_delete(channel=channel, ts=post))

    def thread(self, channel: str, root: str | None) -> str | None:
        """The first message of the thread."""
        return root

    def _door(self, channel: str) -> AsyncLimiter:
        return self._doors.setdefault(channel, AsyncLimiter(1, max(self._pace_s, 1e-3)))


async def _still(call: Awaitable[object]) -> bool:
    """Whether a call found the message that it is about."""
    try:
        await call
    except SlackApiError as error:
        if api.code(error) != "message_not_found":
            raise
        return False
    return True


def _brief(text: str) -> str:
    """A text that a message may be edited to; what it lacks stands in the blocks."""
    return text if len(text.encode()) <= EDITED else f"{split(text, EDITED // 4 - 2)[0]} …"
