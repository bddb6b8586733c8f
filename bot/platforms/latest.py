"""Which messages of a conversation a request is about, found from its newest message backwards. What counts, lives once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from bot.windows import Window

CAP = 1000
"""Messages of one request that are read, the latest; what lies before them is counted as missing."""

RECENT = 50
"""Messages of a channel that a request is about, unless it says otherwise."""

THREADS, AT_ONCE = 20, 4
"""Threads of a channel that are opened, the latest, and how many at a time; the replies in others are counted as missing."""

M = TypeVar("M")


class Page(NamedTuple, Generic[M]):
    """Messages, newest first; `more` when older ones follow."""

    messages: Sequence[M]
    more: bool


@dataclass(frozen=True, slots=True)
class Latest(Generic[M]):
    """Messages in order; `more` when there are others before them."""

    messages: list[M]
    more: bool = False


async def latest(
    pages: AsyncIterator[Page[M]],
    window: Window,
    *,
    most: int = RECENT,
    counts: Callable[[M], bool],
    kept: Callable[[M], bool] = lambda _: False,
    own: Callable[[M], bool],
) -> Latest[M]:
    """The messages back to where the window begins, or until enough are read.

    Args:
        pages: what lies within the window's times, newest first.
        window: which of that the request is about.
        most: messages that are wanted where the window says nothing.
        counts: whether a message is part of the conversation.
        kept: whether a message stays although it does not count.
        own: whether the asker wrote it; with `window.absence`, what lies before that is no news.
    """
    wanted = min(window.last or (CAP if window.since or window.absence else most), CAP)
    found, counted, more = list[M](), 0, False
    async for page in pages:
        more = page.more
        for message in page.messages:
            if window.absence and own(message):
                return Latest(found[::-1])
            if counted < wanted:
                counted += counts(message)
                if counts(message) or kept(message):
                    found.append(message)
            elif counts(message):
                return Latest(found[::-1], more=True)
            if counted == window.last:
                return Latest(found[::-1])
        if counted == wanted:
            break
    return Latest(found[::-1], more=more)
