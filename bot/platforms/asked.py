"""What reaches the bot, from whatever platform, in one form: who asks, where, and about what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from bot.router import COMMANDS

SETTINGS = "/settings"


class Place(NamedTuple):
    """A conversation, by the platform's own ids: a channel, or what hangs on its message `root`.

    In Slack that is the thread that `root` begins, in Discord, where threads are channels, all that follows it. `message`
    is the one message there that matters, if only one does.
    """

    channel: str
    root: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One request.

    `home` names the platform, and the part of it where ids mean anything ("slack:T1", "discord"). `text` is in the
    platform's own markup, without the mention of the bot. `message` is what it was written in, None for what has no
    message (commands, clicks); `root` the thread it belongs to, `client_id` another name of the same message. `outright`
    is false where nobody called the bot by name, and `short` is true where a `!command` stands for that. `about` is what
    it is about, where that is not where it was written; what was written `until` then counts. `there` is false where
    the asker need not be in the channel, and `direct` true where it was written to the bot alone. `language` is the one in
    which an answer was shown that is made again, "" where none was known; None stands for the asker's.
    """

    home: str
    channel: str
    user: str
    text: str
    message: str | None = None
    root: str | None = None
    client_id: str = ""
    outright: bool = True
    short: bool = False
    about: Place | None = None
    until: str | None = None
    there: bool = True
    direct: bool = False
    language: str | None = None

    @property
    def keys(self) -> list[str]:
        """What is the same for every delivery of the same message, whatever else is not."""
        return [key(self.home, self.channel, one) for one in (self.message, self.client_id) if one]

    @property
    def place(self) -> Place:
        """What it is about: what was chosen or linked to, else where it was written."""
        return self.about or Place(self.channel, self.root)


def key(home: str, channel: str, message: str) -> str:
    """A message, as the database knows it."""
    return f"{home}:{channel}:{message}"


def command(text: str) -> str:
    """`text` with a leading command word marked as such: "summarize in 3 points" is "/summarize in 3 points".

    "help" and "settings" are ones only when they stand alone: "help me find out who broke it" is a question.
    """
    first, rest = _parted(text)
    if text.lower().rstrip(".!?") == SETTINGS[1:]:
        return SETTINGS
    intent = COMMANDS.get(first.lower())
    return f"/{text}" if intent and not (intent == "help" and rest) else text


def is_short(text: str) -> bool:
    """Whether a message is a command that needs no mention: "!tldr"."""
    mark, _ = _parted(text)
    return mark.startswith("!") and mark[1:].rstrip(":").lower() in COMMANDS


def _parted(text: str) -> tuple[str, str]:
    """The first word of a text, and the others."""
    first, *rest = text.split(None, 1) or [""]
    return first, "".join(rest)
