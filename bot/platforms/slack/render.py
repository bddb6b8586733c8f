"""Draws replies as Slack's blocks, within Slack's limits. Decides nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block, ContextBlock, MarkdownTextObject, SectionBlock

from bot.platforms.drawing import source, written
from bot.platforms.slack import markup
from bot.platforms.splitting import split
from handlers.conversation import Reply, Text, Turn

SECTION = SectionBlock.text_max_length
BLOCKS = 50
MESSAGE = 13_000  # characters of JSON; Slack documents no figure, and refuses blocks from some 13,200
FALLBACK = 3_000  # characters; a message may be edited to 4,000
_CONTEXT = 2_000  # characters
_BARS = re.compile(r"`[█░]+` ")


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
    sections = [block for part in reply.parts for block in _sections(written(part, turns, markup))]
    groups = _grouped([*sections, *_contexts(markup.escape(source(reply, seconds))), *tail])
    return [Message([block.to_dict() for block in group], _said(group)) for group in groups]


def plain(text: str) -> Message:
    """A sentence of our own as a message."""
    return render(Reply((Text(text),)))[0]


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
