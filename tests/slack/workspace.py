"""A small Slack workspace in memory: people, channels, messages, and what Slack shows of them."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

PREFIXES = {"public": "C", "private": "G", "im": "D", "mpim": "G"}


class SlackError(Exception):
    """Raised when Slack would answer `ok: false`; `more` goes into the body beside the name."""

    def __init__(self, name: str, **more: Any) -> None:
        super().__init__(name)
        self.name, self.more = name, more


@dataclass
class User:
    id: str
    name: str
    team: str
    real_name: str
    display_name: str
    tz: str | None = "Europe/Lisbon"
    tz_offset: int = 0
    locale: str = "en-US"
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    deleted: bool = False

    def json(self) -> Json:
        profile = {"real_name": self.real_name, "display_name": self.display_name, "team": self.team}
        flags = {"is_app_user": False, "is_email_confirmed": True, "is_owner": False, "is_admin": False}
        own = {key: value for key, value in vars(self).items() if key not in {"team", "display_name"}}
        return own | flags | {"team_id": self.team, "tz_label": self.tz or "", "profile": profile}


@dataclass
class Channel:
    id: str
    name: str
    kind: str
    members: list[str]
    is_ext_shared: bool = False
    is_archived: bool = False
    created: int = 0
    messages: list[Json] = field(default_factory=list)

    def json(self, viewer: str) -> Json:
        own = {"id": self.id, "created": self.created, "is_archived": self.is_archived, "is_ext_shared": self.is_ext_shared}
        kind = {
            "is_channel": self.kind == "public",
            "is_group": self.kind == "private",
            "is_im": self.kind == "im",
            "is_mpim": self.kind == "mpim",
            "is_private": self.kind != "public",
            "is_shared": self.is_ext_shared,
        }
        if self.kind == "im":
            return own | kind | {"user": next((user for user in self.members if user != viewer), viewer)}
        return own | kind | {"name": self.name, "name_normalized": self.name, "is_member": viewer in self.members}


class Workspace:
    """What the fake knows. Helpers give ids and timestamps as Slack writes them, and take them back.

    `edit`, `delete` and `react` change the state and return the event that Slack would send for it.

    Attributes:
        team_id, app_id, bot_user, bot_id: who the bot is; `bot_user` joins the channels that `channel` makes.
        skew: seconds that the workspace's clock is ahead of the machine's; raise it to let time pass.
    """

    def __init__(self, team: str = "acme", *, team_id: str = "T0ACME") -> None:
        self.team, self.team_id, self.app_id, self.bot_id = team, team_id, "A0PARLEY", "B0PARLEY"
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.skew = 0.0
        self._numbers = itertools.count(1)
        self._last = 0
        self.bot_user = self.user("parley", real_name="Parley", is_bot=True)

    # The people and places

    def user(self, name: str, **about: Any) -> str:
        """Add a person, a guest (`is_restricted`) or a bot; returns the id."""
        about = {"real_name": name.title(), "display_name": name, "team": self.team_id} | about
        return self._kept(self.users, User(self.number("U"), name, **about))

    def channel(self, name: str, *members: str, kind: str = "public", bot: bool = True, **about: Any) -> str:
        """Add a channel ("public", "private", "im" or "mpim") with these members, and the bot unless `bot` is false."""
        everyone = [*members, *([self.bot_user] if bot else [])]
        return self._kept(self.channels, Channel(self.number(PREFIXES[kind]), name, kind, everyone, **about))

    def im(self, user: str) -> str:
        """The direct message of a person with the bot, opened if it is not there yet."""
        both = {user, self.bot_user}
        found = (channel.id for channel in self.channels.values() if channel.kind == "im" and set(channel.members) == both)
        return next(found, None) or self.channel("", user, kind="im")

    def now(self) -> float:
        return time.time() + self.skew

    def number(self, prefix: str) -> str:
        """A fresh id."""
        return f"{prefix}0{next(self._numbers):07d}"

    # What is said

    def say(
        self, channel: str, user: str, text: str, thread: str | None = None, *, at: float | None = None, **more: Any
    ) -> str:
        """Add a message, now or `at` some time, with further fields such as `files` or `subtype`; returns its ts."""
        team = self.users[user].team if user in self.users else self.team_id  # a guest of a shared channel has another
        message = {"type": "message", "user": user, "text": text, "ts": self._stamp(at), "team": team}
        message |= {"client_msg_id": f"00000000-0000-4000-8000-{next(self._numbers):012d}"}
        if user in self.users and self.users[user].is_bot:
            message |= {"bot_id": self.bot_id if user == self.bot_user else f"B{user[1:]}"}
            del message["client_msg_id"]
        if thread:
            message["thread_ts"] = thread
        return self.add(channel, message | more)["ts"]

    def join(self, channel: str, user: str) -> str:
        """Let a person join; Slack says so in the channel."""
        if user not in self.channels[channel].members:
            self.channels[channel].members.append(user)
        return self.say(channel, user, f"<@{user}> has joined the channel", subtype="channel_join")

    def edit(self, channel: str, ts: str, text: str, **more: Any) -> Json:
        message = self.message_at(channel, ts)
        before = dict(message)
        message |= {"text": text, "edited": {"user": message.get("user", self.bot_user), "ts": self._stamp()}} | more
        return self._changed(channel, "message_changed", message=self.shown(channel, message), previous_message=before)

    def delete(self, channel: str, ts: str) -> Json:
        """Remove a message; a parent with replies leaves a tombstone, as in Slack."""
        message = self.message_at(channel, ts)
        before = dict(message)
        if self.replies(channel, ts):
            message |= {"subtype": "tombstone", "text": "This message was deleted.", "user": "USLACKBOT", "hidden": True}
            return self._changed(channel, "message_changed", message=self.shown(channel, message), previous_message=before)
        self.channels[channel].messages.remove(message)
        return self._changed(channel, "message_deleted", deleted_ts=ts, previous_message=before)

    def react(self, channel: str, ts: str, user: str, emoji: str, *, removed: bool = False) -> Json:
        message = self.message_at(channel, ts)
        kept = {reaction["name"]: reaction["users"] for reaction in message.get("reactions", [])}
        people = kept.setdefault(emoji, [])
        if (user in people) != removed:
            raise SlackError("no_reaction" if removed else "already_reacted")
        people.remove(user) if removed else people.append(user)
        message["reactions"] = [{"name": name, "users": users, "count": len(users)} for name, users in kept.items() if users]
        item = {"type": "message", "channel": channel, "ts": ts}
        event = {"type": "reaction_removed" if removed else "reaction_added", "user": user, "reaction": emoji, "item": item}
        return event | {"item_user": message.get("user"), "event_ts": self._stamp()}

    # What Slack shows

    def add(self, channel: str, message: Json) -> Json:
        """Put a message in its place in time; two never share a ts."""
        messages = self.channels[channel].messages
        taken = {each["ts"] for each in messages} if messages and message["ts"] <= messages[-1]["ts"] else set()
        while message["ts"] in taken:
            message["ts"] = f"{float(message['ts']) + 1e-6:.6f}"
        messages.append(message)
        if taken:
            messages.sort(key=lambda each: each["ts"])
        return message

    def message_at(self, channel: str, ts: str) -> Json:
        for message in reversed(self.channels[channel].messages):
            if message["ts"] == ts:
                return message
        raise SlackError("message_not_found")

    def replies(self, channel: str, ts: str) -> list[Json]:
        return [each for each in self.channels[channel].messages if each.get("thread_ts") == ts != each["ts"]]

    def messages(self, channel: str, thread: str | None = None) -> list[Json]:
        """The messages of a channel outside threads, or of one thread with its parent; oldest first, as Slack shows them."""
        kept = self.channels[channel].messages
        if thread:
            kept = [each for each in kept if thread in {each["ts"], each.get("thread_ts")}]
        else:
            kept = [each for each in kept if each.get("thread_ts", each["ts"]) == each["ts"] or each.get("reply_broadcast")]
        counted = self._threads(channel)
        return [self._with_thread(each, counted.get(each["ts"], [])) for each in kept]

    def shown(self, channel: str, message: Json) -> Json:
        """A message with what Slack adds to the parent of a thread."""
        return self._with_thread(message, self.replies(channel, message["ts"]))

    def transcript(self, channel: str, thread: str | None = None) -> list[str]:
        """The same messages as lines of "name: text"."""
        return [f"{self._name(each)}: {each.get('text', '')}" for each in self.messages(channel, thread)]

    def permalink(self, channel: str, ts: str) -> str:
        message = self.message_at(channel, ts)
        thread = message.get("thread_ts")
        link = f"https://{self.team}.slack.com/archives/{channel}/p{ts.replace('.', '')}"
        return f"{link}?thread_ts={thread}&cid={channel}" if thread and thread != ts else link

    def _threads(self, channel: str) -> dict[str, list[Json]]:
        counted: dict[str, list[Json]] = {}
        for each in self.channels[channel].messages:
            if (thread := each.get("thread_ts")) and thread != each["ts"]:
                counted.setdefault(thread, []).append(each)
        return counted

    def _with_thread(self, message: Json, replies: list[Json]) -> Json:
        if not replies:
            return dict(message)
        people = list(dict.fromkeys(each.get("user", "") for each in replies))
        counts = {"reply_count": len(replies), "reply_users_count": len(people), "reply_users": people[:5]}
        return message | {"thread_ts": message["ts"], "latest_reply": replies[-1]["ts"]} | counts

    def _changed(self, channel: str, subtype: str, **about: Any) -> Json:
        kind = {"public": "channel", "private": "group"}.get(self.channels[channel].kind, self.channels[channel].kind)
        event = {"type": "message", "subtype": subtype, "channel": channel, "channel_type": kind, "hidden": True}
        return event | about | {"ts": (stamp := self._stamp()), "event_ts": stamp}

    def _name(self, message: Json) -> str:
        user = self.users.get(message.get("user", ""))
        return user.name if user else message.get("username", message.get("bot_id", "?"))

    def _stamp(self, at: float | None = None) -> str:
        """A ts: of this moment and later than all before it, or of a given one."""
        if at is not None:
            return f"{at:.6f}"
        self._last = max(self._last + 1, int(self.now() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    @staticmethod
    def _kept(shelf: dict[str, Any], thing: Any) -> str:
        shelf[thing.id] = thing
        return str(thing.id)


def pages(items: list[Any], *, size: int, cursor: str | None, mark: str) -> tuple[list[Any], str]:
    """One page of a list and the cursor of the next, "" at the end; `mark` keeps one method's cursors from another's."""
    start = 0
    if cursor:
        kind, _, number = cursor.partition(":")
        if kind != mark or not number.isdigit():
            raise SlackError("invalid_cursor")
        start = int(number)
    end = start + size
    return items[start:end], f"{mark}:{end}" if end < len(items) else ""


def texts(thing: Any) -> Iterator[str]:
    """Every text in blocks, however deep, as Slack counts them."""
    if isinstance(thing, dict):
        for key, value in thing.items():
            if key == "text" and isinstance(value, str):
                yield value
            else:
                yield from texts(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from texts(value)
