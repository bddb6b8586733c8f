"""Reads threads and channels: every page, with names for ids, and with what was left out counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms.asked import is_short
from bot.platforms.latest import AT_ONCE, CAP, THREADS, Latest, Page, latest
from bot.platforms.slack import markup
from bot.platforms.slack.people import People
from bot.windows import Window
from handlers.conversation import Thread, Turn
from handlers.pace import each

REACH = 5 * CAP
"""Messages of a thread that are paged through to get to the latest, as Slack gives the first ones first."""

PAGE = 200
"""Messages that a page is asked for."""

FEW = 15
"""Messages that Slack gives at most, once a minute, to apps of its most restricted tier; they open no threads."""

Message = Mapping[str, Any]


class History:
    """Reads what was written in one workspace, as the bot may see it.

    Args:
        home: the workspace's address, e.g. `https://acme.slack.com/`.
        me: the bot's own user, whose messages are no part of a conversation.
    """

    def __init__(self, client: AsyncWebClient, people: People, *, home: str, me: str) -> None:
        self._client, self._people, self._home, self._me = client, people, home.rstrip("/"), me

    async def thread(self, channel: str, root: str, window: Window, *, until: str | None, asker: str) -> Thread:
        """The messages of a thread that a window names, in order; those from `until` (a timestamp) on are left out."""
        found = await self._replies(channel, root, window, until, most=REACH)
        within = [message for message in found if _within(message, window, until)]
        kept = [message for message in (_after(within, asker) if window.absence else within) if self._counts(message)]
        named = kept[-window.last :] if window.last else kept
        beyond = max(0, 1 + int(found[0].get("reply_count", 0)) - len(found)) if len(found) > REACH else 0
        return await self._told(channel, named[-CAP:], missing=max(0, len(named) - CAP) + beyond)

    async def channel(self, channel: str, window: Window, *, until: str | None, asker: str) -> Thread:
        """The messages of a channel that a window names, in order, each thread's replies behind its root."""
        read, restricted = await self._latest(channel, window, until, asker)
        begun = {m["ts"]: int(m["reply_count"]) for m in read.messages if self._discussed(m)}
        roots = [] if restricted else list(begun)[-THREADS:]

        async def replies(root: str) -> list[Message]:
            return [m for m in await self._replies(channel, root, window, until) if m["ts"] != root]

        opened = dict(zip(roots, await each(replies, roots, at_once=AT_ONCE), strict=True))
        told = [m for root in read.messages for m in (root, *opened.get(root["ts"], ()))]
        told = list({m["ts"]: m for m in told if self._counts(m)}.values())  # a reply shown in the channel stands in both
        closed = sum(replies for root, replies in begun.items() if root not in opened)
        return await self._told(channel, told[-CAP:], missing=closed + max(0, len(told) - CAP), more=read.more)

    async def one(self, channel: str, ts: str) -> Turn | None:
        """A single message of a channel or of a thread in it."""
        found = await self._one(channel, ts)
        told = await self._told(channel, [found] if found else [])
        return told.turns[0] if told.turns else None

    async def root(self, channel: str, ts: str) -> str:
        """The first message of the thread that a message is in, or begins."""
        found = await self._one(channel, ts)
        return str(found.get("thread_ts", ts)) if found else ts

    def link(self, channel: str, message: Message) -> str:
        """Where a message stands, as Slack's own "Copy link" gives it."""
        root = message.get("thread_ts")
        inside = f"?thread_ts={root}&cid={channel}" if root and root != message["ts"] else ""
        return f"{self._home}/archives/{channel}/p{message['ts'].replace('.', '')}{inside}"

    async def _one(self, channel: str, ts: str) -> Message | None:
        page = await self._client.conversations_replies(channel=channel, ts=ts, limit=1, latest=ts, inclusive=True)
        found: list[Message] = page["messages"]
        return next((message for message in found if message["ts"] == ts), None)

    async def _latest(self, channel: str, window: Window, until: str | None, asker: str) -> tuple[Latest[Message], bool]:
        """A channel's messages outside threads, and whether Slack gave them in tiny pages."""
        restricted = False

        async def pages() -> AsyncIterator[Page[Message]]:
            nonlocal restricted
            async for page in self._pages("conversations.history", {"channel": channel, **_bounds(window, until)}):
                restricted = restricted or (page.more and len(page.messages) <= FEW)
                yield page

        def own(message: Message) -> bool:
            return message.get("user") == asker

        return await latest(pages(), window, counts=self._counts, kept=self._discussed, own=own), restricted

    async def _replies(
        self, channel: str, root: str, window: Window, until: str | None, *, most: int = CAP
    ) -> list[Message]:
        """The first message of a thread, and those that fall into a window; the first ones, where there are too many."""
        asked = {"channel": channel, "ts": root, **_bounds(window, until)}
        pages = self._pages("conversations.replies", asked, most=most)
        return [message async for page in pages for message in page.messages]

    async def _pages(self, method: str, asked: Mapping[str, str | None], *, most: int = CAP) -> AsyncIterator[Page[Message]]:
        """Page after page, up to one beyond `most` messages, no message twice."""
        cursor, seen = None, set[str]()
        given = {name: value for name, value in asked.items() if value is not None}
        while cursor != "" and len(seen) <= most:
            page = await self._client.api_call(
                method, params=given | {"limit": PAGE} | ({"cursor": cursor} if cursor else {})
            )
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            new = [message for message in page["messages"] if message["ts"] not in seen]  # some repeat the thread's root
            seen.update(message["ts"] for message in new)
            yield Page(new, bool(cursor))

    async def _told(self, channel: str, messages: Sequence[Message], *, missing: int = 0, more: bool = False) -> Thread:
        names = await self._people.names({user for message in messages for user in _users(message)})
        turns = await asyncio.to_thread(lambda: tuple(self._turn(channel, message, names) for message in messages))
        return Thread(turns, missing, more, sum(len(message.get("files", [])) for message in messages))

    def _turn(self, channel: str, message: Message, names: Mapping[str, str]) -> Turn:
        at = datetime.fromtimestamp(float(message["ts"]), UTC).isoformat(timespec="seconds")
        return Turn(_speaker(message, names), _words(message, names), at, self.link(channel, message))

    def _counts(self, message: Message) -> bool:
        """Whether a message is part of the conversation: no joins, no deleted ones, none of ours, none that calls us."""
        said = message.get("subtype") in (None, "bot_message", "file_share", "me_message", "thread_broadcast")
        text = message.get("text", "")
        calls = text.lstrip().startswith((f"<@{self._me}>", f"<@{self._me}|")) or is_short(text)
        return said and not calls and message.get("user") != self._me and bool(text or message.get("files"))

    def _discussed(self, message: Message) -> bool:
        """Whether others than the bot replied to a message, be it one that does not count itself, such as a deleted one."""
        return bool(message.get("reply_count")) and message.get("reply_users") != [self._me]


def _stamp(at: datetime | None) -> str | None:
    return f"{at.timestamp():.6f}" if at else None


def _bounds(window: Window, until: str | None) -> dict[str, str | None]:
    """What Slack is asked for: messages after the oldest and before the latest."""
    return {"oldest": _stamp(window.since), "latest": min(filter(None, [until, _stamp(window.until)]), default=None)}


def _within(message: Message, window: Window, until: str | None) -> bool:
    at = float(message["ts"])
    before = [float(bound) for bound in (until, _stamp(window.until)) if bound]
    return (window.since is None or at >= window.since.timestamp()) and all(at < bound for bound in before)


def _after(messages: Sequence[Message], user: str) -> Sequence[Message]:
    """The messages behind the last one of a user; all where there is none."""
    last = max((place for place, message in enumerate(messages) if message.get("user") == user), default=-1)
    return messages[last + 1 :]


def _users(message: Message) -> list[str]:
    """Who wrote a message and whom it mentions."""
    written = [message["user"]] if "user" in message else []
    return written + markup.mentioned(message.get("text", ""))


def _speaker(message: Message, names: Mapping[str, str]) -> str:
    bot = message.get("bot_profile", {}).get("name") or message.get("username")
    return names.get(message.get("user", "")) or bot or "Someone"


def _words(message: Message, names: Mapping[str, str]) -> str:
    """The text, and the names of the files beside it, which are not read."""
    files = [f"[file: {file.get('name') or 'unnamed'}]" for file in message.get("files", [])]
    return "\n".join(filter(None, [markup.read(message.get("text", ""), names), *files]))
