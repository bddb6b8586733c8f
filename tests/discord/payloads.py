"""People, places and messages as Discord writes them in JSON."""

from __future__ import annotations

from typing import Any

from .errors import Json
from .rights import in_guild, rights
from .world import (
    DM,
    FORUM,
    GROUP,
    PRIVATE_THREAD,
    REPLY,
    STARTER,
    THREAD_CREATED,
    VOICE,
    Channel,
    Guild,
    Member,
    Message,
    Role,
    User,
    World,
    iso,
    moment,
)

MEMBERS_LIMITED, MEMBERS, CONTENT, CONTENT_LIMITED = 1 << 15, 1 << 14, 1 << 18, 1 << 19
KINDS: dict[int, Json] = {  # what channels of other kinds have besides
    VOICE: {"bitrate": 64_000, "user_limit": 0, "rtc_region": None},
    FORUM: {"available_tags": [], "default_reaction_emoji": None, "default_sort_order": None, "default_forum_layout": 0},
}
HIDDEN = {"content": "", "embeds": [], "attachments": [], "components": []}


class Payloads(World):
    """A world that can be told.

    Attributes:
        content: how far the app has the message-content intent: "full", "limited" (an app in few servers) or "none".
        members: the same for the members intent.
        install: fields of the application besides, such as `install_params` or `integration_types_config`.
        shards: how many shards Discord asks for.
    """

    def __init__(self) -> None:
        super().__init__()
        self.content, self.members, self.shards = "limited", "none", 1
        scopes = {"scopes": ["bot", "applications.commands"], "permissions": "0"}
        self.install: Json = {
            "install_params": scopes,
            "integration_types_config": {"0": {"oauth2_install_params": scopes}, "1": {}},
            "bot_public": True,
            "interactions_endpoint_url": None,
        }

    @property
    def app_flags(self) -> int:
        content = {"full": CONTENT, "limited": CONTENT_LIMITED, "none": 0}[self.content]
        return content | {"full": MEMBERS, "limited": MEMBERS_LIMITED, "none": 0}[self.members]

    def application_json(self) -> Json:
        owner = next((user for user in self.users.values() if not user.bot), self.bot)
        own = {"id": str(self.bot.id), "name": self.bot.name, "description": "", "icon": None, "flags": self.app_flags}
        more = {"bot_require_code_grant": False, "verify_key": "0" * 64, "owner": self.user_json(owner), "team": None}
        counts = {"approximate_guild_count": len(self.guilds), "approximate_user_install_count": 0}
        return own | more | counts | {"bot": self.user_json(self.bot), "redirect_uris": [], "rpc_origins": []} | self.install

    # People

    def user_json(self, user: User) -> Json:
        name = user.name if user.bot else user.name.lower().replace(" ", "_")
        own = {"id": str(user.id), "username": name, "global_name": None if user.bot else user.global_name}
        return own | {"discriminator": "0", "avatar": None, "bot": user.bot, "public_flags": 0}

    def member_json(self, member: Member, *, user: bool = True) -> Json:
        own = {
            "roles": [str(role.id) for role in member.roles],
            "nick": member.nick,
            "avatar": None,
            "joined_at": iso(member.joined),
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
            "communication_disabled_until": None,
        }
        return own | ({"user": self.user_json(member.user)} if user else {})

    def role_json(self, role: Role) -> Json:
        colours = {"primary_color": 0, "secondary_color": None, "tertiary_color": None}
        own = {"id": str(role.id), "name": role.name, "permissions": str(role.permissions), "position": role.position}
        more = {"color": 0, "colors": colours, "hoist": False, "mentionable": False, "flags": 0, "icon": None}
        tags = {"tags": {"bot_id": str(self.bot.id)}} if role.managed else {}
        return own | more | {"managed": role.managed, "unicode_emoji": None} | tags

    # Places

    def guild_json(self, guild: Guild) -> Json:
        """A server as REST gives it."""
        return {
            "id": str(guild.id),
            "name": guild.name,
            "icon": None,
            "splash": None,
            "discovery_splash": None,
            "owner_id": str(guild.owner.id),
            "afk_channel_id": None,
            "afk_timeout": 300,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "roles": [self.role_json(role) for role in guild.roles],
            "emojis": [],
            "stickers": [],
            "features": [],
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "preferred_locale": guild.locale,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "description": None,
            "max_members": 500_000,
        }

    def guild_create(self, guild: Guild) -> Json:
        """A server as the gateway gives it: with its channels, active threads, and of its members the bot."""
        channels = [self.channel_json(each) for each in guild.channels if not each.is_thread]
        threads = [self.channel_json(each) for each in self.threads(guild) if rights(each, self.bot)]
        return self.guild_json(guild) | {
            "joined_at": iso(guild.members[self.bot.id].joined),
            "large": False,
            "unavailable": False,
            "member_count": len(guild.members),
            "voice_states": [],
            "members": [self.member_json(guild.members[self.bot.id])],
            "channels": channels,
            "threads": threads,
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def channel_json(self, channel: Channel, viewer: User | None = None) -> Json:
        """A channel; for a direct message the recipients are the others than the viewer (the bot)."""
        viewer = viewer or self.bot
        last = str(channel.messages[-1].id) if channel.messages else None
        own: Json = {"id": str(channel.id), "type": channel.type, "flags": 0, "last_message_id": last}
        if channel.guild is None:
            others = [self.user_json(user) for user in channel.people if user is not viewer]
            group = {"name": channel.name or None, "icon": None, "owner_id": str(channel.people[0].id)}
            return own | {"recipients": others} | (group if channel.type == GROUP else {})
        own |= {"guild_id": str(channel.guild.id), "name": channel.name, "rate_limit_per_user": 0}
        if channel.is_thread:
            return own | self._thread_json(channel)
        overwrites = [
            {"id": str(target), "type": int(isinstance(each.target, User)), "allow": str(each.allow), "deny": str(each.deny)}
            for target, each in channel.overwrites.items()
        ]
        more = {"position": 0, "topic": channel.topic, "nsfw": channel.nsfw, "parent_id": None}
        return own | more | {"permission_overwrites": overwrites} | KINDS.get(channel.type, {})

    def _thread_json(self, thread: Channel) -> Json:
        assert thread.parent is not None
        meta = {
            "archived": thread.archived,
            "auto_archive_duration": 1440,
            "archive_timestamp": iso(thread.archived_at or int(moment(thread.id) * 1000)),
            "locked": thread.locked,
            "create_timestamp": iso(int(moment(thread.id) * 1000)),
        }
        if thread.type == PRIVATE_THREAD:
            meta["invitable"] = True
        said = sum(each.type not in {STARTER, THREAD_CREATED} for each in thread.messages)
        own = {
            "parent_id": str(thread.parent.id),
            "owner_id": str(thread.owner.id if thread.owner else self.bot.id),
            "thread_metadata": meta,
            "message_count": said,
            "total_message_sent": said,
            "member_count": len(thread.people),
        }
        return own | ({"member": self.thread_member_json(thread, self.bot)} if self.bot in thread.people else {})

    def thread_member_json(self, thread: Channel, user: User) -> Json:
        joined = iso(int(moment(thread.id) * 1000))
        return {"id": str(thread.id), "user_id": str(user.id), "join_timestamp": joined, "flags": 0}

    # Messages

    def reads(self, message: Message) -> bool:
        """Whether the app may read a message even without the message-content intent."""
        mine = message.author is self.bot or message.application_id == self.bot.id
        return mine or message.channel.type == DM or self.bot in message.mentions

    def message_json(self, message: Message, *, content: bool | None = None) -> Json:
        """A message as the bot gets it; without `content` only where it may read it even so."""
        content = self.content != "none" if content is None else content
        own: Json = {
            "id": str(message.id),
            "channel_id": str(message.channel.id),
            "type": message.type,
            "author": self.user_json(message.author),
            "content": message.content,
            "embeds": message.embeds,
            "attachments": message.attachments,
            "components": message.components,
            "mentions": [self._mention(message, user) for user in message.mentions],
            "mention_roles": [str(role.id) for role in message.mention_roles],
            "mention_everyone": message.mention_everyone,
            "timestamp": iso(int(moment(message.id) * 1000)),
            "edited_timestamp": iso(message.edited) if message.edited else None,
            "flags": message.flags,
            "tts": False,
            "pinned": False,
        }
        if not content and not self.reads(message):
            own |= HIDDEN
        if message.reactions:
            own["reactions"] = [self._reaction(emoji, users) for emoji, users in message.reactions.items()]
        return own | self._about(message, content)

    def _about(self, message: Message, content: bool) -> Json:
        more: Json = {"nonce": message.nonce} if message.nonce else {}
        if message.webhook_id:
            more["webhook_id"] = str(message.webhook_id)
        if message.application_id:
            more["application_id"] = str(message.application_id)
        if message.snapshots:
            more["message_snapshots"] = message.snapshots if content or self.reads(message) else []
        if message.interaction:
            more["interaction_metadata"] = message.interaction
        if message.thread:
            more["thread"] = self.channel_json(message.thread)
        if message.reference:
            more["message_reference"] = message.reference
        if message.type in {REPLY, STARTER}:
            answered = message.reply_to
            if answered and not answered.deleted:  # what is answered comes with it, what that answered does not
                whole = self.message_json(answered, content=content)
                more["referenced_message"] = {key: value for key, value in whole.items() if key != "referenced_message"}
            else:
                more["referenced_message"] = None
        return more

    def dispatched(self, message: Message, *, content: bool) -> Json:
        """A message as the gateway sends it: it says where it was written and by which member."""
        told, guild = self.message_json(message, content=content), message.channel.guild
        if guild is None:
            return told | {"channel_type": message.channel.type}
        told |= {"guild_id": str(guild.id), "channel_type": message.channel.type}
        member = guild.members.get(message.author.id)
        return told | ({"member": self.member_json(member, user=False)} if member and not message.webhook_id else {})

    def _mention(self, message: Message, user: User) -> Json:
        guild = message.channel.guild
        member = guild.members.get(user.id) if guild else None
        return self.user_json(user) | ({"member": self.member_json(member, user=False)} if member else {})

    def _reaction(self, emoji: str, users: list[User]) -> Json:
        count, details = len(users), {"burst": 0, "normal": len(users)}
        mine = self.bot in users
        return {"emoji": emoji_json(emoji), "count": count, "count_details": details, "me": mine, "me_burst": False}

    def with_rights(self, channel: Channel, user: User) -> Json:
        """A member with what they may do in a channel, as in an interaction."""
        assert channel.guild is not None
        return self.member_json(channel.guild.members[user.id]) | {"permissions": str(rights(channel, user))}

    def guild_rights(self, guild: Guild) -> str:
        return str(in_guild(guild, self.bot))


def emoji_json(emoji: str) -> Json:
    """An emoji: a character, or "name:id" for one of a server's own."""
    name, _, number = emoji.partition(":")
    known: dict[str, Any] = {"id": number or None, "name": name}
    return known | ({"animated": False} if number else {})


def emoji_key(text: str) -> str:
    """An emoji in the path of a call."""
    return text.removeprefix("a:")
