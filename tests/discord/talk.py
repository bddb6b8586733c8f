"""What people do in Discord: they make places, write, edit, delete and react; the app hears of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from .errors import Json
from .gateway import Gateway
from .payloads import emoji_json
from .rights import EVERYONE, bits
from .world import (
    FORUM,
    HAS_THREAD,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    REPLY,
    STARTER,
    TEXT,
    THREAD_CREATED,
    Channel,
    Guild,
    Member,
    Message,
    Overwrite,
    Role,
    User,
)

MENTION, ROLE_MENTION = re.compile(r"<@!?(\d+)>"), re.compile(r"<@&(\d+)>")
OWN = {each.name for each in fields(Message)}


class Talk(Gateway):
    """A world in which people can act. Whatever they do is dispatched, unless it is done quietly (`quiet=True`)."""

    # Places

    def guild(
        self, name: str, *members: User, owner: User | None = None, bot: bool = True, shard: int | None = None, **about: Any
    ) -> Guild:
        """Add a server with these members, and the bot unless `bot` is false; `shard` is the one that it falls to."""
        number = self.snowflake()
        while shard is not None and (number >> 22) % self.shards != shard:
            number += 1 << 22
        self._last = max(self._last, number)
        owner = owner or self.user("Owner")
        guild = Guild(number, name, owner, [Role(number, "@everyone", bits(EVERYONE), position=0)], **about)
        self.guilds[guild.id] = guild
        for user in (owner, *members):
            self.join(guild, user)
        if bot:
            self.join(guild, self.bot)
        return guild

    def channel(self, guild: Guild, name: str, *, private: bool = False, **about: Any) -> Channel:
        """Add a text channel; one that is `private` is seen by those only whom `allow` lets in."""
        channel = self._kept(Channel(self.snowflake(), about.pop("type", TEXT), name, guild, **about))
        if private:
            channel.overwrites[guild.id] = Overwrite(guild.roles[0], deny=bits("view_channel"))
        self.dispatch("CHANNEL_CREATE", self.channel_json(channel), guild=guild)
        return channel

    def thread(
        self, parent: Channel | Message, name: str, *people: User, private: bool = False, owner: User | None = None
    ) -> Channel:
        """Open a thread in a channel or from a message; `people` are in it, and the owner."""
        message = parent if isinstance(parent, Message) else None
        channel = message.channel if message else parent
        assert isinstance(channel, Channel)
        owner = owner or (people[0] if people else message.author if message else self.bot)
        kind = PRIVATE_THREAD if private else PUBLIC_THREAD
        thread = Channel(message.id if message else self.snowflake(), kind, name, channel.guild, channel, owner)
        thread.people = list(dict.fromkeys([owner, *people]))
        self._kept(thread)
        self.dispatch("THREAD_CREATE", self.channel_json(thread) | {"newly_created": True}, channel=thread)
        if message:
            message.thread, message.flags = thread, message.flags | HAS_THREAD
            self.changed(message)
            reference = self.reference_json(message)
            self.add(Message(self.snowflake(), thread, owner, type=STARTER, reference=reference, reply_to=message))
        elif not private and channel.type != FORUM:
            where = {"guild_id": str(channel.guild.id) if channel.guild else None, "channel_id": str(thread.id)}
            self.add(Message(self.snowflake(), channel, owner, name, THREAD_CREATED, reference=where))
        return thread

    def archive(self, thread: Channel, *, archived: bool = True, locked: bool = False) -> None:
        thread.archived, thread.locked, thread.archived_at = archived, locked, int(self.now() * 1000)
        self.dispatch("THREAD_UPDATE", self.channel_json(thread), channel=thread)

    def enter(self, thread: Channel, user: User) -> None:
        """Let a person, or the bot, into a thread."""
        if user in thread.people:
            return
        thread.people.append(user)
        about = {"id": str(thread.id), "member_count": len(thread.people), "removed_member_ids": []}
        about |= {"guild_id": str(thread.guild.id) if thread.guild else None}
        if user is self.bot:
            self.dispatch("THREAD_CREATE", self.channel_json(thread), channel=thread)
        added = {"added_members": [self.thread_member_json(thread, user)]}
        self.dispatch("THREAD_MEMBERS_UPDATE", about | added, channel=thread)

    def remove(self, channel: Channel) -> None:
        """Delete a channel or a thread."""
        about = self.channel_json(channel)
        self.dispatch("THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE", about, channel=channel)
        del self.channels[channel.id]
        if channel.guild:
            channel.guild.channels.remove(channel)

    # Who may what

    def join(self, guild: Guild, user: User) -> Member:
        """Let a person, or the bot, join a server."""
        if user.id in guild.members:
            return guild.members[user.id]
        member = guild.members[user.id] = Member(user, int(self.now() * 1000))
        if user is self.bot:
            role = Role(self.snowflake(), user.name, 0, managed=True)
            guild.roles.append(role)
            member.roles.append(role)
            about = {key: value for key, value in self.guild_create(guild).items() if key != "unavailable"}
            self.dispatch("GUILD_CREATE", about, guild=guild)
        else:
            self.dispatch("GUILD_MEMBER_ADD", self.member_json(member) | {"guild_id": str(guild.id)}, guild=guild)
        return member

    def leave(self, guild: Guild, user: User) -> None:
        """Let a person, or the bot, leave a server."""
        gone = guild.members.pop(user.id)
        about = {"guild_id": str(guild.id), "user": self.user_json(user)}
        if user is self.bot:
            guild.roles = [role for role in guild.roles if role not in gone.roles or not role.managed]
            self.dispatch("GUILD_DELETE", {"id": str(guild.id)}, guild=guild)
        else:
            self.dispatch("GUILD_MEMBER_REMOVE", about, guild=guild)

    def role(self, guild: Guild, name: str, permissions: str | int = 0, members: Iterable[User] = ()) -> Role:
        """Add a role with these permissions (names as in discord.py, "manage_threads kick_members") and members."""
        role = Role(self.snowflake(), name, bits(permissions), position=len(guild.roles))
        guild.roles.append(role)
        self.dispatch("GUILD_ROLE_CREATE", {"guild_id": str(guild.id), "role": self.role_json(role)}, guild=guild)
        for user in members:
            self.grant(guild, user, role)
        return role

    def grant(self, guild: Guild, user: User, role: Role) -> None:
        member = self.join(guild, user)
        member.roles.append(role)
        self.dispatch("GUILD_MEMBER_UPDATE", self.member_json(member) | {"guild_id": str(guild.id)}, guild=guild)

    def permit(self, role: Role, permissions: str | int) -> None:
        """Set what a role may; `guild.roles[0]` is everyone's."""
        role.permissions = bits(permissions)
        guild = next(each for each in self.guilds.values() if role in each.roles)
        self.dispatch("GUILD_ROLE_UPDATE", {"guild_id": str(guild.id), "role": self.role_json(role)}, guild=guild)

    def allow(self, channel: Channel, permissions: str | int, to: Role | User | None = None) -> None:
        """Allow something in one channel to a role, to one person, or to everyone."""
        overwrite = self._overwrite(channel, to)
        overwrite.allow, overwrite.deny = overwrite.allow | bits(permissions), overwrite.deny & ~bits(permissions)
        self.dispatch("CHANNEL_UPDATE", self.channel_json(channel), guild=channel.guild)

    def deny(self, channel: Channel, permissions: str | int, to: Role | User | None = None) -> None:
        """Deny something in one channel to a role, to one person, or to everyone."""
        overwrite = self._overwrite(channel, to)
        overwrite.deny, overwrite.allow = overwrite.deny | bits(permissions), overwrite.allow & ~bits(permissions)
        self.dispatch("CHANNEL_UPDATE", self.channel_json(channel), guild=channel.guild)

    def _overwrite(self, channel: Channel, to: Role | User | None) -> Overwrite:
        assert channel.guild is not None
        to = to or channel.guild.roles[0]
        return channel.overwrites.setdefault(to.id, Overwrite(to))

    # What is said

    def say(
        self,
        channel: Channel,
        user: User,
        text: str = "",
        *,
        reply_to: Message | None = None,
        ping: bool = True,
        at: float | None = None,
        quiet: bool = False,
        **more: Any,
    ) -> Message:
        """Write a message, now or `at` some time (seconds since 1970), with further fields of Message.

        A reply mentions whom it answers unless `ping` is false. A writer who is no member joins first.
        """
        if channel.guild and not more.get("webhook_id"):
            self.join(channel.guild, user)
        if channel.archived:
            self.archive(channel, archived=False)
        if channel.is_thread:
            self.enter(channel, user)
        first = channel.parent is not None and channel.parent.type == FORUM and not channel.messages
        message = Message(channel.id if first else self.snowflake(at), channel, user, text, **more)
        self.mention(message, text)
        if reply_to:
            message.type, message.reply_to, message.reference = REPLY, reply_to, self.reference_json(reply_to)
            if ping and reply_to.author not in message.mentions:
                message.mentions.append(reply_to.author)
        return self.add(message, quiet=quiet)

    def forward(self, channel: Channel, user: User, message: Message) -> Message:
        """Forward a message to another channel: what it said comes along as a snapshot."""
        kept = ("content", "embeds", "attachments", "components", "timestamp", "edited_timestamp", "type", "flags")
        whole = self.message_json(message, content=True)
        snapshot = {"message": {key: whole[key] for key in kept} | {"mentions": [], "mention_roles": []}}
        return self.say(channel, user, snapshots=[snapshot], reference=self.reference_json(message) | {"type": 1})

    def mention(self, message: Message, text: str) -> None:
        """Mark whom a text mentions."""
        found = [self.users.get(int(each)) for each in MENTION.findall(text)]
        message.mentions = list(dict.fromkeys(user for user in found if user))
        named = set(ROLE_MENTION.findall(text))
        roles = message.channel.guild.roles if message.channel.guild else []
        message.mention_roles = [role for role in roles if str(role.id) in named]
        message.mention_everyone = "@everyone" in text or "@here" in text

    def add(self, message: Message, *, quiet: bool = False) -> Message:
        """Put a message into its channel and tell the app."""
        self._placed(message)
        if not quiet:
            self.dispatch(
                "MESSAGE_CREATE", lambda content: self.dispatched(message, content=content), channel=message.channel
            )
        self.told()
        return message

    def edit(self, message: Message, text: str | None = None, **more: Any) -> None:
        """Change a message's text, or other fields of it."""
        if text is not None:
            more["content"] = text
            self.mention(message, text)
        assert more.keys() <= OWN, more
        for key, value in more.items():
            setattr(message, key, value)
        message.edited = int(self.now() * 1000)
        self.changed(message)

    def changed(self, message: Message) -> None:
        """Tell the app that a message is no longer what it was."""
        if message.to is None:
            self.dispatch(
                "MESSAGE_UPDATE", lambda content: self.dispatched(message, content=content), channel=message.channel
            )
        self.told()

    def delete(self, message: Message) -> None:
        message.deleted = True
        self.told()
        if message.to:
            self.hidden.pop(message.id, None)
            return
        message.channel.messages.remove(message)
        self.dispatch("MESSAGE_DELETE", self.place_json(message) | {"id": str(message.id)}, channel=message.channel)

    def react(self, message: Message, user: User, emoji: str) -> None:
        """Put a reaction: a character, or "name:id" for one of a server's own."""
        if message.channel.guild:
            self.join(message.channel.guild, user)
        users = message.reactions.setdefault(emoji, [])
        if user not in users:
            users.append(user)
            self._reacted("MESSAGE_REACTION_ADD", message, user, emoji)

    def unreact(self, message: Message, user: User, emoji: str) -> None:
        message.reactions[emoji].remove(user)
        if not message.reactions[emoji]:
            del message.reactions[emoji]
        self._reacted("MESSAGE_REACTION_REMOVE", message, user, emoji)

    def _reacted(self, name: str, message: Message, user: User, emoji: str) -> None:
        about = self.place_json(message) | {"message_id": str(message.id), "user_id": str(user.id)}
        about |= {"emoji": emoji_json(emoji), "burst": False, "type": 0, "message_author_id": str(message.author.id)}
        guild = message.channel.guild
        if guild and user.id in guild.members and name.endswith("ADD"):
            about["member"] = self.member_json(guild.members[user.id])
        self.dispatch(name, about, channel=message.channel)
        self.told()

    @staticmethod
    def place_json(message: Message) -> Json:
        guild = message.channel.guild
        return {"channel_id": str(message.channel.id)} | ({"guild_id": str(guild.id)} if guild else {})

    def reference_json(self, message: Message) -> Json:
        return {"type": 0, "message_id": str(message.id)} | self.place_json(message)
