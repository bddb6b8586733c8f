"""What reaches the bot from Slack, in one form: who asks, where, and about what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.router import COMMANDS

Payload = Mapping[str, Any]

_LINK = re.compile(r"<(https?://[^|>\s]+/archives/[^|>\s]+)(?:\|[^>]*)?>")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request.

    `text` is Slack's own markup without the mention of the bot. `ts` is the message it was written in, None for what has
    no message (commands); `root` the thread it belongs to. `outright` is false where nobody called the bot by name.
    """

    team: str
    channel: str
    user: str
    text: str
    ts: str | None = None
    root: str | None = None
    client_id: str = ""
    outright: bool = True

    @property
    def key(self) -> str:
        """The same for every delivery of the same message."""
        return f"slack:{self.team}:{self.channel}:{self.ts}:{self.client_id}"

    @property
    def source(self) -> str | None:
        """A link to another message or thread, if the text holds one."""
        found = _LINK.search(self.text)
        return found and found[1]


def from_event(team: str, event: Payload, *, me: str) -> Asked | None:
    """A message that may be for the bot `me`; None for what surely is not: bots' messages, edits, joins."""
    if event.get("subtype") not in (None, "file_share", "thread_broadcast") or event.get("bot_id") or "user" not in event:
        return None
    direct = event.get("channel_type") in ("im", "mpim") or event["channel"].startswith("D")
    mention = re.compile(rf"\s*<@{me}(?:\|[^>]*)?>[,:]?\s*")
    called = bool(mention.search(event.get("text", "")))
    root = event.get("thread_ts")
    if event["user"] == me or not (called or direct or root):
        return None
    text = mention.sub(" ", event.get("text", "")).strip()
    return Asked(
        team,
        event["channel"],
        event["user"],
        command(text),
        event["ts"],
        root,
        event.get("client_msg_id", ""),
        outright=called or event.get("channel_type") == "im",
    )


def from_command(body: Payload) -> Asked:
    """`/parley summarize in 3 points`, written in a channel; Slack has no slash commands in threads."""
    return Asked(body["team_id"], body["channel_id"], body["user_id"], command(body.get("text", "").strip() or "help"))


def from_shortcut(body: Payload, text: str) -> Asked:
    """A shortcut of the menu of a message, as if `text` had been written in the message's thread."""
    message = body["message"]
    root = message.get("thread_ts", message["ts"])
    return Asked(body["team"]["id"], body["channel"]["id"], body["user"]["id"], text, None, root)


def command(text: str) -> str:
    """`text` with a leading command word marked as such: "summarize in 3 points" is "/summarize in 3 points".

    "help" is one only when it stands alone: "help me find out who broke it" is a question.
    """
    first, _, rest = text.partition(" ")
    intent = COMMANDS.get(first.lower())
    return f"/{text}" if intent and not (intent == "help" and rest.strip()) else text
