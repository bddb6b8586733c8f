"""Draws replies as Slack's blocks, within Slack's limits. Decides nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block, ContextBlock, MarkdownTextObject, SectionBlock

from bot.platforms.slack.markup import bold, escape, link, prose
from bot.platforms.splitting import split
from bot.wording import origin
from handlers.conversation import Coverage, Part, Point, Points, Quote, Reply, Score, Suggestions, Text, Turn

SECTION = SectionBlock.text_max_length
BLOCKS = 50
MESSAGE = 13_000  # characters of JSON; Slack documents no figure, and refuses blocks from some 13,200
FALLBACK = 3_000  # characters; a message may be edited to 4,000
_CONTEXT = 2_000  # characters
_BAR = 20  # columns
_BARS = re.compile(r"`[█░]+` ")
_AROUND = 200  # characters of a quoted message shown on each side of the telling ones
_PIECE = 1_500  # characters; telling ones beyond that get lines of their own
_ADDRESS = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Message:
    """One message to post: its blocks, and the same in words for notifications and readers without blocks."""

    blocks: list[dict[str, object]]
    text: str


def render(
    reply: Reply, *, turns: Sequence[Turn] = (), seconds: float | None = None, tail: Sequence[Block] = ()
) -> list[Message]:
    """A reply as messages, in the order in which to post them; none where there is nothing to see.

    Args:
        reply: what to draw.
        turns: the thread that points and quotes refer to; their speakers and links are shown.
        seconds: how long the answer took, where that is to be told.
        tail: what stands below, e.g. buttons.
    """
    sections = [block for part in reply.parts for block in _sections(_part(part, turns))]
    groups = _grouped([*sections, *_contexts(_origin(reply, seconds)), *tail])
    return [Message([block.to_dict() for block in group], _said(group)) for group in groups]


def plain(text: str) -> Message:
    """A sentence of our own as a message."""
    return render(Reply((Text(text),)))[0]


def _part(part: Part, turns: Sequence[Turn]) -> str:
    match part:
        case Text():
            return prose(part.text)
        case Points():
            return "\n".join(_point(point, turns) for point in part.points)
        case Quote():
            return _quote(part, turns)
        case Score():
            return "\n".join(_bar(label, share, label == part.label) for label, share in part.scores.items())
        case Suggestions():  # Slack has no slash commands in threads, and others of that name outside
            return "\n".join(f"• {escape(example.removeprefix('/'))}" for example in part.examples)
        case Coverage():  # said in the last line of the answer
            return ""


def _point(point: Point, turns: Sequence[Turn]) -> str:
    known = [turn for turn in point.turns if turn < len(turns)]
    names = dict.fromkeys(bold(_name(turns[turn].speaker)) for turn in known)
    where = "".join(f" {link(turns[turn].link, _message(turn))}" for turn in known if turns[turn].link)
    return f"• {' &amp; '.join(names)}{': ' if names else ''}{escape(point.text)}{where}"


def _quote(quote: Quote, turns: Sequence[Turn]) -> str:
    address = quote.link or (turns[quote.turn].link if quote.turn < len(turns) else None)
    by = f"— {bold(_name(quote.speaker))}, {link(address, _message(quote.turn))}"
    return "\n".join(f"> {line}" for line in [*_excerpt(quote).split("\n"), by])


def _excerpt(quote: Quote) -> str:
    """The quoted message around its telling characters, which are bold unless they are all of it."""
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


def _edges(text: str, start: int, end: int) -> tuple[int, int]:
    """The same stretch of a text, or a longer one that cuts no web address: half of one would lead elsewhere."""
    for found in _ADDRESS.finditer(text):
        if found.start() < start < found.end():
            start = found.start()
        if found.start() < end < found.end():
            end = found.end()
    return start, end


def _bar(label: str, share: float, wins: bool) -> str:
    filled = round(share * _BAR)
    said = f"{share:.0%} {_name(label)}"
    return f"`{'█' * filled}{'░' * (_BAR - filled)}` {bold(said) if wins else said}"


def _message(turn: int) -> str:
    return f"message {turn + 1}"


def _name(name: str) -> str:
    return escape(" ".join(name.split())) or "?"


def _origin(reply: Reply, seconds: float | None) -> str:
    return escape(" · ".join([*origin(reply, seconds), *reply.provenance.models]))


def _sections(text: str) -> Iterator[SectionBlock]:
    for piece in split(text, SECTION):
        yield SectionBlock(text=_words(piece), expand=True)  # else Slack folds a long answer away


def _contexts(text: str) -> Iterator[ContextBlock]:
    for piece in split(text, _CONTEXT):
        yield ContextBlock(elements=[_words(piece)])


def _words(text: str) -> MarkdownTextObject:
    return MarkdownTextObject(text=text, verbatim=True)  # Slack is to link and to mention nothing of its own accord


def _grouped(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """The blocks of each message."""
    group, size = list[Block](), 0
    for block in blocks:
        length = len(json.dumps(block.to_dict(), ensure_ascii=False)) + len(", ")
        if group and (len(group) == BLOCKS or size + length > MESSAGE):
            yield group
            group, size = [], 0
        group.append(block)
        size += length
    if group:
        yield group


def _said(blocks: Sequence[Block]) -> str:
    """What the blocks say, as long as a message may be that is edited; a bar says nothing to one who listens."""
    sections = [block.text.text for block in blocks if isinstance(block, SectionBlock) and block.text]
    said = _BARS.sub("", "\n".join(sections)) or "…"
    return said if len(said) <= FALLBACK else f"{split(said, FALLBACK - 2)[0]} …"
