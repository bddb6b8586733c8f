"""Reads threads and channels: every page, with names for ids, and with what was left out counted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms.slack import markup
from bot.platforms.slack.people import People
from handlers.conversation import Thread, Turn

CAP = 1000
"""Messages of one request that are read; what lies beyond is counted as missing."""

PAGE = 200
"""Messages that a page is asked for; Slack gives some apps no more than 15."""

Message = Mapping[str, Any]


class History:
    """Reads what was written in one workspace, as the bot may see it.

    Args:
        home: the workspace's address, e.g. `https://acme.slack.com/`.
        me: the bot's own user, whose messages are no part of a conversation.
    """

    def __init__(self, client: AsyncWebClient, people: People, *, home: str, me: str) -> None:
        self._client, self._people, self._home, self._me = client, people, home.rstrip("/"), me

    async def thread(self, channel: str, root: str, *, before: str | None = None) -> Thread:
        """The messages of a thread from its root on; those from `before` (a timestamp) on are left out."""
        found: list[Message] = []
        known = 0
        async for message in self._pages("conversations.replies", channel=channel, ts=root):
            known = known or 1 + int(message.get("reply_count", 0))
            if before is None or float(message["ts"]) < float(before):
                found.append(message)
        found = found[:CAP]
        return await self._told(channel, found, missing=max(0, known - len(found)) if len(found) == CAP else 0)

    async def channel(
        self, channel: str, *, last: int | None = None, since: float | None = None, before: str | None = None
    ) -> Thread:
        """The latest messages of a channel in order: the last few, or those since a time (seconds since the epoch)."""
        wanted = min(last or CAP, CAP)
        window = {"oldest": f"{since:.6f}" if since else None, "latest": before}
        found: list[Message] = []
        more = 0
        async for message in self._pages("conversations.history", channel=channel, **window):
            if len(found) == wanted:
                more = int(last is None)
                break
            if self._counts(message):
                found.append(message)
        return await self._told(channel, found[::-1], missing=more)

    async def one(self, channel: str, ts: str) -> Turn | None:
        """A single message of a channel or of a thread in it."""
        page = await self._client.conversations_replies(channel=channel, ts=ts, limit=1, latest=ts, inclusive=True)
        found = [message for message in page["messages"] if message["ts"] == ts]
        told = await self._told(channel, found, missing=0)
        return told.turns[0] if told.turns else None

    async def took_part(self, channel: str, root: str) -> bool:
        """Whether the bot has written in a thread."""
        async for message in self._pages("conversations.replies", channel=channel, ts=root):
            if message.get("user") == self._me:
                return True
        return False

    def link(self, channel: str, message: Message) -> str:
        """Where a message stands, as Slack's own "Copy link" gives it."""
        root = message.get("thread_ts")
        inside = f"?thread_ts={root}&cid={channel}" if root and root != message["ts"] else ""
        return f"{self._home}/archives/{channel}/p{message['ts'].replace('.', '')}{inside}"

    async def _pages(self, method: str, **arguments: str | None) -> AsyncIterator[Message]:
        """Every message, page after page, up to a page beyond the cap."""
        cursor, seen = None, set[str]()
        given = {name: value for name, value in arguments.items() if value is not None}
        while cursor != "" and len(seen) <= CAP:
            page = await self._client.api_call(
                method, params=given | {"limit": PAGE} | ({"cursor": cursor} if cursor else {})
            )
            for message in page["messages"]:
                if message["ts"] not in seen:  # some pages repeat the root of the thread
                    seen.add(message["ts"])
                    yield message
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""

    async def _told(self, channel: str, messages: Sequence[Message], *, missing: int) -> Thread:
        kept = [message for message in messages if self._counts(message)]
        names = await self._people.names({user for message in kept for user in _users(message)})
        return Thread(tuple(self._turn(channel, message, names) for message in kept), missing)

    def _turn(self, channel: str, message: Message, names: Mapping[str, str]) -> Turn:
        at = datetime.fromtimestamp(float(message["ts"]), UTC).isoformat(timespec="seconds")
        return Turn(_speaker(message, names), _words(message, names), at, self.link(channel, message))

    def _counts(self, message: Message) -> bool:
        """Whether a message is part of the conversation: no joins, no deleted ones, none of ours, none that calls us."""
        said = message.get("subtype") in (None, "bot_message", "file_share", "me_message", "thread_broadcast")
        text = message.get("text", "")
        ours = message.get("user") == self._me or text.lstrip().startswith((f"<@{self._me}>", f"<@{self._me}|"))
        return said and not ours and bool(text or message.get("files"))


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
