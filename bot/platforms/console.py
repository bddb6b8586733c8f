"""Draws threads, questions and replies on a terminal or into a pipe. Decides nothing."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from datetime import datetime
from itertools import cycle

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text as Line

from bot.wording import origin
from handlers.conversation import Chart, Coverage, Part, Point, Points, Quote, Reply, Score, Suggestions, Text, Thread, Turn

ACCENT = "magenta"
_PALETTE = ("cyan", "green", "yellow", "bright_blue", "red", "bright_cyan", "bright_green", "bright_yellow", "blue")
_SIDES = {"negative": "red", "neutral": "yellow", "positive": "green"}
_MARKED = re.compile(r"(?P<code>`[^`\n]+`)|(?P<link>https?://\S+)")
_DIRECTION_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NARROW = 60  # columns; below this, who speaks stands above what is said
_LONGEST_NAME = 16  # columns
_BAR = 24  # columns
_BLOCKS = "▁▂▃▄▅▆▇█"
_AROUND = 200  # characters of a quoted message shown on each side of the telling ones


def printable(text: str) -> str:
    """The text without what a terminal would obey (escape sequences, direction overrides) or cannot print."""
    return "".join("\ufffd" if _obeyed(character) else character for character in text)


def _obeyed(character: str) -> bool:
    control = unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t"
    return control or character in _DIRECTION_OVERRIDES


def clock(at: str | None) -> str:
    """The time of day of an ISO timestamp; a short text as it is; nothing for a long one."""
    with suppress(ValueError):
        return f"{datetime.fromisoformat(at or ''):%H:%M}"
    return _one_line(at or "") if len(at or "") <= len("12:30 PM") else ""


class Margin:
    """Anything, with marks down its left side: `first` on its first line, `rest` (blank by default) on the others."""

    def __init__(self, content: RenderableType, first: Line, rest: Line | None = None) -> None:
        self._content, self._first, self._width = content, first, cell_len(first.plain)
        self._rest = rest or Line(" " * self._width)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        inside = options.update_width(max(1, options.max_width - self._width))
        for number, line in enumerate(console.render_lines(self._content, inside, pad=False)):
            mark = self._rest if number else self._first
            yield from Segment.apply_style(mark.render(console), console.get_style(mark.style))
            yield from line[:-1]
            yield from (Segment(end.text.rstrip(), end.style) for end in line[-1:])  # no spaces at a line's end
            yield Segment.line()


class Message:
    """One message of a thread: in columns where there is room, else its words below its speaker."""

    def __init__(self, number: Line, at: Line, name: Line, text: str) -> None:
        self._mark, self._words = Line("  ").join([part for part in (number, at, name) if part]), _said(text)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if options.max_width >= _NARROW:
            yield Margin(self._words, Line.assemble(self._mark, "  "))
        else:
            yield Line.assemble(self._mark, no_wrap=True, overflow="ellipsis")
            yield Margin(self._words, Line("  "))


class Bars:
    """A bar for each label, readable without colours too; the winning label in bold."""

    def __init__(self, score: Score) -> None:
        self._score = score

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        labels = max(map(len, self._score.scores), default=0)
        width = min(_BAR, max(1, options.max_width - labels - len("  100%")))
        for label, share in self._score.scores.items():
            filled, weight = round(share * width), "bold" if label == self._score.label else "dim"
            blocks = (("█" * filled, _SIDES.get(label, "cyan")), ("░" * (width - filled), "dim"))
            yield Line.assemble((f"{label:<{labels}} ", weight), *blocks, (f" {share:4.0%}", weight))


class Sparkline:
    """The course of a mood in one line, up to a block for each message read, and below it how to read it."""

    def __init__(self, chart: Chart) -> None:
        self._levels = [level for level in chart.curve if level is not None]
        turns = ", ".join(f"{point.side} at #{point.turn + 1}" for point in chart.turning)
        self._words = f"▁ negative to █ positive, #1 to #{len(chart.curve)}{'; turns ' * bool(turns)}{turns}"

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        label = "course   "  # as wide as those of the bars
        width = min(len(self._levels), 2 * _BAR, max(1, options.max_width - len(label)))
        line = Line(label, style="dim")
        for column in range(width):
            line.append(*_block(self._levels[column * len(self._levels) // width]))
        yield line
        yield Line(self._words, style="dim")


def _block(level: float) -> tuple[str, str]:
    """The block that stands for a level from -1 to 1, and its colour."""
    place = min(len(_BLOCKS) - 1, int((level + 1) / 2 * len(_BLOCKS)))
    return _BLOCKS[place], f"not dim {_SIDES['positive' if level > 0 else 'negative']}"


class Origin:
    """What an answer was made with and how long that took; the models get a line of their own if they need it."""

    def __init__(self, reply: Reply, seconds: float) -> None:
        self._facts = printable(" · ".join(origin(reply, seconds)))
        self._models = printable(", ".join(reply.provenance.models) or "no model")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        line = f"{self._facts} · {self._models}"
        if cell_len(line) > options.max_width:
            line = f"{self._facts}\n{self._models}"
        yield Line(line, style="dim")


class Stage:
    """Draws one conversation: gives each speaker a colour, and turns messages and replies into what rich prints.

    Args:
        thread: the conversation that is talked about; quotes and points refer to its messages, counted from 1.
    """

    def __init__(self, thread: Thread) -> None:
        self._thread = thread
        names = dict.fromkeys(turn.speaker for turn in thread.turns)
        self._colours = dict(zip(names, cycle(_PALETTE), strict=False))
        self._widest_name = min(_LONGEST_NAME, max((cell_len(_one_line(name)) for name in names), default=0))
        self._widest_clock = max((cell_len(clock(turn.at)) for turn in thread.turns), default=0)

    def title(self, name: str) -> Line:
        """One line on the whole thread: what it is called, how long it is, how many people write in it."""
        messages, people = len(self._thread), len(self._colours)
        counts = f"{messages} message{'s' * (messages != 1)} · {people} {'person' if people == 1 else 'people'}"
        return Line.assemble((_one_line(name), "bold"), "  ", (counts, "dim"))

    def turns(self, *, last: int | None = None) -> RenderableType:
        """The thread, or its `last` messages, each with the number by which it can be named."""
        skipped = 0 if last is None else max(0, len(self._thread) - last)
        return Group(*(self._message(number) for number in range(skipped, len(self._thread))))

    def asked(self, speaker: str, text: str, quoted: Turn | None = None) -> RenderableType:
        """A message to Parley, with the one that it replies to above it."""
        words = Margin(Line.assemble(self._name(speaker), "  ", _said(text)), Line())
        return Group(self.quoted(quoted), words) if quoted else words

    def quoted(self, turn: Turn) -> RenderableType:
        """A message that is replied to, cut to one line."""
        words = ("╭ ", self._name(turn.speaker), "  ", (_one_line(turn.text), "dim"))
        return Group(Line.assemble(*words, no_wrap=True, overflow="ellipsis"))

    def answer(self, reply: Reply, seconds: float) -> RenderableType:
        """Parley's reply, and below it what it was made with and how long that took."""
        parts = [self._part(part) for part in reply.parts if not isinstance(part, Coverage)]
        rail = Line("▌ ", style=ACCENT)
        return Margin(Group(Line("Parley", style=f"bold {ACCENT}"), *parts, Origin(reply, seconds)), rail, rail)

    def _name(self, speaker: str) -> Line:
        return Line(_one_line(speaker), style=f"bold {self._colours.get(speaker, 'default')}")

    def _message(self, place: int) -> Message:
        turn = self._thread.turns[place]
        number = Line(f"{place + 1:>{len(str(len(self._thread)))}}", style="dim")
        at = Line(set_cell_size(clock(turn.at), self._widest_clock), style="dim")
        name = self._name(turn.speaker)
        name.truncate(self._widest_name, overflow="ellipsis", pad=True)
        return Message(number, at, name, turn.text)

    def _part(self, part: Part) -> RenderableType:
        match part:
            case Text():
                return _said(part.text)
            case Points():
                return Group(*(self._point(point, named=not part.written) for point in part.points))
            case Quote():
                return self._quote(part)
            case Score():
                return Bars(part)
            case Chart():
                return Sparkline(part)
            case Suggestions():
                return Group(*(Margin(_said(example, ACCENT), Line("  › ", style="dim")) for example in part.examples))
            case Coverage():  # said in the last line of the answer
                return Group()

    def _point(self, point: Point, *, named: bool) -> RenderableType:
        turns = [turn for turn in point.turns if turn < len(self._thread)]
        speakers = dict.fromkeys(self._thread.turns[turn].speaker for turn in turns if named)
        names = Line(" & ").join(map(self._name, speakers))
        where = "".join(f" #{turn + 1}" for turn in turns)
        words = Line.assemble(names, ": " if speakers else "", _said(point.text), (where, "dim"))
        return Margin(words, Line("• ", style=ACCENT))

    def _quote(self, quote: Quote) -> RenderableType:
        by = Line.assemble("— ", self._name(quote.speaker), f", message {quote.turn + 1}", style="dim")
        link = [Line(printable(quote.link), style="dim underline")] if quote.link else []
        rail = Line(" │ ", style="dim")
        return Margin(Group(_excerpt(quote), by, *link), rail, rail)


def _one_line(text: str) -> str:
    return " ".join(printable(text).split())


def _said(text: str, style: str = "") -> Line:
    """A message's words, with its code and links set apart."""
    line = Line(printable(text), style=style)
    for found in _MARKED.finditer(line.plain):
        line.stylize("cyan" if found["code"] else "underline", *found.span())
    return line


def _excerpt(quote: Quote) -> Line:
    """The quoted message around its telling characters, which stand out unless they are all of it."""
    first, last = max(0, quote.start - _AROUND), min(len(quote.text), quote.end + _AROUND)
    part = quote.end - quote.start < len(quote.text)
    return Line.assemble(
        "… " if first else "",
        printable(quote.text[first : quote.start]),
        (printable(quote.text[quote.start : quote.end]), "bold underline" if part else ""),
        printable(quote.text[quote.end : last]),
        " …" if last < len(quote.text) else "",
    )
