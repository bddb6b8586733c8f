"""Discord's messages as turns: what was said in them, by whom, and who and what their markup names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import discord

from bot.platforms.asked import is_short
from bot.platforms.discord import markup
from bot.platforms.discord.access import Reader, lacking
from handlers.conversation import Turn

WRITTEN = {discord.MessageType.default, discord.MessageType.reply}
STARTS = discord.MessageType.thread_starter_message

Words: TypeAlias = discord.Message | discord.MessageSnapshot


def turn(message: discord.Message, names: Mapping[str, str]) -> Turn:
    """A message as a person sees it, `names` giving those of whom and what it mentions by id."""
    meant = original(message)
    link = message.reference.jump_url if message.reference and meant is not message else message.jump_url
    at = meant.created_at.isoformat(timespec="seconds")
    return Turn(meant.author.display_name, text(meant, names), at, link)


def text(message: discord.Message, names: Mapping[str, str]) -> str:
    """What there is to read in a message, and the names of what is not read: files, stickers, polls."""
    parts = [part for words in _words(message) for part in _parts(words, names)]
    if message.poll:
        parts.append(f"[poll: {message.poll.question}]")
    return "\n".join(filter(None, parts))


def files(message: discord.Message) -> int:
    """How many files are attached to a message, or to what it forwards."""
    return sum(len(words.attachments) for words in _words(original(message)))


def original(message: discord.Message) -> discord.Message:
    """The message itself; where it only stands for the one that began its thread, that one."""
    resolved = message.reference.resolved if message.reference else None
    return resolved if message.type is STARTS and isinstance(resolved, discord.Message) else message


def counts(message: discord.Message, *, me: int) -> bool:
    """Whether a message is part of the conversation: no joins, none of ours, none that calls us."""
    meant = original(message)
    if message.type not in WRITTEN | {STARTS} or meant.author.id == me:
        return False
    calls = meant.content.lstrip().startswith((f"<@{me}>", f"<@!{me}>")) or is_short(meant.content)
    return not calls and bool(text(meant, {}))


def withheld(message: discord.Message, *, me: int) -> bool:
    """Whether Discord did not tell what somebody wrote: there is nothing in it, which nobody can write."""
    words = message.content or message.embeds or message.components or message.message_snapshots
    others = message.type in WRITTEN and message.author.id != me
    return others and not (words or message.attachments or message.stickers or message.poll or message.activity)


def named(messages: Iterable[discord.Message], reader: Reader) -> dict[str, str]:
    """The names that come with messages, by id: those of people, of roles, and of the channels that `reader` sees."""
    names = dict[str, str]()
    for message in map(original, messages):
        names |= {str(user.id): user.display_name for user in (*message.mentions, message.author)}
        names |= {str(role.id): role.name for role in message.role_mentions}
        found = map(message.guild.get_channel_or_thread, message.raw_channel_mentions) if message.guild else ()
        names |= {str(channel.id): channel.name for channel in found if channel and _visible(channel, reader)}
    return names


def mentioned(messages: Sequence[discord.Message]) -> set[str]:
    """The ids of the people whom messages mention, be it in a card."""
    every = (words for message in messages for words in _words(original(message)))
    return {user for words in every for part in _written(words) for user in markup.mentioned(part)}


def _words(message: discord.Message) -> list[Words]:
    return [message, *message.message_snapshots]


def _parts(words: Words, names: Mapping[str, str]) -> Iterator[str]:
    yield from (markup.read(part, names) for part in _written(words))
    yield from (f"[sticker: {sticker.name}]" for sticker in words.stickers)
    yield from (f"[file: {file.filename or 'unnamed'}]" for file in words.attachments)


def _written(words: Words) -> list[str]:
    """The markup of a message; where it has none of its own, that of the cards which bots and webhooks write."""
    if words.content:
        return [words.content]
    return [*(part for embed in words.embeds for part in _carded(embed)), *_displayed(words.components)]


def _carded(embed: discord.Embed) -> list[str]:
    fields = (f"{field.name}: {field.value}" for field in embed.fields)
    return [part for part in (embed.title, embed.description, *fields) if part]


def _displayed(components: Iterable[object]) -> Iterator[str]:
    for component in components:
        if isinstance(component, discord.TextDisplay):
            yield component.content
        yield from _displayed(getattr(component, "children", ()))


def _visible(channel: discord.abc.GuildChannel | discord.Thread, reader: Reader) -> bool:
    """Whether somebody may know what a channel is called."""
    private = isinstance(channel, discord.Thread) and channel.is_private()
    return not private and isinstance(reader, discord.Member) and "View Channel" not in lacking(channel, reader)
