"""Discord's markdown: read as people see it, written so that it says what it was given, pings nobody and hides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote

import regex

from bot.platforms.visible import visible

_ID = "[0-9]{1,20}"
_CODE = (
    r"```(?:(?:(?P<language>[A-Za-z0-9_+.-]{1,20})|[\w+#.-]{1,20})(?=\n))?\n*(?P<block>[^`]++(?:`{1,2}[^`]++)*+)```"
    r"|`(?P<inline>[^`\n]++)`(?!`)"
)
_TOKEN = regex.compile(
    rf"(?P<code>{_CODE})"
    r"|\\(?P<sign>[^0-9A-Za-z\s])"
    rf"|<@[!&]?(?P<somebody>{_ID})>|<#(?P<channel>{_ID})>|<a?:(?P<emoji>\w{{1,32}}):{_ID}>|</(?P<command>[^<>:\n]++):{_ID}>"
    r"|<t:(?P<seconds>-?[0-9]{1,17})(?::(?P<style>[A-Za-z]))?>"
    r"|<(?P<address>https?://[^\s<>]++)>"
    r"|\[(?P<label>[^\[\]\n]++)\]\(<?(?P<target>https?://(?:[^\s<>()]++|\([^\s<>()]*+\))*+)>?\s*+(?:\"[^\"\n]*+\"\s*+)?\)"
)
_TIMES = {"t": "%H:%M UTC", "T": "%H:%M:%S UTC", "d": "%Y-%m-%d", "D": "%Y-%m-%d"}
_MENTION = regex.compile(rf"<@!?({_ID})>")
_CHANNEL = regex.compile(rf"<#({_ID})>")

# A backslash makes Discord show any sign after it as it is, wherever it stands, save within code, addresses and labels of
# links, where the backslash itself would be seen. For pings it counts for nothing: the server finds them before any
# markdown, so that these are broken up by a word joiner, which is invisible and neither a space nor a part of a word.
_JOINER = "\u2060"
_LONGEST_LINK = 1500  # characters
_LINK = (  # a sign at its end belongs to the sentence, as does a bracket that was opened before it
    r"(?P<link>(?i:https?)://(?=\w)(?:[^\s<>()|\"`\\\p{DI}]|\([^\s<>()|\"`\\\p{DI}]*+\)|\()*(?<![.,;:!?'*_~(\]}…]))"
)
_PING = r"@(?=(?i:everyone|here))|(?<=<)@(?=[!&]?[0-9])"
_SIGN = (  # what begins a line matters anywhere, as any place may begin a line once a long text is cut
    rf"(?P<ping>{_PING})"
    r"|[\\*_~`|<>\[\]]|(?:[-+#]|(?<=[0-9])\.)(?=\s|\Z)|(?<=\])\("
    r"|:(?=//)"  # Discord links more schemes than those of the Web
)
_SIGNS = regex.compile(_SIGN)
_WORDS = regex.compile(f"{_LINK}|{_SIGN}")
_PROSE = regex.compile(f"{_CODE}|{_LINK}|{_SIGN}")
_PINGS = regex.compile(_PING)
_UNQUOTED = regex.compile(r"[\s<>()\[\]\\|`*\"]")
_LINE = regex.compile(r"\S(?:.*\S)?")
_PERMALINK = regex.compile(
    r"(?<![\w/])(?i:https://(?:(?:ptb|canary)\.)?discord(?:app)?\.com)"
    rf"/channels/(?:@me|(?P<guild>{_ID}))/(?P<channel>{_ID})(?:/(?P<message>{_ID}))?/?(?:[?#][^\s<>]*+|(?![\w/%@-]))"
)


class Permalink(NamedTuple):
    """What a link to a message or a channel says; no guild where it leads to a direct message."""

    guild: str | None
    channel: str
    message: str | None = None


def read(text: str, names: Mapping[str, str]) -> str:
    """A message's markdown as a person sees it, `names` giving the display names of users, roles and channels by id.

    Emphasis and code stay marked, as people mean something by them.
    """
    return str(_TOKEN.sub(lambda found: _shown(found, names), text))


def mentioned(text: str) -> list[str]:
    """The ids of the users that a message's markdown mentions, each once."""
    return list(dict.fromkeys(_MENTION.findall(text)))


def channel_mentioned(text: str) -> str | None:
    """The id of the first channel that a message's markdown mentions."""
    found = _CHANNEL.search(text)
    return found[1] if found else None


def escape(text: str) -> str:
    """Words of people or models as markdown: shown as they are, addresses as links to themselves; nobody is notified.

    What cannot be seen goes (direction overrides, zero-width and control characters, save those that emoji and scripts
    need), so that no link looks like another one. Links bring no preview.
    """
    return str(_WORDS.sub(_still, visible(text)))


def prose(text: str) -> str:
    """As `escape`, but what stands between backticks is drawn as code."""
    return str(_PROSE.sub(_still, visible(text)))


def link(url: str | None, label: str) -> str:
    """The label, of our own words, as a link where there is an address to link to."""
    if not url or not url.startswith(("https://", "http://")):
        return label
    return f"[{label}]({_UNQUOTED.sub(lambda found: quote(found[0], safe=''), visible(url))})"


def bold(text: str, *, before: str = "", after: str = "") -> str:
    """Escaped words in bold, line by line; where there are none, what stands before and after is kept apart all the same."""
    if not text and before and after:
        return _JOINER  # else the two halves of a mention would make a whole
    return str(_LINE.sub(r"**\g<0>**", text))


def permalink_parts(url: str) -> Permalink | None:
    """The message or channel that a link leads to, if it is one. What it says is a claim: access is proved elsewhere."""
    found = _PERMALINK.fullmatch(url.strip())
    return Permalink(found["guild"], found["channel"], found["message"]) if found else None


def linked(text: str) -> Permalink | None:
    """The message or channel that the first such link in a text leads to."""
    found = _PERMALINK.search(text)
    return Permalink(found["guild"], found["channel"], found["message"]) if found else None


def _shown(found: regex.Match[str], names: Mapping[str, str]) -> str:
    token, whole = str(found[found.lastgroup or 0]), str(found[0])
    match found.lastgroup:
        case "somebody":
            return f"@{names.get(token) or token}"
        case "channel":
            return f"#{names.get(token) or token}"
        case "emoji":
            return f":{token}:"
        case "command":
            return f"/{token}"
        case "seconds" | "style":
            return _time(int(found["seconds"]), found["style"]) or whole
        case "target":
            return token if token == found["label"] else f"{found['label']} ({token})"
    return token


def _time(seconds: int, style: str | None) -> str | None:
    """A moment as Discord would show it to a reader in Greenwich; None for one that no calendar has."""
    with suppress(ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(seconds, UTC).strftime(_TIMES.get(style or "", "%Y-%m-%d %H:%M UTC"))
    return None


def _still(found: regex.Match[str]) -> str:
    text = str(found[0])
    match found.lastgroup:
        case "block" | "inline":
            return _drawn(found)
        case "link":
            return _linked(text)
        case "ping":
            return text + _JOINER
    return f"\\{text}"


def _drawn(found: regex.Match[str]) -> str:
    words = _PINGS.sub(f"@{_JOINER}", found["inline"] or found["block"].rstrip())
    if not words.strip():
        return str(_WORDS.sub(_still, found[0]))
    return f"`{words}`" if found["inline"] else f"```{found['language'] or ''}\n{words}\n```"


def _linked(url: str) -> str:
    if len(url) > _LONGEST_LINK:
        return str(_SIGNS.sub(_still, url))
    return f"<{_PINGS.sub('%40', url).replace('**', '%2A%2A').replace('](', '%5D(')}>"  # else it ends our own bold or link
