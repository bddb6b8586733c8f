"""What reaches the bot from Slack, as requests."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from bot import flags
from bot.platforms.asked import Asked, Place, command, is_short
from bot.platforms.slack import markup
from bot.router import COMMANDS

Payload = Mapping[str, Any]

MEMOS = {"memo", "pencil", "notebook", "spiral_note_pad"}
LANGUAGE_FLAGS = {"us", "gb", "uk", "jp", "kr", "cn", "fr", "de", "es", "it", "ru"}
"""Flags whose names in Slack are the bare country; those of others begin with `flag-`."""

_LINK = re.compile(r"<(https?://[^<|>\s]+/archives/[^<|>\s]+)(?:\|[^>]*)?>")
_CHANNEL = re.compile(r"<#([CG][A-Z0-9]{1,30})(?:\|[^>]*)?>")


def asked(team: str, channel: str, user: str, text: str, **more: Any) -> Asked:
    """A request in a workspace; `more` are fields of `Asked`."""
    return Asked(home(team), channel, user, text, direct=channel.startswith("D"), **more)


def home(team: str) -> str:
    """A workspace, as the database knows it."""
    return f"slack:{team}"


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
    return asked(
        team,
        event["channel"],
        event["user"],
        command(text) if outright else text,
        message=event["ts"],
        root=root,
        client_id=event.get("client_msg_id", ""),
        outright=outright,
        short=short,
        about=linked(text, root=root),
    )


def from_command(body: Payload) -> Asked:
    """`/parley summarize in 3 points`, or `/summarize in 3 points`; Slack has no slash commands in threads."""
    name, text = body["command"].removeprefix("/"), body.get("text", "").strip()
    if name in COMMANDS:
        said = f"/{name} {text}".strip()
    elif text.partition(" ")[0].lower() == "chat":  # elsewhere, people say that of much else
        said = f"/{text}"
    else:
        said = command(text or "help")
    return asked(body["team_id"], body["channel_id"], body["user_id"], said, about=linked(said))


def from_shortcut(body: Payload, text: str) -> Asked:
    """A shortcut of the menu of a message, as if `text` had been written about that message in its thread."""
    channel, message = body["channel"]["id"], body["message"]
    root = message.get("thread_ts")
    about = Place(channel, root or message["ts"], message["ts"])
    return asked(body["team"]["id"], channel, body["user"]["id"], text, root=root, about=about)


def from_question(body: Payload, field: str) -> Asked:
    """The question of a modal, whose metadata hold what it is about."""
    view, user = body["view"], body["user"]["id"]
    place, words = Place(*json.loads(view["private_metadata"])), view["state"]["values"][field][field]["value"]
    about = place._replace(message=None)
    return asked(body["team"]["id"], place.channel, user, f"/ask {words}", root=place.root, about=about, there=False)


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
    once = f"{item['ts']}:{emoji}:{event['user']}"
    return asked(team, item["channel"], event["user"], text, client_id=once, about=Place(item["channel"], None, item["ts"]))


def linked(text: str, *, root: str | None = None) -> Place | None:
    """What a link to a message leads to, or a channel that is named outside threads."""
    if (link := _LINK.search(text)) and (found := markup.permalink_parts(link[1])):
        return Place(found.channel, found.thread_ts or found.ts, found.ts)
    if not root and (channel := _CHANNEL.search(text)):
        return Place(channel[1])
    return None


def packed(request: Asked, text: str | None = None) -> str:
    """The request as the value of a button: what is asked (or `text` instead), of what. Slack keeps it, not the bot."""
    channel, root, message = request.place
    kept = {"q": (request.text if text is None else text) or None, "c": channel, "r": root, "m": message}
    kept |= {"u": request.until, "l": request.language}
    return json.dumps(
        {key: value for key, value in kept.items() if value is not None}, ensure_ascii=False, separators=(",", ":")
    )


def unpacked(value: str, *, team: str, user: str, here: Place | None) -> Asked:
    """The request that a button holds, as if `user` had made it: in the place `here`, or where it was made first."""
    kept = json.loads(value)
    about = Place(kept["c"], kept.get("r"), kept.get("m"))
    channel, root, _ = here or about
    told = {"until": kept.get("u"), "language": kept.get("l")}
    return asked(team, channel, user, kept.get("q", ""), root=root, about=about, there=here is not None, **told)
