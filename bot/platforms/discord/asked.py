"""What reaches the bot from Discord, as requests."""

from __future__ import annotations

import re
from collections.abc import Collection

import discord

from bot import flags
from bot.platforms.asked import Asked, Place, command, is_short
from bot.platforms.discord import markup, turns

HOME = "discord"
MEMOS = {"\U0001f4dd", "\U0001f5d2", "\U0001f4d3", "\U0001f4d4"}  # memo, spiral note pad, notebooks
_REGIONAL_A = 0x1F1E6  # the flag of a country is its two letters among these
_VARIANT = "\ufe0f"


def from_message(message: discord.Message, *, me: discord.ClientUser, bots: Collection[int] = ()) -> Asked | None:
    """A message that may be for the bot `me`; None for what surely is not: bots' messages, joins, its own.

    `bots` are the other bots and webhooks that are listened to. Only to a bot that was called is a leading word a command:
    "ask Ben" and "recap follows" are said to others, too.
    """
    author, who = message.author, message.webhook_id or message.author.id
    if message.type not in turns.WRITTEN or who == me.id or ((author.bot or message.webhook_id) and who not in bots):
        return None
    text, called = _addressed(message, me)
    direct, short = message.guild is None, is_short(text)
    outright = called or direct
    if not (outright or short or (text and isinstance(message.channel, discord.Thread))):
        return None
    shown = markup.read(text, turns.named([message], author))
    return Asked(
        HOME,
        str(message.channel.id),
        str(author.id),
        command(shown) if outright else shown,
        str(message.id),
        outright=outright,
        short=short,
        about=linked(text) or _replied(message) or _opened(message.channel, me),
        direct=direct,
    )


def from_reaction(event: discord.RawReactionActionEvent) -> Asked | None:
    """A flag under a message, or a memo: translate it, or sum up what it begins; None for all others."""
    emoji = (event.emoji.name or "").replace(_VARIANT, "")
    language = flags.language(_country(emoji)) if not event.emoji.id else None
    if not language and emoji not in MEMOS:
        return None
    channel, message = str(event.channel_id), str(event.message_id)
    return Asked(
        HOME,
        channel,
        str(event.user_id),
        f"/translate {language}" if language else "/summarize",
        client_id=f"{message}:{emoji}:{event.user_id}",
        about=Place(channel, None, message) if language else Place(channel, message),
        direct=event.guild_id is None,
    )


def from_interaction(interaction: discord.Interaction, text: str, about: Place | None) -> Asked:
    """A command, the menu of a message, a question of a modal or a click; what was written before it counts."""
    channel, once = str(interaction.channel_id), str(interaction.id)
    here = about or _opened(interaction.channel, interaction.client.user) or Place(channel)
    direct = interaction.guild_id is None and not interaction.context.private_channel  # others are in that one, too
    return Asked(HOME, channel, str(interaction.user.id), text, client_id=once, about=here, until=once, direct=direct)


def linked(text: str) -> Place | None:
    """What a link to a message leads to, or a channel that is linked to or named."""
    if found := markup.linked(text):
        return Place(found.channel, None, found.message)
    named = markup.channel_mentioned(text)
    return Place(named) if named else None


def _addressed(message: discord.Message, me: discord.ClientUser) -> tuple[str, bool]:
    """A message's words without a call of the bot, and whether it calls it: by name, by its role, or in reply to it."""
    roles = [str(role.id) for role in message.role_mentions if role.tags and role.tags.bot_id == me.id]
    names = "|".join([f"@!?{me.id}", *(f"@&{role}" for role in roles)])
    pieces = re.split(rf"<(?:{names})>[,:]?", message.content)
    text = " ".join(filter(None, map(str.strip, pieces)))
    replied = message.reference.resolved if message.reference else None
    answered = isinstance(replied, discord.Message) and replied.author.id == me.id
    return text, len(pieces) > 1 or answered


def _replied(message: discord.Message) -> Place | None:
    """The message that a message replies to."""
    reference = message.reference
    if message.type != discord.MessageType.reply or reference is None or reference.message_id is None:
        return None
    return Place(str(reference.channel_id), None, str(reference.message_id))


def _opened(channel: object, me: discord.ClientUser | None) -> Place | None:
    """The channel that a thread of ours is about: we open one where a busy channel asks, for what is said there."""
    if me and isinstance(channel, discord.Thread) and channel.owner_id == me.id:
        return Place(str(channel.parent_id))
    return None


def _country(emoji: str) -> str:
    """The letters of a flag; "" for what is none."""
    letters = [ord(sign) - _REGIONAL_A for sign in emoji]
    if len(letters) != 2 or not all(0 <= letter < 26 for letter in letters):
        return ""
    return "".join(chr(ord("a") + letter) for letter in letters)
