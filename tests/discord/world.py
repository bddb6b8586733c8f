"""A small Discord in memory: people, servers, channels, threads and messages."""

from __future__ import annotations

import time
from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from .errors import Json, unknown

EPOCH = 1_420_070_400_000

TEXT, DM, VOICE, GROUP, NEWS, PUBLIC_THREAD, PRIVATE_THREAD, FORUM = 0, 1, 2, 3, 5, 11, 12, 15
EPHEMERAL, HAS_THREAD, LOADING = 64, 32, 128
DEFAULT, THREAD_CREATED, REPLY, COMMAND_ANSWER, STARTER, MENU_ANSWER = 0, 18, 19, 20, 21, 23


@dataclass(eq=False)
class User:
    """A person or a bot. `closed` takes no direct messages; `installed` has the app among its own apps."""

    id: int
    name: str
    bot: bool = False
    locale: str = "en-US"
    global_name: str | None = None
    closed: bool = False
    installed: bool = False

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"


@dataclass(eq=False)
class Role:
    id: int
    name: str
    permissions: int
    position: int = 1
    managed: bool = False

    @property
    def mention(self) -> str:
        return f"<@&{self.id}>"


@dataclass(eq=False)
class Member:
    user: User
    joined: int
    roles: list[Role] = field(default_factory=list)
    nick: str | None = None


@dataclass(eq=False)
class Guild:
    """A server; `roles[0]` is everyone's, `channels` holds its threads as well."""

    id: int
    name: str
    owner: User
    roles: list[Role] = field(repr=False)
    locale: str = "en-US"
    members: dict[int, Member] = field(default_factory=dict, repr=False)
    channels: list[Channel] = field(default_factory=list, repr=False)


@dataclass
class Overwrite:
    """What a channel allows and denies to a role, or to one person."""

    target: Role | User
    allow: int = 0
    deny: int = 0


@dataclass(eq=False)
class Channel:
    """A text channel, a thread, or a direct message.

    `people` are the members of a thread, a direct message or a group. `messages` are in order of their ids. A forum
    (type 15) has threads only; in a thread from a forum, the first message has the thread's id.
    """

    id: int
    type: int
    name: str
    guild: Guild | None = field(default=None, repr=False)
    parent: Channel | None = field(default=None, repr=False)
    owner: User | None = None
    nsfw: bool = False
    topic: str | None = None
    archived: bool = False
    locked: bool = False
    archived_at: int = 0
    overwrites: dict[int, Overwrite] = field(default_factory=dict, repr=False)
    people: list[User] = field(default_factory=list, repr=False)
    messages: list[Message] = field(default_factory=list, repr=False)

    @property
    def mention(self) -> str:
        return f"<#{self.id}>"

    @property
    def is_thread(self) -> bool:
        return self.type in {PUBLIC_THREAD, PRIVATE_THREAD}

    @property
    def url(self) -> str:
        return f"https://discord.com/channels/{self.guild.id if self.guild else '@me'}/{self.id}"

    def find(self, message: int) -> Message | None:
        """The message of this id."""
        place = bisect_left(self.messages, message, key=lambda each: each.id)
        found = self.messages[place] if place < len(self.messages) else None
        return found if found is not None and found.id == message else None


@dataclass(eq=False)
class Message:
    """A message; `reactions` holds who reacted with what, `files` what was uploaded with it, by name.

    `to` is whom an ephemeral message is shown to.
    """

    id: int
    channel: Channel = field(repr=False)
    author: User
    content: str = ""
    type: int = DEFAULT
    flags: int = 0
    embeds: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    mentions: list[User] = field(default_factory=list)
    mention_roles: list[Role] = field(default_factory=list)
    mention_everyone: bool = False
    reference: Json | None = None
    reply_to: Message | None = field(default=None, repr=False)
    webhook_id: int | None = None
    edited: int | None = None
    reactions: dict[str, list[User]] = field(default_factory=dict)
    thread: Channel | None = field(default=None, repr=False)
    nonce: str | None = None
    application_id: int | None = None
    snapshots: list[Json] = field(default_factory=list)
    interaction: Json | None = None
    to: User | None = None
    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    deleted: bool = False

    @property
    def url(self) -> str:
        return f"{self.channel.url}/{self.id}"

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    @property
    def loading(self) -> bool:
        """True while only "thinking" is shown."""
        return bool(self.flags & LOADING)

    @property
    def text(self) -> str:
        """Everything there is to read in it: the content, then the embeds and the text components."""
        parts: list[str | None] = [self.content]
        for embed in self.embeds:
            parts += [embed.get("author", {}).get("name"), embed.get("title"), embed.get("description")]
            parts += chain.from_iterable((each["name"], each["value"]) for each in embed.get("fields", []))
            parts.append(embed.get("footer", {}).get("text"))
        parts += [each.get("content") for each in parts_of(self.components)]
        return "\n".join(part for part in parts if part)

    @property
    def controls(self) -> list[Json]:
        """Its buttons and menus."""
        return [each for each in parts_of(self.components) if "custom_id" in each or "url" in each]

    @property
    def labels(self) -> list[str]:
        """What its buttons say."""
        return [each.get("label", "") for each in self.controls if each["type"] == 2]

    def control(self, name: str) -> Json:
        """The button or menu of this custom_id, else of this label; custom_ids may be given by their beginning.

        Raises:
            LookupError: There is none.
        """
        for fits in (
            lambda each: each.get("custom_id") == name,
            lambda each: each.get("label") == name,
            lambda each: each.get("custom_id", "").startswith(name),
        ):
            if found := next(filter(fits, self.controls), None):
                return found
        raise LookupError(f"no {name!r} among {[each.get('custom_id') for each in self.controls]}")


class World:
    """What the fake knows. The helpers add to it and give what they added.

    Attributes:
        bot: the app's own user; its id is the app's as well.
        skew: seconds that the clock is ahead of the machine's; raise it to let time pass.
        hidden: the ephemeral messages, by id.
    """

    def __init__(self) -> None:
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.hidden: dict[int, Message] = {}
        self.skew = 0.0
        self._last = 0
        self.bot = self.user("Parley", bot=True)

    def now(self) -> float:
        return time.time() + self.skew

    def snowflake(self, at: float | None = None) -> int:
        """An id: of this moment and later than all before it, or the first of a given one (seconds since 1970)."""
        if at is not None:
            return (int(at * 1000) - EPOCH) << 22
        self._last = max(self._last + 1, (int(self.now() * 1000) - EPOCH) << 22)
        return self._last

    def user(self, name: str, **about: Any) -> User:
        """Add a person, or a bot (`bot=True`)."""
        user = User(self.snowflake(), name, **({"global_name": name} | about))
        self.users[user.id] = user
        return user

    # Looking things up, as the REST interface does

    def channel_at(self, channel: int) -> Channel:
        if (found := self.channels.get(channel)) is None:
            raise unknown("channel")
        return found

    def message_at(self, channel: Channel, message: int) -> Message:
        if (found := channel.find(message)) is None:
            raise unknown("message")
        return found

    def guild_at(self, guild: int) -> Guild:
        """A server that the bot is in."""
        found = self.guilds.get(guild)
        if found is None or self.bot.id not in found.members:
            raise unknown("guild")
        return found

    def threads(self, place: Guild | Channel, *, archived: bool = False) -> list[Channel]:
        """The threads of a server or of one channel, newest first."""
        everywhere = place.channels if isinstance(place, Guild) else place.guild.channels if place.guild else []
        kept = [each for each in everywhere if each.is_thread and each.archived == archived]
        return sorted((each for each in kept if place in {each.guild, each.parent}), key=lambda each: -each.id)

    def dm(self, user: User) -> Channel:
        """The direct message of a person with the bot, opened if it is not there yet."""
        found = (each for each in self.channels.values() if each.type == DM and set(each.people) == {user, self.bot})
        return next(found, None) or self._kept(Channel(self.snowflake(), DM, user.name, people=[user, self.bot]))

    def group(self, *people: User, name: str = "") -> Channel:
        """A group, or the direct message of two people, which the bot is not in; its commands may be used there."""
        kind = DM if len(people) == 2 and not name else GROUP
        return self._kept(Channel(self.snowflake(), kind, name, people=list(people), owner=people[0]))

    # What people see

    def messages(self, channel: Channel) -> list[Message]:
        """The messages of a channel, oldest first."""
        return list(channel.messages)

    def answers(self, channel: Channel) -> list[Message]:
        """What the bot wrote in a channel, oldest first; what it is still thinking about is left out."""
        return [each for each in channel.messages if each.author is self.bot and not each.loading]

    def transcript(self, channel: Channel) -> list[str]:
        """The messages as lines of "name: text"."""
        return [f"{each.author.name}: {each.text}" for each in channel.messages]

    @property
    def ephemeral(self) -> list[Message]:
        """What only one person can see, oldest first."""
        return [each for each in self.hidden.values() if not each.loading]

    def _kept(self, channel: Channel) -> Channel:
        self.channels[channel.id] = channel
        if channel.guild:
            channel.guild.channels.append(channel)
        return channel

    def _placed(self, message: Message) -> Message:
        """Put a message in its place in time; two never share an id."""
        messages = message.channel.messages
        if messages and message.id <= messages[-1].id:
            taken = {each.id for each in messages}
            while message.id in taken:
                message.id += 1
        insort(messages, message, key=lambda each: each.id)
        return message


def parts_of(components: Iterable[Json]) -> Iterable[Json]:
    """Every component of a message or modal, however deep."""
    for each in components:
        yield each
        inner = [*each.get("components", []), each.get("accessory"), each.get("component")]
        yield from parts_of(part for part in inner if part)


def moment(snowflake: int) -> float:
    """When an id was made, in seconds since 1970."""
    return ((snowflake >> 22) + EPOCH) / 1000


def iso(ms: int) -> str:
    """A time (milliseconds since 1970) as Discord writes it."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat()
