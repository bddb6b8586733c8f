"""How messages get into Discord's channels; discord.py keeps to the rate limits, and tries again where Discord stumbles."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import discord

from bot.platforms.discord.render import Message
from bot.platforms.discord.views import said, sent
from bot.platforms.posts import NotPosted

log = logging.getLogger(__name__)

NOT_POSTED = (
    "I may not write where you asked me to: give me View Channel, Send Messages and, for threads, Send Messages in Threads, "
    "or use my commands."
)

NO_REPLIES, ARCHIVED, LOCKED = 160002, 50083, 160005
"""Discord's codes where a bot may not reply without Read Message History, and for threads that are shut for it."""


class DiscordWire:
    """Every channel that the bot is in."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def send(self, channel: str, root: str | None, message: Message) -> list[str]:
        """Post in reply to a message, or as it is; in words alone where the bot may not embed. Raises `NotPosted`."""
        place = self._client.get_partial_messageable(int(channel))
        how: dict[str, Any] = {"mention_author": False}
        if root:
            reply = discord.MessageReference(message_id=int(root), channel_id=int(channel), fail_if_not_exists=False)
            how["reference"] = reply
        try:
            return [str((await place.send(**post, **how)).id) for post in self._posts(channel, message)]
        except discord.HTTPException as error:
            if error.code == NO_REPLIES and root:
                return await self.send(channel, None, message)
            if error.status not in (403, 404) and error.code not in (ARCHIVED, LOCKED):
                raise
            log.warning("a message could not be posted in channel %s: %s %s", channel, error.status, error.code)
            raise NotPosted(NOT_POSTED) from None

    async def edit(self, channel: str, post: str, message: Message) -> bool:
        """Write over a post; False where that is gone, or must go as one post does not hold the message."""
        partial = self._client.get_partial_messageable(int(channel)).get_partial_message(int(post))
        posts = self._posts(channel, message)
        if len(posts) > 1:
            await self.delete(channel, post)
            return False
        how = posts[0]
        files = how.pop("files", [])
        try:
            await partial.edit(attachments=files, **how)
        except discord.NotFound:
            return False
        return True

    async def delete(self, channel: str, post: str) -> None:
        """Delete a post, if it is still there."""
        try:
            await self._client.get_partial_messageable(int(channel)).get_partial_message(int(post)).delete()
        except discord.NotFound:
            return

    def thread(self, channel: str, root: str | None) -> str | None:
        """The channel, if it is a thread."""
        return channel if isinstance(self._client.get_channel(int(channel)), discord.Thread) else None

    def _posts(self, channel: str, message: Message) -> list[dict[str, Any]]:
        """What to send: a message as the bot may post it there, with no file and in words alone if need be."""
        held = self._held(channel)
        shown = message if held.attach_files else replace(message, files=())
        return [sent(shown)] if held.embed_links else said(shown)

    def _held(self, channel: str) -> discord.Permissions:
        """What the bot may do there, as far as it is known."""
        place = self._client.get_channel(int(channel))
        if isinstance(place, discord.Thread):
            place = place.parent  # which alone says so
        if not isinstance(place, discord.abc.GuildChannel):
            return discord.Permissions.all()
        return place.permissions_for(place.guild.me)
