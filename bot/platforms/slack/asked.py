"""What reaches the bot from Slack, in one form: who asks, where, and about what."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from bot import flags
from bot.platforms.slack import markup
from bot.router import COMMANDS

Payload = Mapping[str, Any]

SETTINGS = "/settings"
MEMOS = {"memo", "pencil", "notebook", "spiral_note_pad"}
LANGUAGE_FLAGS = {"us", "gb", "uk", "jp", "kr", "cn", "fr", "de", "es", "it", "ru"}
"""Flags whose names in Slack are the bare country; those of others begin with `flag-`."""

_LINK = re.compile(r"<(https?://[^<|>\s]+/archives/[^<|>\s]+)(?:\|[^>]*)?>")
_CHANNEL = re.compile(r"<#([CG][A-Z0-9]{1,30})(?:\|[^>]*)?>")


class Place(NamedTuple):
    """A thread, or a channel outside its threads; `message` is the one message there that matters, if only one does."""

    channel: str
    root: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One request.

    `text` is Slack's own markup without the mention of the bot. `ts` is the message it was written in, None for what has
    no message (commands, clicks); `root` the thread it belongs to. `outright` is false where nobody called the bot by
    name, and `short` is true where a `!command` stands for that. `about` is what it is about, where the text does not
    say; what was written `until` then (a timestamp) counts. `there` is false where the asker need not be in the channel.
    """

    team: str
    channel: str
    user: str
    text: str
    ts: str | None = None
    root: str | None = None
    client_id: str = ""
    outright: bool = True
    short: bool = False
    about: Place | None = None
    until: str | None = None
    there: bool = True

    @property
    def keys(self) -> list[str]:
        """What is the same for every delivery of the same message, whatever else is not."""
        known = [self.ts, self.client_id]
        return [f"slack:{self.team}:{self.channel}:{one}" for one in known if one]

    @property
    def direct(self) -> bool:
        """Whether it was written to the bot alone."""
        return self.channel.startswith("D")

    @property
    def place(self) -> Place:
        """What it is about: what was chosen or linked to, else where it was written."""
        if self.about:
            return self.about
        if (link := _LINK.search(self.text)) and (found := markup.permalink_parts(link[1])):
            return Place(found.channel, found.thread_ts or found.ts, found.ts)
        if not self.root and (channel := _CHANNEL.search(self.text)):
            return Place(channel[1])
        return Place(self.channel, self.root)


def from_event(team: str, event: Payload, *, me: str) -> Asked | None:
    """A message that may be for the bot `me`; None for what surely is not: bots' messages, edits, joins.

    Only to a bot that was called is a leading word a command: "ask Ben" and "recap follows" are said to others, too.
    """
    if event.get("subtype") not in (None, "file_share", "thread_broadcast") or event.get("bot_id") or "user" not in event:
        return None
    written = event.get("text", "")
    direct = event.get("channel_type") in ("im", "mpim") or event["channel"].startswith("D")
    mention = re.compile(rf"<@{me}(?:\|[^>]*)?>[,:]?")
    called, short = bool(mention.search(written)), is_short(written)
    outright = called or event.get("channel_type") == "im" or event["channel"].startswith("D")
    root = event.get("thread_ts")
    if event["user"] == me or not (called or direct or root or short):
        return None
    text = " ".join(filter(None, map(str.strip, mention.split(written))))
    return Asked(
        team,
        event["channel"],
        event["user"],
        command(text) if outright else text,
        event["ts"],
        root,
        event.get("client_msg_id", ""),
        outright=outright,
        short=short,
    )


def from_command(body: Payload) -> Asked:
    """`/parley summarize in 3 points`, or `/summarize in 3 points`; Slack has no slash commands in threads."""
    name, text = body["command"].removeprefix("/"), body.get("text", "").strip()
    said = f"/{name} {text}".strip() if name in COMMANDS else command(text or "help")
    return Asked(body["team_id"], body["channel_id"], body["user_id"], said)


def from_shortcut(body: Payload, text: str) -> Asked:
    """A shortcut of the menu of a message, as if `text` had been written about that message in its thread."""
    channel, message = body["channel"]["id"], body["message"]
    root = message.get("thread_ts")
    about = Place(channel, root or message["ts"], message["ts"])
    return Asked(body["team"]["id"], channel, body["user"]["id"], text, root=root, about=about)


def from_question(body: Payload, field: str) -> Asked:
    """The question of a modal, whose metadata hold what it is about."""
    view = body["view"]
    place, words = Place(*json.loads(view["private_metadata"])), view["state"]["values"][field][field]["value"]
    about = place._replace(message=None)
    return Asked(
        body["team"]["id"], place.channel, body["user"]["id"], f"/ask {words}", root=place.root, about=about, there=False
    )


def from_reaction(team: str, event: Payload) -> Asked | None:
    """A flag under a message, or a memo: translate it, or sum up its thread; None for all others."""
    emoji, item = event["reaction"].partition("::")[0], event["item"]
    if item.get("type") != "message":
        return None
    country = emoji.removeprefix("flag-") if emoji.startswith("flag-") else emoji if emoji in LANGUAGE_FLAGS else ""
    language = flags.language(country)
    if not language and emoji not in MEMOS:
        return None
    text = f"/translate {language}" if language else "/summarize"
    about = Place(item["channel"], None, item["ts"])
    return Asked(team, item["channel"], event["user"], text, client_id=f"{item['ts']}:{emoji}:{event['user']}", about=about)


def command(text: str) -> str:
    """`text` with a leading command word marked as such: "summarize in 3 points" is "/summarize in 3 points".

    "help" and "settings" are ones only when they stand alone: "help me find out who broke it" is a question.
    """
    first, _, rest = text.partition(" ")
    if text.lower().rstrip(".!?") == SETTINGS[1:]:
        return SETTINGS
    intent = COMMANDS.get(first.lower())
    return f"/{text}" if intent and not (intent == "help" and rest.strip()) else text


def is_short(text: str) -> bool:
    """Whether a message is a command that needs no mention: "!tldr"."""
    return text.startswith("!") and text[1:].partition(" ")[0].lower() in COMMANDS


def packed(asked: Asked, text: str | None = None) -> str:
    """The request as the value of a button: what is asked (or `text` instead), of what. Slack keeps it, not the bot."""
    channel, root, message = asked.place
    kept = {"q": asked.text if text is None else text, "c": channel, "r": root, "m": message, "u": asked.until}
    return json.dumps({key: value for key, value in kept.items() if value}, ensure_ascii=False, separators=(",", ":"))


def unpacked(value: str, *, team: str, user: str, here: Place | None) -> Asked:
    """The request that a button holds, as if `user` had made it: in the place `here`, or where it was made first."""
    kept = json.loads(value)
    about = Place(kept["c"], kept.get("r"), kept.get("m"))
    channel, root, _ = here or about
    return Asked(team, channel, user, kept.get("q", ""), root=root, about=about, until=kept.get("u"), there=here is not None)
