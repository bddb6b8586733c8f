"""Servers, their members, threads, people and the app itself over REST."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .calls import Call
from .channels import seen
from .errors import DiscordError, Json, missing_access, missing_permissions, unknown
from .rights import may, need
from .world import PRIVATE_THREAD, PUBLIC_THREAD, TEXT, Channel

if TYPE_CHECKING:
    from ..discord_fake import FakeDiscord


# The app


def gateway(discord: FakeDiscord, call: Call) -> Json:
    return {"url": discord.gateway_url}


def gateway_bot(discord: FakeDiscord, call: Call) -> Json:
    limit = {"total": 1000, "remaining": max(discord.starts - len(discord.identified), 0), "reset_after": 14_400_000}
    limit["max_concurrency"] = discord.concurrency
    return {"url": discord.gateway_url, "shards": discord.shards, "session_start_limit": limit}


def me(discord: FakeDiscord, call: Call) -> Json:
    return discord.user_json(discord.bot) | {"verified": True, "mfa_enabled": False, "email": None, "flags": 0}


def my_guilds(discord: FakeDiscord, call: Call) -> list[Json]:
    after, limit = call.number("after", 0), call.number("limit", 200)
    mine = sorted((each for each in discord.guilds.values() if discord.bot.id in each.members), key=lambda each: each.id)
    kept = [each for each in mine if each.id > after][:limit]
    return [
        {"id": str(each.id), "name": each.name, "icon": None, "owner": False, "features": []}
        | {"permissions": discord.guild_rights(each), "approximate_member_count": len(each.members)}
        for each in kept
    ]


def application(discord: FakeDiscord, call: Call) -> Json:
    return discord.application_json()


def commands(discord: FakeDiscord, call: Call, app: str, guild: str | None = None) -> list[Json]:
    known = discord.commands if guild is None else discord.guild_commands.get(int(guild), [])
    if call.query.get("with_localizations", "").lower() in {"1", "true"}:
        return known
    return [{key: value for key, value in each.items() if not key.endswith("_localizations")} for each in known]


def set_commands(discord: FakeDiscord, call: Call, app: str, guild: str | None = None) -> list[Json]:
    if int(app) != discord.bot.id:
        raise DiscordError(403, 20012, "You are not authorized to perform this action on this application")
    if guild is not None and discord.bot.id not in discord.guild_at(int(guild)).members:
        raise missing_access()
    return discord.register(call.body, None if guild is None else int(guild))


# People


def get_user(discord: FakeDiscord, call: Call, user: str) -> Json:
    if int(user) not in discord.users:
        raise unknown("user")
    return discord.user_json(discord.users[int(user)])


def open_dm(discord: FakeDiscord, call: Call) -> Json:
    user = discord.users.get(int(call.body["recipient_id"]))
    if user is None:
        raise unknown("user")
    if user is discord.bot:
        raise DiscordError(400, 50007, "Cannot send messages to this user")
    return discord.channel_json(discord.dm(user))


# Servers


def get_guild(discord: FakeDiscord, call: Call, guild: str) -> Json:
    found = discord.guild_at(int(guild))
    counts = {"approximate_member_count": len(found.members), "approximate_presence_count": len(found.members)}
    return discord.guild_json(found) | (counts if call.query.get("with_counts") in {"1", "true"} else {})


def guild_channels(discord: FakeDiscord, call: Call, guild: str) -> list[Json]:
    return [discord.channel_json(each) for each in discord.guild_at(int(guild)).channels if not each.is_thread]


def roles(discord: FakeDiscord, call: Call, guild: str) -> list[Json]:
    return [discord.role_json(each) for each in discord.guild_at(int(guild)).roles]


def member(discord: FakeDiscord, call: Call, guild: str, user: str) -> Json:
    found, number = discord.guild_at(int(guild)), int(user)
    if number not in found.members:
        raise unknown("member" if number in discord.users else "user")
    return discord.member_json(found.members[number])


def members(discord: FakeDiscord, call: Call, guild: str) -> list[Json]:
    found = discord.guild_at(int(guild))
    if discord.members == "none":
        raise missing_access()
    after, limit = call.number("after", 0), call.number("limit", 1)
    kept = sorted((each for each in found.members.values() if each.user.id > after), key=lambda each: each.user.id)
    return [discord.member_json(each) for each in kept[:limit]]


# Threads


def thread_from_message(discord: FakeDiscord, call: Call, channel: str, message: str) -> Json:
    found = seen(discord, channel)
    said = discord.message_at(found, int(message))
    _may_open(discord, found, "create_public_threads")
    if said.thread:
        raise DiscordError(400, 160004, "A thread has already been created for this message")
    return discord.channel_json(discord.thread(said, call.body["name"], owner=discord.bot))


def thread(discord: FakeDiscord, call: Call, channel: str) -> Json:
    found, private = seen(discord, channel), call.body.get("type", PRIVATE_THREAD) == PRIVATE_THREAD
    _may_open(discord, found, "create_private_threads" if private else "create_public_threads")
    return discord.channel_json(discord.thread(found, call.body["name"], owner=discord.bot, private=private))


def _may_open(discord: FakeDiscord, channel: Channel, permission: str) -> None:
    if channel.type not in {TEXT, 5}:
        raise DiscordError(400, 50024, "Cannot execute action on this channel type")
    need(channel, discord.bot, permission)


def thread_member(discord: FakeDiscord, call: Call, channel: str, user: str) -> Json:
    found = _thread(discord, channel)
    number = discord.bot.id if user == "@me" else int(user)
    who = next((each for each in found.people if each.id == number), None)
    if who is None:
        raise unknown("member")
    return discord.thread_member_json(found, who)


def thread_members(discord: FakeDiscord, call: Call, channel: str) -> list[Json]:
    found = _thread(discord, channel)
    if discord.members == "none":
        raise missing_access()
    return [discord.thread_member_json(found, each) for each in found.people]


def join_thread(discord: FakeDiscord, call: Call, channel: str, user: str) -> None:
    found = _thread(discord, channel)
    if found.archived:
        raise DiscordError(400, 50083, "Thread is archived")
    if user != "@me":
        need(found, discord.bot, "send_messages_in_threads")
    discord.enter(found, discord.bot if user == "@me" else discord.users[int(user)])


def leave_thread(discord: FakeDiscord, call: Call, channel: str, user: str) -> None:
    found = _thread(discord, channel)
    who = discord.bot if user == "@me" else discord.users[int(user)]
    if who is not discord.bot and found.owner is not discord.bot:
        need(found, discord.bot, "manage_threads")
    if who in found.people:
        found.people.remove(who)


def _thread(discord: FakeDiscord, channel: str) -> Channel:
    found = seen(discord, channel)
    if not found.is_thread:
        raise DiscordError(400, 50024, "Cannot execute action on this channel type")
    return found


def active_threads(discord: FakeDiscord, call: Call, guild: str) -> Json:
    open_ones = discord.threads(discord.guild_at(int(guild)))
    return _listed(discord, [each for each in open_ones if may(each, discord.bot, "view_channel")]) | {"has_more": False}


def archived_public(discord: FakeDiscord, call: Call, channel: str) -> Json:
    return _archived(discord, call, channel, PUBLIC_THREAD)


def archived_private(discord: FakeDiscord, call: Call, channel: str) -> Json:
    need(seen(discord, channel), discord.bot, "manage_threads")
    return _archived(discord, call, channel, PRIVATE_THREAD)


def archived_joined(discord: FakeDiscord, call: Call, channel: str) -> Json:
    return _archived(discord, call, channel, PRIVATE_THREAD, joined=True)


def _archived(discord: FakeDiscord, call: Call, channel: str, kind: int, *, joined: bool = False) -> Json:
    found = seen(discord, channel)
    if not may(found, discord.bot, "read_message_history"):
        raise missing_permissions()
    kept = [each for each in discord.threads(found, archived=True) if each.type == kind]
    if joined:
        kept = sorted((each for each in kept if discord.bot in each.people), key=lambda each: -each.id)
        kept = [each for each in kept if each.id < call.number("before", 1 << 63)]
    else:
        kept.sort(key=lambda each: -each.archived_at)
        told = [(each, discord.channel_json(each)["thread_metadata"]["archive_timestamp"]) for each in kept]
        kept = [each for each, at in told if "before" not in call.query or at < call.query["before"].replace(" ", "+")]
    limit = call.number("limit", 50)
    return _listed(discord, kept[:limit]) | {"has_more": len(kept) > limit}


def _listed(discord: FakeDiscord, threads: list[Channel]) -> Json:
    mine: list[Any] = [discord.thread_member_json(each, discord.bot) for each in threads if discord.bot in each.people]
    return {"threads": [discord.channel_json(each) for each in threads], "members": mine}
