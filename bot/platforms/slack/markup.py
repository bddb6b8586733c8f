"""Slack's mrkdwn: read as a person sees it, written so that it says what it was given, pings nobody and hides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import regex
from slack_sdk.models.messages import Link

from bot.platforms.visible import visible

_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_TOKEN = regex.compile(r"<(?P<token>[^<>]*+)>|&(?:amp|lt|gt);")
_MENTION = regex.compile(r"<@([A-Z0-9]{1,30})(?:\|[^<>]*+)?>")
_ENTITY = regex.compile(r"&(?:amp|lt|gt);")
_RESERVED = str.maketrans({plain: entity for entity, plain in _ENTITIES.items()})

_JOINER = "\u2060"  # a word joiner: invisible, and neither a space nor punctuation, so that no markup begins or ends at it
_LONGEST_LINK = 2000  # characters
_WORDS = regex.compile(r"\S(?:.*\S)?")
_BROADCAST = regex.compile(r"@(?=(?i:channel|here|everyone|group))")
_MARK = regex.compile(r"[*_~`]")
_SPECIAL = regex.compile(
    r"(?P<link>(?<!\w)https?://(?=\w)[^\s<>|\"`\p{DI}]++)"
    r"|(?P<ping>(?<!\w)@(?=\w)|@(?=(?i:channel|here|everyone|group)))"
    r"|(?P<mark>(?<![^\W_])[*_~`](?=\S)|(?<=\S)[*_~`](?![^\W_]))"
    r"|(?P<rail>^[^\S\n]*[>＞])"
    r"|(?P<reserved>[&<>])",
    regex.MULTILINE,
)
_CODE = regex.compile(r"```(?:[\w+#.-]{1,20}(?=\n))?\n*(?P<block>[^`]++(?:`{1,2}[^`]++)*+)```|`(?P<inline>[^`\n]++)`(?!`)")
_WORKSPACE = regex.compile(r"[a-z0-9-]+(?:\.enterprise)?\.slack(?:-gov)?\.com")
_MESSAGE = regex.compile(r"/archives/(?P<channel>[CDG][A-Z0-9]{1,30})/p(?P<seconds>[0-9]{10})(?P<rest>[0-9]{6})/?")
_TIMESTAMP = regex.compile(r"[0-9]{10}\.[0-9]{6}")


class Permalink(NamedTuple):
    """What a link to a message says: its channel, its timestamp, and that of its thread's first message."""

    channel: str
    ts: str
    thread_ts: str | None = None


def read(text: str, names: Mapping[str, str]) -> str:
    """A message's mrkdwn as a person sees it, `names` giving the display names of users, groups and channels by id."""
    return str(_TOKEN.sub(lambda found: _shown(found, names), text))


def mentioned(text: str) -> list[str]:
    """The ids of the users that a message's mrkdwn mentions, each once."""
    return list(dict.fromkeys(_MENTION.findall(text)))


def escape(text: str) -> str:
    """Words of people or models as mrkdwn: shown as they are, addresses as links to themselves; nobody is notified.

    What cannot be seen goes (direction overrides, zero-width and control characters, save those that emoji and scripts
    need), so that no link looks like another one.
    """
    return _written(visible(text))


def prose(text: str) -> str:
    """As `escape`, but what stands between backticks is drawn as code; Slack would show a fence's language as a line."""
    text, written, last = visible(text), list[str](), 0
    for found in _CODE.finditer(text):
        written += _written(text[last : found.start()]), _drawn(found)
        last = found.end()
    return "".join(written) + _written(text[last:])


def link(url: str | None, label: str) -> str:
    """The label, of our own words, as a link where there is an address to link to."""
    if not url or not url.startswith(("https://", "http://")):
        return label
    quoted = {" ": "%20", "|": "%7C", "<": "%3C", ">": "%3E"}
    return str(Link(url="".join(quoted.get(sign, sign) for sign in _line(url)).replace("&", "&amp;"), text=label))


def bold(text: str, *, before: str = "", after: str = "") -> str:
    """Escaped words in bold, line by line; `before` and `after` are the characters that they stand between."""
    first = "\u200b" if before[-1:].isalnum() else ""  # within a word, Slack takes an asterisk for itself
    last = "\u200b" if after[:1].isalnum() else ""
    return first + str(_WORDS.sub(r"*\g<0>*", text)) + last


def permalink_parts(url: str) -> Permalink | None:
    """The message that a permalink leads to, if it is one. What it says is a claim: access is proved elsewhere."""
    try:
        address = urlsplit(url.strip())
        host = address.hostname or ""
    except ValueError:
        return None
    found = _MESSAGE.fullmatch(address.path)
    if address.scheme != "https" or not _WORKSPACE.fullmatch(host) or not found:
        return None
    [thread, *_] = parse_qs(address.query).get("thread_ts", [""])
    ts = f"{found['seconds']}.{found['rest']}"
    return Permalink(found["channel"], ts, thread if _TIMESTAMP.fullmatch(thread) else None)


def _shown(found: regex.Match[str], names: Mapping[str, str]) -> str:
    token = found["token"]
    if token is None:
        return _ENTITIES[found[0]]
    target, _, label = (_plain(part) for part in token.partition("|"))
    match target[:1]:
        case "@":
            return "@" + (names.get(target[1:]) or label.removeprefix("@") or target[1:])
        case "#":
            return "#" + (label.removeprefix("#") or names.get(target[1:]) or target[1:])
        case "!":
            return _command(target[1:], label, names)
    return _address(target, label) if regex.match(r"[a-z][\w+.-]*:", target) else _plain(found[0])


def _command(target: str, label: str, names: Mapping[str, str]) -> str:
    kind, _, rest = target.partition("^")
    if kind == "date":
        return label
    group = names.get(rest) or rest if kind == "subteam" else kind
    return "@" + (label or group).removeprefix("@")


def _address(target: str, label: str) -> str:
    bare = regex.sub(r"^(?:mailto:|tel:)", "", target)
    same = {"", target, bare.rstrip("/"), regex.sub(r"^https?://", "", bare).rstrip("/")}
    return bare if label.rstrip("/") in same else f"{label} ({bare})"


def _plain(text: str) -> str:
    return str(_ENTITY.sub(lambda found: _ENTITIES[found[0]], text))


def _written(text: str) -> str:
    return str(_SPECIAL.sub(_still, text))


def _still(found: regex.Match[str]) -> str:
    text = found[0].translate(_RESERVED)
    match found.lastgroup:
        case "link":
            return _linked(found[0])
        case "ping":
            return text + _JOINER
        case "mark":
            return _JOINER + text + _JOINER
        case "rail":
            return _JOINER + text
    return text


def _linked(url: str) -> str:
    address = url.rstrip(".,;:!?'*_~)]}…")
    if address.count("(") > address.count(")") and url[len(address) :].startswith(")"):
        address += ")"
    if len(address) > _LONGEST_LINK:
        return _BROADCAST.sub(f"@{_JOINER}", url.translate(_RESERVED))
    after = _MARK.sub(rf"{_JOINER}\g<0>{_JOINER}", url[len(address) :])
    return f"<{_BROADCAST.sub('%40', address).translate(_RESERVED)}>{after}"


def _drawn(found: regex.Match[str]) -> str:
    words = _BROADCAST.sub(f"@{_JOINER}", found["inline"] or found["block"].rstrip()).translate(_RESERVED)
    if not words.strip():
        return _written(found[0])
    return f"`{words}`" if found["inline"] else f"```\n{words}\n```"


def _line(text: str) -> str:
    return " ".join(visible(text).split())
