"""Who may do what where, reckoned as Discord does."""

from __future__ import annotations

from discord import Permissions

from .errors import missing_access, missing_permissions
from .world import PRIVATE_THREAD, Channel, Guild, User

EVERYONE = (
    "view_channel send_messages send_messages_in_threads create_public_threads create_private_threads embed_links "
    "attach_files add_reactions read_message_history use_application_commands use_external_apps use_external_emojis"
)
DIRECT = f"{EVERYONE} manage_threads"  # nothing is forbidden in a direct message
ALL = Permissions.all().value


def bits(names: str | int) -> int:
    """Permissions by their names in discord.py, as in "view_channel send_messages"."""
    if isinstance(names, int):
        return names
    together = 0
    for name in names.split():
        together |= Permissions.VALID_FLAGS[name]
    return together


def in_guild(guild: Guild, user: User) -> int:
    """What a member may do in a server, before a channel changes it."""
    if user.id not in guild.members:
        return 0
    together = guild.roles[0].permissions
    for role in guild.members[user.id].roles:
        together |= role.permissions
    return ALL if guild.owner is user or together & bits("administrator") else together


def rights(channel: Channel, user: User) -> int:
    """What somebody may do in a channel; 0 when they may not even see it."""
    if channel.guild is None:
        return bits(DIRECT) if user in channel.people else 0
    guild, held = channel.guild, in_guild(channel.guild, user)
    if held != ALL and held:
        held = _overwritten(channel.parent or channel, user, held)
    if not held & bits("view_channel"):
        return 0
    if channel.type == PRIVATE_THREAD and user not in channel.people and not held & bits("manage_threads"):
        return 0
    if guild.owner is not user and not channel.is_thread and not held & bits("send_messages"):
        held &= ~bits("embed_links attach_files mention_everyone")
    return held


def may(channel: Channel, user: User, names: str | int) -> bool:
    """Whether somebody has all of these permissions in a channel."""
    return not bits(names) & ~rights(channel, user)


def need(channel: Channel, user: User, names: str = "") -> None:
    """Raise DiscordError unless somebody sees the channel and has these permissions in it."""
    if not may(channel, user, "view_channel"):
        raise missing_access()
    if not may(channel, user, names):
        raise missing_permissions()


def _overwritten(channel: Channel, user: User, held: int) -> int:
    """First what everyone's role may, then the other roles together, then the person alone."""
    assert channel.guild is not None
    everyone = channel.overwrites.get(channel.guild.id)
    if everyone:
        held = held & ~everyone.deny | everyone.allow
    roles = {role.id for role in channel.guild.members[user.id].roles}
    theirs = [each for target, each in channel.overwrites.items() if target in roles]
    for each in theirs:
        held &= ~each.deny
    for each in theirs:
        held |= each.allow
    alone = channel.overwrites.get(user.id)
    return held & ~alone.deny | alone.allow if alone else held
