"""What the app writes: messages made from the bodies of its calls."""

from __future__ import annotations

import mimetypes
from typing import Any

from .errors import DiscordError, Json
from .limits import check_message
from .rights import may
from .talk import Talk
from .world import EPHEMERAL, LOADING, Channel, Message, User

Files = dict[int, tuple[str, bytes]]
"""Uploaded files by the number that the body calls them, with their names."""

SETTABLE = EPHEMERAL | 1 << 2 | 1 << 12 | 1 << 15  # ephemeral, no link previews, silent, components V2


class Posts(Talk):
    """A world that the app can write in.

    Attributes:
        upload_limit: the most bytes that all files of a message may have together.
        stored: what was uploaded, by the path it can be fetched from.
    """

    def __init__(self) -> None:
        super().__init__()
        self.upload_limit = 10 * 1024 * 1024
        self.stored: dict[str, bytes] = {}

    def compose(self, channel: Channel, body: Json, files: Files, **about: Any) -> Message:
        """A message of the bot, not yet placed anywhere.

        Raises:
            DiscordError: It breaks a limit.
        """
        check_message(body, files=len(files))
        message = Message(self.snowflake(), channel, self.bot, flags=int(body.get("flags") or 0) & SETTABLE)
        for key, value in about.items():
            setattr(message, key, value)
        message.nonce = body.get("nonce")
        self._fill(message, body, files)
        return message

    def amend(self, message: Message, body: Json, files: Files) -> Message:
        """Change what the body names; what only "thinking" stood for is filled, and stays as private as it was."""
        kept = any(getattr(message, key) for key in ("content", "embeds", "attachments") if key not in body)
        check_message({"flags": message.flags} | body, files=len(files), kept=kept)
        if not message.loading:
            message.edited = int(self.now() * 1000)
        message.flags &= ~LOADING
        self._fill(message, body, files)
        self.changed(message)
        return message

    def show(self, message: Message, to: User) -> Message:
        """Let one person alone see a message."""
        message.to = to
        self.hidden[message.id] = message
        self.told()
        return message

    def _fill(self, message: Message, body: Json, files: Files) -> None:
        if "content" in body:
            message.content = (body["content"] or "").strip()
        if "attachments" in body or files:
            self._attach(message, body, files)
        if "embeds" in body:
            message.embeds = [self._embedded(message, each) for each in body["embeds"] or []]
        if "components" in body:
            message.components = body["components"] or []
        if "content" in body or "allowed_mentions" in body:
            self._ping(message, body.get("allowed_mentions"))

    def _attach(self, message: Message, body: Json, files: Files) -> None:
        if sum(len(content) for _, content in files.values()) > self.upload_limit:
            raise DiscordError(413, 40005, "Request entity too large")
        named = body.get("attachments")
        kept = {str(each["id"]) for each in named or []}
        message.attachments = [each for each in message.attachments if named is None or each["id"] in kept]
        about = {str(each["id"]): each for each in named or []}
        for number, (name, content) in files.items():
            message.attachments.append(self._stored(message, name, content, about.get(str(number), {})))
            message.files[name] = content

    def _stored(self, message: Message, name: str, content: bytes, about: Json) -> Json:
        number = self.snowflake()
        path = f"/attachments/{message.channel.id}/{number}/{name}"
        self.stored[path] = content
        own: Json = {
            "id": str(number),
            "filename": name,
            "size": len(content),
            "content_type": mimetypes.guess_type(name)[0],
        }
        own |= {"url": self.url + path, "proxy_url": self.url + path, "ephemeral": message.ephemeral}
        return own | ({"description": about["description"]} if about.get("description") else {})

    @staticmethod
    def _embedded(message: Message, embed: Json) -> Json:
        """An embed whose pictures are where they were uploaded to."""
        told: Json = {"type": "rich"} | embed
        for key in ("image", "thumbnail"):
            name = (embed.get(key) or {}).get("url", "").removeprefix("attachment://")
            found = next((each for each in message.attachments if each["filename"] == name), None)
            if found:
                told[key] = {"url": found["url"], "proxy_url": found["proxy_url"]}
        return told

    def _ping(self, message: Message, allowed: Json | None) -> None:
        """Mention those only whom the app allows to be mentioned."""
        self.mention(message, message.content)
        if not may(message.channel, self.bot, "mention_everyone"):
            message.mention_everyone = False
        everyone: Json = {"parse": ["users", "roles", "everyone"], "replied_user": True}
        allowed = everyone if allowed is None else allowed
        kinds, users, roles = allowed.get("parse", []), allowed.get("users", []), allowed.get("roles", [])
        message.mentions = [each for each in message.mentions if "users" in kinds or _among(each, users)]
        message.mention_roles = [each for each in message.mention_roles if "roles" in kinds or _among(each, roles)]
        message.mention_everyone &= "everyone" in kinds
        if message.reply_to and allowed.get("replied_user") and message.reply_to.author not in message.mentions:
            message.mentions.append(message.reply_to.author)


def _among(thing: Any, ids: list[Any]) -> bool:
    return str(thing.id) in {str(each) for each in ids}
