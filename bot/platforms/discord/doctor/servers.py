"""Checks of the servers that the bot is on, and of what it may do in their channels."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence

import discord

from bot.platforms.discord.doctor.visit import Visit, joined
from bot.platforms.discord.permissions import PERMISSIONS, missing, told
from bot.platforms.doctor import Said, Skip, Verdict
from bot.platforms.refused import Refused

Room = discord.TextChannel | discord.ForumChannel

LISTED, VISITED, NAMED = 200, 10, 3
"""The most servers that are listed and visited, and the most that are named of anything."""

OUTSIDE_THREADS = {"send_messages", "create_public_threads"}
WITH_MESSAGES = {"embed_links", "attach_files"}
"""What Discord counts as not granted where messages may not be sent."""

MENDED = "allow it under Edit Channel, Permissions, or everywhere under Server Settings, Roles"


async def servers(visit: Visit) -> AsyncIterator[Said]:
    """Which servers the bot is on."""
    people = visit.application().approximate_user_install_count or 0
    visit.servers = await visit.asked(_listed(visit.client))
    count = len(visit.servers)
    if count:
        number = f"at least {count}" if count == LISTED else str(count)
        names = _named([server.name for server in visit.servers])
        yield "ok", f"The bot is on {number} server{'s' * (count != 1)}: {names}."
    else:
        yield "note", "The bot is on no server yet; invite it with the link that parley discord invite prints."
    if people:
        yield "ok", f"{people} {'person has' if people == 1 else 'people have'} installed it for themselves."


async def permissions(visit: Visit) -> AsyncIterator[Said]:
    """What the bot may not do in the channels that it sees: a sentence for each server, or for the one channel asked for."""
    visit.application()
    if visit.channel is not None:
        yield await _in_channel(visit, visit.channel)
        return
    if not visit.servers:
        raise Skip("The bot is on no server yet.")
    for server in visit.servers[:VISITED]:
        yield _on_server(server.name, await _rooms(visit, server.id))
    if (others := len(visit.servers) - VISITED) > 0:
        rest = f"{others} more server{'s were' if others != 1 else ' was'} not looked at"
        yield "skipped", f"{rest}; parley discord doctor --channel ID looks at a channel of any server."


async def _listed(client: discord.Client) -> tuple[discord.Guild, ...]:
    return tuple([server async for server in client.fetch_guilds(limit=LISTED, with_counts=False)])


async def _rooms(visit: Visit, server_id: int) -> dict[Room, discord.Permissions]:
    """What the bot may do in each channel of a server that people write in."""
    server = await visit.asked(visit.client.fetch_guild(server_id, with_counts=False))
    assert visit.client.user is not None
    me = await visit.asked(server.fetch_member(visit.client.user.id))
    channels = await visit.asked(server.fetch_channels())
    return {channel: channel.permissions_for(me) for channel in channels if isinstance(channel, Room)}


def _on_server(name: str, rooms: dict[Room, discord.Permissions]) -> Said:
    """What the bot lacks on a server. Channels that it does not see are not its own."""
    if not rooms:
        return "skipped", f"{name} has no channel that people write in."
    seen = {room: granted for room, granted in rooms.items() if granted.view_channel}
    if not seen:
        return "problem", f"On {name}, the bot sees no channel; {MENDED} (View Channels)."
    lacked: dict[str, list[str]] = {}
    for room, granted in seen.items():
        for permission in _lacked(granted, in_threads=isinstance(room, discord.ForumChannel)):
            lacked.setdefault(permission, []).append(f"#{room.name}")
    if lacked:
        everywhere = {permission for permission, where in lacked.items() if len(where) == len(seen)}
        return _verdict(everywhere), f"On {name}, the bot lacks {_grouped(lacked, len(seen))}; {MENDED}."
    count, closed = len(seen), len(rooms) - len(seen)
    others = f"; {closed} other{'s are' if closed != 1 else ' is'} closed to it" if closed else ""
    return "ok", f"On {name}, the bot may do all that it needs in {count} channel{'s' * (count != 1)}{others}."


async def _in_channel(visit: Visit, channel_id: int) -> Said:
    """What the bot lacks in a channel or thread. Raises `Refused` and `Skip`."""
    try:
        found = await visit.asked(visit.client.fetch_channel(channel_id))
    except discord.NotFound:
        mended = "switch Developer Mode on, and copy it from the channel's menu"
        raise Refused(f"Discord knows no channel with the id {channel_id}; {mended}.") from None
    except discord.Forbidden:
        raise Refused(f"The bot does not see the channel {channel_id}; {MENDED} (View Channels).") from None
    if isinstance(found, discord.abc.PrivateChannel):
        return "ok", "Direct messages need no permissions."
    home = found.parent_id if isinstance(found, discord.Thread) else found.id
    for room, granted in (await _rooms(visit, found.guild.id)).items():
        if room.id == home:
            lacked = _lacked(granted, in_threads=not isinstance(found, discord.TextChannel))
            if lacked:
                return _verdict(lacked), f"In #{found.name}, the bot lacks {joined(map(told, lacked))}; {MENDED}."
            return "ok", f"In #{found.name}, the bot may do all that it needs."
    raise Skip(f"#{found.name} is no channel that people write in.")


def _lacked(granted: discord.Permissions, *, in_threads: bool) -> list[str]:
    """What the bot lacks in a channel, without what follows from something else or is of no use in threads."""
    idle = OUTSIDE_THREADS if in_threads else set()
    if not granted.send_messages:
        idle = idle | WITH_MESSAGES
    return [name for name in missing(granted) if name not in idle]


def _verdict(lacked: Iterable[str]) -> Verdict:
    return "problem" if any(PERMISSIONS[name].required for name in lacked) else "note"


def _grouped(lacked: dict[str, list[str]], seen: int) -> str:
    """Permissions with the channels that lack them, those of the same channels together."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for permission, where in lacked.items():
        groups.setdefault(tuple(where), []).append(told(permission))
    return ", and ".join(
        f"{joined(names)} in {'every channel' if len(where) == seen else _named(where)}" for where, names in groups.items()
    )


def _named(names: Sequence[str]) -> str:
    """The first few of many."""
    return joined(names if len(names) <= NAMED else [*names[:NAMED], f"{len(names) - NAMED} more"])
