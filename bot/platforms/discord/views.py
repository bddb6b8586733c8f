"""What people click on in Discord, and what a click asks for. Discord keeps it, so that it survives a restart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any, NamedTuple

import discord
from discord import ui

from bot.platforms import buttons
from bot.platforms.asked import Asked, Place
from bot.platforms.buttons import FEEDBACK, MORE, RETELL, SHARE, VERDICTS, offers
from bot.platforms.discord.render import Button, Message, texts
from bot.preferences import Preferences
from handlers import languages
from handlers.conversation import Reply

ASK, LANGUAGE, SWITCH, QUESTION = "ask", "language", "switch", "question"
ANY_LANGUAGE = "discord"

HELD = 100
"""Characters of what a button may hold."""

TITLE = 256
"""Characters of a request that stand above its answer, from where a click takes them: a button has no room for them."""

LONGEST_QUESTION = 240
"""Characters of a question, so that it fits there."""

OPTIONS, MENUS, BUTTONS, ROW = 25, 4, 25, 5
"""Options of a menu, menus of a message that has a row of buttons as well, buttons of a message, buttons of a row."""

WHICH = "Which language would you like that in?"

SILENT = discord.AllowedMentions.none()

_SWITCHES = {"private": "Answers to me alone", "short": "Short commands such as !tldr"}


class Clicked(NamedTuple):
    """What a click asks for: `name` is that of the button, `extra` what it holds beside its place and time."""

    name: str
    place: Place
    until: str
    extra: str


def below(asked: Asked, reply: Reply, *, private: bool) -> tuple[Button, ...]:
    """The buttons under an answer; none under what is no answer, and only a verdict where what was asked finds no room."""
    offered = offers(asked, reply, private=private)
    shown = [
        Button(one.name, one.label, packed(one.name, asked, told(asked) if one.name == RETELL else str(one.points or "")))
        for one in offered
        if _fits(asked.text) and (one.name != SHARE or _returns(asked))
    ]
    verdicts = [Button(FEEDBACK, label, f"{FEEDBACK}:{name}:{reply.intent}") for name, label in VERDICTS.items()]
    return (*shown, *verdicts) if offered else ()


def _fits(text: str) -> bool:
    """Whether a request can stand above its answer as it is: it has one line there."""
    return len(text) <= TITLE and "\n" not in text


def _returns(asked: Asked) -> bool:
    """Whether a click can tell where it was asked: what is about another place comes by direct message."""
    return not asked.message or asked.place.channel == asked.channel


def unshared(message: Message) -> Message:
    """The same for everybody to see, so that there is nothing to share."""
    return replace(message, buttons=tuple(one for one in message.buttons if one.name != SHARE))


def choices(asked: Asked, targets: Sequence[str]) -> tuple[Button, ...]:
    """A button for each language, as far as there is room."""
    return tuple(
        Button(RETELL, languages.display(target), packed(RETELL, asked, told(asked, target))) for target in targets[:BUTTONS]
    )


def told(asked: Asked, target: str = "") -> str:
    """What a button that tells an answer in another language holds besides: the one it was told in, and the other."""
    return f"{asked.language or ''}>{target}"


def packed(name: str, asked: Asked, extra: str = "") -> str:
    """What a button holds: where what is asked about lies, and until when it counts; at most `HELD` characters."""
    channel, root, message = asked.place
    return ":".join([name, channel, root or "", message or "", asked.until or "", extra])


def unpacked(held: str) -> Clicked:
    """What a button holds. Raises `ValueError` for what none of ours does."""
    name, channel, root, message, until, extra = held.split(":")
    return Clicked(name, Place(channel, root or None, message or None), until, extra)


def asked_above(message: discord.Message | None) -> str:
    """The request that an answer was shown for."""
    embeds = message.embeds if message else []
    return (embeds[0].author.name or "") if embeds else ""


def again(clicked: Clicked, text: str) -> str:
    """What a click asks for, in words."""
    return buttons.more(text, int(clicked.extra)) if clicked.name == MORE else text


# What discord.py sends


def sent(message: Message) -> dict[str, Any]:
    """A message as arguments of discord.py's `send`. Nobody is notified."""
    embeds = [embed.copy() for embed in message.embeds]
    for picture in (file for file in message.files if file.description):
        embeds[-1].set_image(url=f"attachment://{picture.name}")
    return {"embeds": embeds, "allowed_mentions": SILENT, **_extras(message)}


def said(message: Message) -> list[dict[str, Any]]:
    """The same in words alone, in as many messages as that takes."""
    pieces: list[dict[str, Any]] = [{"content": text, "allowed_mentions": SILENT} for text in texts(message)]
    return [*pieces[:-1], *(piece | _extras(message) for piece in pieces[-1:])]


def _extras(message: Message) -> dict[str, Any]:
    extras: dict[str, Any] = {}
    if message.buttons:
        extras["view"] = view(message.buttons)
    if message.files:
        extras["files"] = [
            discord.File(BytesIO(file.content), file.name, description=file.description) for file in message.files
        ]
    return extras


def view(shown: Sequence[Button]) -> ui.View:
    """Buttons for a message. Clicks on them are told by what they hold, so that discord.py need not remember them."""
    made = ui.View(timeout=None)
    for place, one in enumerate(shown):
        made.add_item(ui.Button(label=one.label, custom_id=one.custom_id, row=place // ROW if len(shown) > ROW else None))
    made.stop()
    return made


# Settings and questions


def settings(chosen: Preferences, targets: Sequence[str]) -> ui.View:
    """What a person may set, as it is now."""
    options = [discord.SelectOption(label="The language of my Discord", value=ANY_LANGUAGE, default=not chosen.language)]
    for target in targets[: MENUS * OPTIONS - 1]:
        options.append(
            discord.SelectOption(label=languages.display(target), value=target, default=target == chosen.language)
        )
    made = ui.View(timeout=None)
    for start in range(0, len(options), OPTIONS):
        part = options[start : start + OPTIONS]
        hint = f"My language: {part[0].label} – {part[-1].label}" if len(options) > OPTIONS else "My language"
        made.add_item(ui.Select(custom_id=f"{LANGUAGE}:{start}", options=part, placeholder=hint))
    for name, label in _SWITCHES.items():
        on = getattr(chosen, name)
        style = discord.ButtonStyle.success if on else discord.ButtonStyle.secondary
        held = f"{SWITCH}:{name}:{'off' if on else 'on'}"
        made.add_item(ui.Button(label=f"{label}: {'on' if on else 'off'}", style=style, custom_id=held))
    made.stop()
    return made


def changed(chosen: Preferences, held: str, values: Sequence[str]) -> Preferences:
    """The settings after a click on one of them."""
    if held.startswith(LANGUAGE):
        language = None if values[0] == ANY_LANGUAGE else values[0]
        return Preferences(language, chosen.private, chosen.short)
    _, name, to = held.split(":")
    on = {"private": chosen.private, "short": chosen.short} | {name: to == "on"}
    return Preferences(chosen.language, on["private"], on["short"])


def question(place: Place) -> ui.Modal:
    """Takes a question about a message and what follows it."""
    held = ":".join([ASK, *(part or "" for part in place), "", ""])
    modal = ui.Modal(title="Ask about this", custom_id=held)
    words: ui.TextInput[ui.Modal] = ui.TextInput(custom_id=QUESTION, max_length=LONGEST_QUESTION)
    modal.add_item(ui.Label(text="What would you like to know?", component=words))
    modal.stop()
    return modal


def submitted(interaction: discord.Interaction[Any]) -> tuple[str, str]:
    """What a modal of ours holds, and the question that was written into it."""
    data: Any = interaction.data or {}
    fields = [each.get("component") or each["components"][0] for each in data.get("components", ())]
    return data["custom_id"], next(field["value"] for field in fields if field["custom_id"] == QUESTION)
