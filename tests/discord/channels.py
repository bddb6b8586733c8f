"""Channels, messages and reactions over REST."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from .calls import Call
from .errors import DiscordError, Json, invalid, missing_access, unknown, wrong
from .payloads import emoji_key
from .rights import may, need
from .world import DM, GROUP, REPLY, Channel, Message, User

if TYPE_CHECKING:
    from ..discord_fake import FakeDiscord


def seen(discord: FakeDiscord, channel: str) -> Channel:
    """A channel that the bot may see."""
    found = discord.channel_at(int(channel))
    if found.guild and discord.bot.id not in found.guild.members:
        raise missing_access()
    need(found, discord.bot)
    return found


def get_channel(discord: FakeDiscord, call: Call, channel: str) -> Json:
    return discord.channel_json(seen(discord, channel))


def edit_channel(discord: FakeDiscord, call: Call, channel: str) -> Json:
    """Rename it, or archive and reopen a thread."""
    found = seen(discord, channel)
    if not (found.is_thread and found.owner is discord.bot):
        need(found, discord.bot, "manage_threads" if found.is_thread else "manage_channels")
    found.name = call.body.get("name", found.name)
    if found.is_thread:
        archived, locked = call.body.get("archived", found.archived), call.body.get("locked", found.locked)
        discord.archive(found, archived=archived, locked=locked)
    return discord.channel_json(found)


def delete_channel(discord: FakeDiscord, call: Call, channel: str) -> Json:
    found = seen(discord, channel)
    if found.guild:
        need(found, discord.bot, "manage_threads" if found.is_thread else "manage_channels")
        discord.remove(found)
    return discord.channel_json(found)


def type_in(discord: FakeDiscord, call: Call, channel: str) -> None:
    found = seen(discord, channel)
    _sendable(discord, found)


# Messages


def history(discord: FakeDiscord, call: Call, channel: str) -> list[Json]:
    """A page, newest first; nothing where the bot may not read what was written before."""
    found, limit = seen(discord, channel), call.number("limit", 50)
    if not 1 <= limit <= 100:
        raise invalid({"limit": wrong("NUMBER_TYPE_MAX", "int value should be between 1 and 100.")})
    if not may(found, discord.bot, "read_message_history"):
        return []
    page = _page(
        found.messages, {key: call.number(key, 0) for key in ("before", "after", "around") if key in call.query}, limit
    )
    return [discord.message_json(message) for message in reversed(page)]


def _page(messages: list[Message], bounds: dict[str, int], limit: int) -> list[Message]:
    if "around" in bounds:
        place = sum(each.id < bounds["around"] for each in messages)
        return messages[max(0, place - limit // 2) :][:limit]
    if "after" in bounds:
        return [each for each in messages if each.id > bounds["after"]][:limit]
    return [each for each in messages if "before" not in bounds or each.id < bounds["before"]][-limit:]


def get_message(discord: FakeDiscord, call: Call, channel: str, message: str) -> Json:
    return discord.message_json(_message(discord, channel, message))


def post_message(discord: FakeDiscord, call: Call, channel: str) -> Json:
    found, body = seen(discord, channel), call.body or {}
    _sendable(discord, found)
    if body.get("embeds"):
        need(found, discord.bot, "embed_links")
    if call.files:
        need(found, discord.bot, "attach_files")
    if body.get("enforce_nonce") and (before := _once(discord, found, body)):
        return discord.message_json(before)
    message = discord.compose(found, body, call.files, **_answered(discord, found, body))
    if found.archived:
        discord.archive(found, archived=False)
    if found.is_thread:
        discord.enter(found, discord.bot)
    return discord.message_json(discord.add(message))


def edit_message(discord: FakeDiscord, call: Call, channel: str, message: str) -> Json:
    found = _message(discord, channel, message)
    if found.author is not discord.bot:
        raise DiscordError(403, 50005, "Cannot edit a message authored by another user")
    return discord.message_json(discord.amend(found, call.body or {}, call.files))


def delete_message(discord: FakeDiscord, call: Call, channel: str, message: str) -> None:
    found = discord.message_at(seen(discord, channel), int(message))
    if found.author is not discord.bot:
        need(found.channel, discord.bot, "manage_messages")
    discord.delete(found)


def _message(discord: FakeDiscord, channel: str, message: str) -> Message:
    found = seen(discord, channel)
    if not may(found, discord.bot, "read_message_history"):
        raise missing_access()
    return discord.message_at(found, int(message))


def _sendable(discord: FakeDiscord, channel: Channel) -> None:
    if channel.type in {DM, GROUP}:
        _reachable(discord, channel)
        return
    need(channel, discord.bot, "send_messages_in_threads" if channel.is_thread else "send_messages")
    if channel.locked and not may(channel, discord.bot, "manage_threads"):
        raise DiscordError(400, 50083, "Thread is archived")


def _reachable(discord: FakeDiscord, channel: Channel) -> None:
    """A bot may write to those only with whom it shares a server, or who installed it."""
    (user,) = (each for each in channel.people if each is not discord.bot)
    shared = any({user.id, discord.bot.id} <= set(guild.members) for guild in discord.guilds.values())
    if user.closed or not (shared or user.installed):
        raise DiscordError(403, 50007, "Cannot send messages to this user")


def _once(discord: FakeDiscord, channel: Channel, body: Json) -> Message | None:
    """The message that the bot wrote here before with the same nonce."""
    mine = (each for each in reversed(channel.messages) if each.author is discord.bot)
    return next((each for each in mine if each.nonce and each.nonce == body.get("nonce")), None)


def _answered(discord: FakeDiscord, channel: Channel, body: Json) -> dict[str, Any]:
    """The fields of a message that is a reply."""
    reference = body.get("message_reference")
    if not reference:
        return {}
    if not may(channel, discord.bot, "read_message_history"):
        raise DiscordError(400, 160002, "Cannot reply without permission to read message history")
    found = channel.find(int(reference["message_id"]))
    if found is None:
        if reference.get("fail_if_not_exists", True):
            raise invalid({"message_reference": wrong("REPLIES_UNKNOWN_MESSAGE", "Unknown message")})
        return {}
    return {"type": REPLY, "reply_to": found, "reference": discord.reference_json(found)}


# Reactions


def add_reaction(discord: FakeDiscord, call: Call, channel: str, message: str, emoji: str) -> None:
    found, name = _message(discord, channel, message), emoji_key(unquote(emoji))
    if name not in found.reactions:
        need(found.channel, discord.bot, "add_reactions")
    if name.isascii() and ":" not in name:
        raise unknown("emoji")
    discord.react(found, discord.bot, name)


def remove_reaction(discord: FakeDiscord, call: Call, channel: str, message: str, emoji: str, user: str) -> None:
    found, name = _message(discord, channel, message), emoji_key(unquote(emoji))
    who = discord.bot if user == "@me" else discord.users[int(user)]
    if who is not discord.bot:
        need(found.channel, discord.bot, "manage_messages")
    if who in found.reactions.get(name, []):
        discord.unreact(found, who, name)


def reacted(discord: FakeDiscord, call: Call, channel: str, message: str, emoji: str) -> list[Json]:
    found = _message(discord, channel, message)
    users: Sequence[User] = sorted(found.reactions.get(emoji_key(unquote(emoji)), []), key=lambda user: user.id)
    after, limit = call.number("after", 0), call.number("limit", 25)
    return [discord.user_json(user) for user in users if user.id > after][:limit]
