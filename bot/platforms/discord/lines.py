"""The lines that stand for what somebody chose in a slash command: what they could as well have written to the bot.

A line is read again, by the router and by `windows`. So what people typed is put into words in several ways, and the
first that comes out as it was meant is taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from bot import slots, windows
from bot.windows import Window

MARKS = {"en": "since", "pt": "desde", "es": "desde", "de": "seit", "fr": "depuis", "nl": "sinds"}
"""What stands before a time, in the languages in which times are understood."""
CLOCKS = {"pt", "es", "fr"}
"""Languages in which "9h" is nine o'clock, and not nine hours."""
QUOTED = ("{}", "“{}”", "“{}\n”", "```\n{}\n```")
"""Ways to set off a text, the plainest first; in the last one no word of it is taken for a language."""

_MARKED = re.compile(rf"(?:from|a partir de|{'|'.join(MARKS.values())})\s", re.I)
_LENGTH = re.compile(r"\d+\s*[^\W\d_]+")
_HOURS = re.compile(r"\d{1,2}\s?h", re.I)


def summarize(points: int | None = None, last: int | None = None) -> str:
    """A summary in so many points, of so many messages."""
    return " ".join(filter(None, ("/summarize", _counted("", points, "point"), _counted("last ", last, "message"))))


def times(since: str, language: str) -> list[str]:
    """A time such as "yesterday 9:00", put after the word that makes it one, likeliest first.

    `language` (ISO 639-1) is the reader's; a time may be told in another.
    """
    since = " ".join(since.split())
    own = MARKS.get(language, MARKS["en"])
    marked = [f"{mark} {since}" for mark in dict.fromkeys((own, *MARKS.values()))]
    if _MARKED.match(since):
        return [since, *marked]
    if _LENGTH.fullmatch(since) and not (language in CLOCKS and _HOURS.fullmatch(since)):
        return [f"last {since}", *marked]
    return [*marked, since]


def understood(ways: Sequence[str], *, last: int | None, now: datetime) -> str | None:
    """The first of several lines that is read as a summary since some time, of so many messages. Not on the event loop."""
    for line in ways:
        window = windows.read(line, now=now) or Window()
        if (window.since or window.absence) and window.last == last:
            return line
    return None


def ask(question: str) -> str:
    """A question."""
    return _about("/ask", question)


def sentiment(text: str | None = None) -> str:
    """The sentiment of a text, or of what the request is about."""
    return _about("/sentiment", text or "")


def translations(text: str | None, to: str | None) -> list[str]:
    """The translation of a text, or of what the request is about, to a language (ISO 639-1), or to the reader's.

    Without a language there are several ways to say so; `untargeted` tells which of them names none by mistake.
    """
    said = (text or "").strip()
    if to or not said:
        return [" ".join(filter(None, ("/translate", f"{to}:" if said else to, said)))]
    return [f"/translate {quoted.format(said)}" for quoted in QUOTED]


def untargeted(ways: Sequence[str], text: str) -> str:
    """The plainest line that is read as the translation of just this text. Not on the event loop."""
    meant = slots.unquoted(text.strip()).strip()
    for line in ways:
        target, said = slots.translation(line.removeprefix("/translate "))
        if not target and said and said.strip() == meant:
            return line
    return ways[-1]


def _about(command: str, said: str) -> str:
    """Whatever follows a command, but for a colon, which belongs to it."""
    said = said.strip()
    return f"{command} “{said}”" if said.startswith(":") else f"{command} {said}".strip()


def _counted(before: str, number: int | None, noun: str) -> str:
    return f"{before}{number} {noun}{'s' * (number != 1)}" if number else ""
