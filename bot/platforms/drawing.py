"""Writes the parts of a reply in a platform's markup. What it means is the same everywhere, how it is marked is not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from bot.platforms.splitting import split
from bot.wording import origin
from handlers.conversation import Chart, Coverage, Part, Point, Points, Quote, Reply, Score, Suggestions, Text, Turn

_BAR = 20  # columns
_AROUND = 200  # characters of a quoted message shown on each side of the telling ones
_PIECE = 1_500  # characters; telling ones beyond that get lines of their own
_ADDRESS = re.compile(r"https?://\S+")


class Markup(Protocol):
    """How a platform marks words. A module will do."""

    def escape(self, text: str) -> str:
        """Words of people or models, shown as they are; nobody is notified."""

    def prose(self, text: str) -> str:
        """As `escape`, but what stands between backticks is drawn as code."""

    def link(self, url: str | None, label: str) -> str:
        """The label, of our own words, as a link where there is an address to link to."""

    def bold(self, text: str, *, before: str = "", after: str = "") -> str:
        """Escaped words in bold; `before` and `after` are the characters that they stand between."""


def written(part: Part, turns: Sequence[Turn], markup: Markup) -> str:
    """A part of a reply; "" for what is told elsewhere. `turns` are the thread that it refers to."""
    match part:
        case Text():
            return markup.prose(part.text)
        case Points():
            return "\n".join(_point(point, turns, markup, named=not part.written) for point in part.points)
        case Quote():
            return _quote(part, turns, markup)
        case Score():
            return "\n".join(_bar(label, share, label == part.label, markup) for label, share in part.scores.items())
        case Chart():
            return _turning(part, turns, markup)
        case Suggestions():  # slash commands are not written the way that our examples are
            return "\n".join(f"• {markup.escape(example.removeprefix('/'))}" for example in part.examples)
        case Coverage():  # said in the last line of the answer
            return ""


def source(reply: Reply, seconds: float | None) -> str:
    """The last line of an answer: how it came about, and with which models; not in any markup."""
    return " · ".join([*origin(reply, seconds), *reply.provenance.models])


def _point(point: Point, turns: Sequence[Turn], markup: Markup, *, named: bool) -> str:
    known = [turn for turn in point.turns if turn < len(turns)]
    names = dict.fromkeys(markup.bold(_name(turns[turn].speaker, markup)) for turn in known if named)
    where = "".join(f" {markup.link(turns[turn].link, _message(turn))}" for turn in known if turns[turn].link)
    return f"• {markup.escape(' & ').join(names)}{': ' if names else ''}{markup.escape(point.text)}{where}"


def _quote(quote: Quote, turns: Sequence[Turn], markup: Markup) -> str:
    address = quote.link or (turns[quote.turn].link if quote.turn < len(turns) else None)
    by = f"— {markup.bold(_name(quote.speaker, markup))}, {markup.link(address, _message(quote.turn))}"
    return "\n".join(f"> {line}" for line in [*_excerpt(quote, markup).split("\n"), by])


def _excerpt(quote: Quote, markup: Markup) -> str:
    """The quoted message around its telling characters, which are bold unless they are all of it."""
    escape, bold = markup.escape, markup.bold
    start, end = _edges(quote.text, quote.start, quote.end)
    first, last = _edges(quote.text, max(0, start - _AROUND), min(len(quote.text), end + _AROUND))
    before, telling, after = quote.text[first:start], quote.text[start:end], quote.text[end:last]
    left, right = "… " * (first > 0) + escape(before), escape(after) + " …" * (last < len(quote.text))
    if end - start == len(quote.text):
        return escape(telling)
    pieces = split(escape(telling), _PIECE)
    if len(pieces) > 1:
        return "\n".join(filter(str.strip, [left, *map(bold, pieces), right]))
    return left + bold(escape(telling), before=before, after=after) + right


def _turning(chart: Chart, turns: Sequence[Turn], markup: Markup) -> str:
    """Where the mood turns, in a sentence; "" where it does not."""
    links = (turns[point.turn].link if point.turn < len(turns) else None for point in chart.turning)
    told = [
        f"{point.side} at {markup.link(link, _message(point.turn))}"
        for point, link in zip(chart.turning, links, strict=True)
    ]
    return f"The mood turns {', '.join(told)}." if told else ""


def _edges(text: str, start: int, end: int) -> tuple[int, int]:
    """The same stretch of a text, or a longer one that cuts no web address: half of one would lead elsewhere."""
    for found in _ADDRESS.finditer(text):
        if found.start() < start < found.end():
            start = found.start()
        if found.start() < end < found.end():
            end = found.end()
    return start, end


def _bar(label: str, share: float, wins: bool, markup: Markup) -> str:
    filled = round(share * _BAR)
    said = f"{share:.0%} {_name(label, markup)}"
    return f"`{'█' * filled}{'░' * (_BAR - filled)}` {markup.bold(said) if wins else said}"


def _message(turn: int) -> str:
    return f"message {turn + 1}"


def _name(name: str, markup: Markup) -> str:
    return markup.escape(" ".join(name.split())) or "?"
