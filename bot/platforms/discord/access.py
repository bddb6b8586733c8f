"""Who may read what, proved before anything is fetched."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import discord
from cachetools import TTLCache

from bot.assistant import NotReadable

REMEMBERED, FOR_S = 10_000, 60.0
"""How many members are remembered, and for how many seconds: for so long, who was sent away may still read."""

NO_ACCESS = "I cannot read that for you: either it is not there, or you or I may not see that channel."
NOT_INSIDE = (
    "I am not a member here, so I cannot read along: have me added to the server, or choose me under Apps in the menu of a "
    "single message."
)
NO_HISTORY = (
    "You may not read what was written in this channel before, so I do not read it for you: ask a moderator for Read "
    "Message History."
)
NOT_GIVEN = "I am not allowed to read {channel}: give me {permissions} there."
AGE_RESTRICTED = "That channel is age-restricted, so I only show what is in it where that is age-restricted, too: ask there."
NO_MESSAGES = "There are no messages in that channel itself: ask me about one of its threads."
NOT_YOURS = "You may not write there, so I do not write there for you: copy what you would like to pass on."
UNAVAILABLE = "Discord does not let me see that server just now; please ask again in a minute."

Conversation: TypeAlias = (
    discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread | discord.DMChannel
)
Reader: TypeAlias = discord.Member | discord.User
InGuild: TypeAlias = discord.abc.GuildChannel | discord.Thread
Channel: TypeAlias = InGuild | discord.abc.PrivateChannel


class Source(NamedTuple):
    """A conversation, and the person who may read it."""

    channel: Conversation
    reader: Reader


class Access:
    """Proves what people may read without the bot's help.

    In a server that is who sees the channel and its history, in a private thread who is in it or manages threads, in a
    direct message whom the bot writes with. Members are not kept by the client, so they are asked for.
    """

    def __init__(self, client: discord.Client, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._members: TTLCache[tuple[int, int], discord.Member] = TTLCache(REMEMBERED, FOR_S, timer=clock)

    async def source(self, user: str, channel: str, *, here: str | None, shown_in: str | None) -> Source:
        """A channel that a user may read.

        Args:
            user: who asks.
            channel: what is to be read.
            here: where they ask. Of other channels they learn nothing before they are known to see them.
            shown_in: where the answer is to be seen; None where that is not known.

        Raises:
            NotReadable: They or the bot may not read it, or it is not to be shown there.
        """
        refusal = NOT_INSIDE if channel == here else NO_ACCESS
        found = await self._channel(channel)
        if isinstance(found, discord.DMChannel) and (reader := _recipient(found, user)):
            return Source(found, reader)
        if found is None or isinstance(found, discord.abc.PrivateChannel):
            raise NotReadable(refusal)
        if found.guild.unavailable:
            raise NotReadable(UNAVAILABLE)
        if (member := await self._member(found.guild, int(user))) is None:
            raise NotReadable(refusal)
        if lacking(found, member) or not await _inside(found, member):
            raise NotReadable(NO_HISTORY if channel == here else NO_ACCESS)
        if names := lacking(found, found.guild.me):
            which = "this channel" if channel == here else "that channel"
            raise NotReadable(NOT_GIVEN.format(channel=which, permissions=" and ".join(names)))
        if _restricted(found) and not await self._adult(shown_in):
            raise NotReadable(AGE_RESTRICTED)
        if not isinstance(found, Conversation):
            raise NotReadable(NO_MESSAGES)
        return Source(found, member)

    async def writes(self, user: str, channel: str) -> bool:
        """Whether a user may write in a channel, or the bot knows nothing of it, and so cannot write there for them."""
        found = await self._channel(channel)
        if found is None or isinstance(found, discord.abc.PrivateChannel):
            return True
        if found.guild.unavailable or (isinstance(found, discord.Thread) and found.parent is None):
            return False
        member = await self._member(found.guild, int(user))
        return member is not None and speaks(found, found.permissions_for(member))

    async def _channel(self, channel: str) -> Channel | None:
        """A channel or thread; None where the bot cannot see it."""
        if not channel.isdecimal():
            return None
        try:
            return self._client.get_channel(int(channel)) or await self._client.fetch_channel(int(channel))
        except discord.InvalidData:  # a channel of a kind that is not known
            return None
        except discord.HTTPException as error:
            if error.status in (400, 403, 404):
                return None
            raise

    async def _member(self, guild: discord.Guild, user: int) -> discord.Member | None:
        """A member as they were a minute ago at most; None who is none."""
        if (known := self._members.get((guild.id, user))) is not None:
            return known
        try:
            member = self._members[guild.id, user] = await guild.fetch_member(user)
        except discord.NotFound:
            return None
        return member

    async def _adult(self, channel: str | None) -> bool:
        """Whether a channel is known to be age-restricted."""
        found = await self._channel(channel) if channel else None
        return found is not None and not isinstance(found, discord.abc.PrivateChannel) and _restricted(found)


def lacking(channel: InGuild, member: discord.Member) -> list[str]:
    """The permissions, as Discord calls them, without which a member may not read a channel; in order of its settings."""
    if isinstance(channel, discord.Thread) and channel.parent is None:  # which alone says who may read the thread
        return ["View Channel"]
    held = channel.permissions_for(member)
    needed = {"View Channel": held.view_channel}
    if isinstance(channel, discord.VoiceChannel | discord.StageChannel):
        needed["Connect"] = held.connect
    needed["Read Message History"] = held.read_message_history
    return [name for name, given in needed.items() if not given]


def speaks(channel: object, held: discord.Permissions) -> bool:
    """Whether these permissions are enough to write in a channel."""
    return held.send_messages_in_threads if isinstance(channel, discord.Thread) else held.send_messages


async def _inside(channel: InGuild, member: discord.Member) -> bool:
    """Whether a member is in a thread, where it takes that to read it."""
    if not isinstance(channel, discord.Thread) or not channel.is_private() or channel.permissions_for(member).manage_threads:
        return True
    try:
        await channel.fetch_member(member.id)
    except discord.NotFound:
        return False
    return True


def _recipient(channel: discord.DMChannel, user: str) -> discord.User | None:
    return next((one for one in channel.recipients if str(one.id) == user), None)


def _restricted(channel: InGuild) -> bool:
    """Whether a channel is age-restricted, or the channel of a thread, or the whole server."""
    whole = channel.guild.nsfw_level in (discord.NSFWLevel.explicit, discord.NSFWLevel.age_restricted)
    parent = channel.parent if isinstance(channel, discord.Thread) else channel
    return whole or bool(getattr(parent, "nsfw", False))
