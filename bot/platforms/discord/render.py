"""Draws replies as Discord's embeds, within Discord's limits. Decides nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.charts import png
from bot.platforms.discord import markup
from bot.platforms.drawing import source, written
from bot.platforms.splitting import split
from bot.platforms.visible import visible
from handlers.conversation import Chart, Part, Quote, Reply, Score, Text, Turn

CONTENT = 2_000  # characters of a message without embeds; Discord counts code points, as Python does
ABOVE = 256  # characters of an embed's author, in whose place the request stands
DESCRIPTION = 4_096
EMBEDS = 6_000  # characters of all the embeds of a message
FOOTER = min(2_048, EMBEDS - ABOVE - DESCRIPTION)
FILE, PICTURE = "answer.md", "mood.png"
LISTENED = 1_024  # characters that a file may have to be told by

_COLOURS = {"positive": discord.Colour.green(), "neutral": discord.Colour.light_grey(), "negative": discord.Colour.red()}
_BULLET = re.compile(r"^(?:• |(?=`[█░]))", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message: what it does, what it says, and what comes back with a click on it."""

    name: str
    label: str
    custom_id: str


@dataclass(frozen=True, slots=True)
class File:
    """A file under a message. A picture has a `description` for whoever does not see it, and is shown in the embed."""

    name: str
    content: bytes
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message to post, with one embed. `texts` says the same without embeds."""

    embeds: tuple[discord.Embed, ...]
    files: tuple[File, ...] = ()
    buttons: tuple[Button, ...] = ()


def render(
    reply: Reply,
    *,
    turns: Sequence[Turn] = (),
    seconds: float | None = None,
    above: str | None = None,
    buttons: Sequence[Button] = (),
) -> list[Message]:
    """A reply as messages, in the order in which to post them; none where there is nothing to see.

    An answer that one message does not hold comes with the last one as a file, too, and so does a chart as a picture.

    Args:
        reply: what to draw.
        turns: the thread that points and quotes refer to; their speakers and links are shown.
        seconds: how long the answer took, where that is to be told.
        above: what was asked, in the asker's words; stands above the answer, and above the buttons as they refer to it.
        buttons: what stands below the answer.
    """
    parts = [(part, words) for part in reply.parts if (words := written(part, turns, markup)).strip()]
    footer = _brief(_line(source(reply, seconds)), FOOTER)
    pieces = split("\n\n".join(words for _, words in parts), DESCRIPTION) or [""] * bool(footer)
    if not pieces:
        return []
    embeds = [discord.Embed(description=piece or None, colour=_colour(reply)) for piece in pieces]
    embeds[-1].set_footer(text=footer or None)
    if asked := _brief(_line(above or ""), ABOVE):
        for embed in (embeds[0], embeds[-1]):
            embed.set_author(name=asked)
    files = [_file(parts, above or "", footer)] if len(embeds) > 1 else []
    files += [File(PICTURE, png(part), _brief(part.text, LISTENED)) for part in reply.parts if isinstance(part, Chart)]
    return [*(Message((embed,)) for embed in embeds[:-1]), Message((embeds[-1],), tuple(files), tuple(buttons))]


def plain(text: str, *, above: str | None = None, buttons: Sequence[Button] = ()) -> Message:
    """A sentence of our own as a message; for `above` and `buttons`, see `render`."""
    return render(Reply((Text(text),)), above=above, buttons=buttons)[0]


def texts(message: Message) -> list[str]:
    """What a message says, in order, as contents for places without embeds."""
    return [piece for embed in message.embeds for piece in split(_said(embed), CONTENT)]


def _said(embed: discord.Embed) -> str:
    asked = markup.bold(markup.escape(embed.author.name or ""))
    small = f"-# {markup.escape(embed.footer.text)}" if embed.footer.text else ""
    return "\n".join(filter(None, [asked, embed.description, small]))


def _file(parts: Sequence[tuple[Part, str]], above: str, footer: str) -> File:
    """The whole answer in Markdown as others read it, who know our bullets for plain characters."""
    words = [said if isinstance(part, Text | Quote) else _BULLET.sub("- ", said) for part, said in parts]
    heading = f"# {asked}" if (asked := markup.escape(_line(above))) else ""
    return File(FILE, ("\n\n".join(filter(None, [heading, *words, markup.escape(footer)])) + "\n").encode())


def _colour(reply: Reply) -> discord.Colour | None:
    labels = [part.label for part in reply.parts if isinstance(part, Score)]
    return _COLOURS.get(labels[0]) if labels else None


def _brief(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{split(text, limit - len(' …'))[0]} …"


def _line(text: str) -> str:
    return " ".join(visible(text).split())
