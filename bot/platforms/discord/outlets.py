"""Where in Discord an answer can be said: in answer to a command or a click, in a channel or thread, in a direct message."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import discord

from bot import wording
from bot.platforms import outlets
from bot.platforms.asked import Asked
from bot.platforms.discord.render import Message, plain
from bot.platforms.discord.views import sent, unshared
from bot.platforms.outlets import Outlet
from bot.platforms.posts import NotPosted, Posts
from bot.platforms.visible import visible

LATE = "Discord does not take my answer any more where you asked for it, so it comes here."
CLOSED = "I have an answer for you alone, but may not write to you: allow direct messages from here, or use my commands."
CUT = "The rest is too long to be shown here: it stands in the file below, or ask me for a shorter part."

FOLLOW_UPS = 5
"""Messages that an app may show after the first one where the person who asks has installed it, and the server has not."""

THREAD_NAME = 100
"""Characters of a thread's name."""

TAKEN, BEGUN = 40060, 160004
"""Discord's codes for an interaction that was acknowledged already, and for a message that a thread hangs on already."""

FAILURES = (discord.HTTPException, aiohttp.ClientError, OSError)

Interaction = discord.Interaction[Any]


class InInteraction:
    """The answer to a command, a menu, a modal or a click.

    Args:
        rest: where it goes when Discord does not take it here any more.
        private: whether the asker alone sees it.
        quiet: whether Discord is not to show that an answer is being made, as after a click that may need none.
    """

    def __init__(
        self,
        interaction: Interaction,
        posts: Posts[Message],
        rest: Outlet[Message],
        *,
        private: bool,
        quiet: bool = False,
    ) -> None:
        self._interaction, self._posts, self._rest = interaction, posts, rest
        self._private, self._quiet = private, quiet
        self._open, self._pending, self._told = True, not quiet, False

    @asynccontextmanager
    async def begun(self) -> AsyncIterator[None]:
        """Acknowledge it, and should the block fail before anything was said, say so to the asker."""
        await self._begin()
        try:
            yield
        except Exception:
            if not self._told:
                await self.say([plain(wording.BROKEN)], private=True)
            raise

    async def _begin(self) -> None:
        """Acknowledge it, which Discord wants within three seconds.

        Where that was done already, be it by us as Discord told us of a failure, it can be answered all the same: whether
        it is ours to answer, the database knows.
        """
        try:
            await self._interaction.response.defer(ephemeral=self._private, thinking=not self._quiet)
        except discord.HTTPException as error:
            self._open = error.code == TAKEN
        except (aiohttp.ClientError, OSError):  # it may have got there
            pass

    async def wait(self) -> None:
        """Nothing: Discord shows it."""

    async def say(self, messages: Sequence[Message], sources: Collection[str] = (), *, private: bool | None = None) -> None:
        """Show the answer, as far as Discord takes it here; with `private`, to the asker alone after all."""
        if private and not self._private:
            await self._withdraw()
        fitting, most = list(messages), FOLLOW_UPS + self._pending
        if personal(self._interaction) and len(fitting) > most:
            fitting = [*fitting[: most - 2], plain(CUT), fitting[-1]]
        while fitting and await self._show(fitting[0], sources):
            del fitting[0]
        if fitting:
            await self._else([plain(LATE), *fitting], sources)

    async def remove(self) -> None:
        """Take away the answer that was clicked on, if one person alone sees it."""
        clicked = self._interaction.message
        if self._quiet and clicked and (clicked.flags.ephemeral or self._interaction.context.dm_channel):
            with suppress(*FAILURES):  # it can be dismissed, too
                await self._interaction.delete_original_response()

    async def _else(self, messages: Sequence[Message], sources: Collection[str]) -> None:
        try:
            await self._rest.say(messages, sources)
        except NotPosted:
            await self._alone().say(messages, sources)

    def _alone(self) -> Direct:
        return Direct(self._interaction.client, str(self._interaction.user.id), None)

    async def _withdraw(self) -> None:
        """Take back what says to all that an answer is being made."""
        self._private, self._pending, self._rest = True, False, self._alone()
        if not self._open:
            return
        try:
            await self._interaction.delete_original_response()
        except discord.NotFound:
            pass
        except FAILURES:  # what follows would take its place, for all to see
            self._open = False

    async def _show(self, message: Message, sources: Collection[str]) -> bool:
        """Whether Discord took it."""
        if not self._open:
            return False
        try:
            shown = await self._put(message)
        except FAILURES:  # Discord waited for no more, or it does not work just now
            self._open = False
            return False
        self._told = True
        if not self._private:
            await self._posts.keep(str(shown.channel.id), None, str(shown.id), sources)
        return True

    async def _put(self, message: Message) -> discord.Message:
        pending, self._pending = self._pending, False
        how = sent(message)
        if not pending:
            return await self._interaction.followup.send(ephemeral=self._private, wait=True, **how)
        files = how.pop("files", [])
        return await self._interaction.edit_original_response(attachments=files, **how)


class InThread(outlets.InThread[Message]):
    """A channel or thread, in reply to the message that asked.

    Args:
        begins: the message from which to open a thread for the answer, where there is not to be just a reply.
    """

    def __init__(self, posts: Posts[Message], request: Asked, begins: discord.Message | None = None) -> None:
        super().__init__(posts, request, plain)
        self._begins, self._name = begins, " ".join(visible(request.text).removeprefix("/").split())[:THREAD_NAME]

    async def _begin(self) -> None:
        begins, self._begins = self._begins, None
        if begins is None or not isinstance(begins.channel, discord.TextChannel):
            return
        try:
            await begins.create_thread(name=self._name or "Parley")
        except discord.HTTPException as error:
            if error.code != BEGUN:
                return  # then it is a reply after all
        self._channel, self._root = str(begins.id), None  # a thread has the id of the message that it hangs on


class Direct:
    """A direct message to whoever asked.

    Args:
        closed: where to say something instead, if they take none.
        open_: whether it may say the answer itself there, as all who read there may read that.
    """

    def __init__(self, client: discord.Client, user: str, closed: Outlet[Message] | None, *, open_: bool = False) -> None:
        self._client, self._user, self._closed, self._open = client, user, closed, open_

    async def wait(self) -> None:
        """Nothing: whoever waits here does not look here yet."""

    async def say(self, messages: Sequence[Message], sources: Collection[str] = ()) -> None:
        """Send the answer."""
        try:
            channel = await self._client.create_dm(discord.Object(int(self._user)))
            for message in messages:
                await channel.send(**sent(message))
        except discord.HTTPException as error:
            if error.status >= 500:
                raise
            if self._closed:
                await self._closed.say([*map(unshared, messages)] if self._open else [plain(CLOSED)], sources)

    async def remove(self) -> None:
        """Nothing: what was sent stays."""


def personal(interaction: Interaction) -> bool:
    """Whether only the person who asks has installed the app."""
    return interaction.is_user_integration() and not interaction.is_guild_integration()
