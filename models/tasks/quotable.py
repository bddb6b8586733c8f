"""Which parts of a turn can be quoted: its sentences, without the handles and sign-offs around them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence, Set

import sentencex

Span = tuple[int, int]

LONGEST = 400  # characters of a sentence that are quoted

HANDLE = re.compile(r"\s*\.?(<@[^>\s]+>|@\w[\w.-]*)[\s,:]*")
OPAQUE = re.compile(r"@\d+")
SIGN_OFF = re.compile(r"(?<!\S)(?:\^\w{1,3}|[-/][A-Z]{2})[.\s]*$")
WORD = re.compile(r"[^\W\d_]{2,}")
LINK = re.compile(r"https?://\S+|<https?:[^>]*>|<?[@#][\w.|-]+>?|<?a?:\w+:(?:\d+>)?")
FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
LINE = re.compile(r"[^\n]+")


def addresses(turns: Sequence[str]) -> Set[str]:
    """The handles that say whom a turn answers rather than whom it speaks of: they open at least a third of the turns."""
    opening = Counter(handle for turn in turns for handle in _opening(turn))
    return {handle for handle, times in opening.items() if times >= max(2, len(turns) / 3)}


def sentences(text: str, addressed: Set[str] = frozenset()) -> list[Span]:
    """Spans of the sentences of `text` that hold words, in order; a longer one than `LONGEST` ends at a space before that.

    Left out are fenced code, opening handles (those in `addressed`, and bare numbers) and sign-offs like "^AB".
    """
    found = []
    for start, end in _split(text):
        while (handle := HANDLE.match(text, start, end)) and (handle[1] in addressed or OPAQUE.fullmatch(handle[1])):
            start = handle.end()
        span = _trimmed(text, start, end)
        if WORD.search(LINK.sub(" ", text[slice(*span)])):
            found.append(span)
    return found


def _split(text: str) -> list[Span]:
    """Sentences line by line, as a line break in a chat ends one."""
    prose = FENCE.sub(lambda code: "\n" * len(code[0]), text)
    return [
        (line.start() + boundary["start_index"], line.start() + boundary["end_index"])
        for line in LINE.finditer(prose)
        for boundary in sentencex.get_sentence_boundaries("en", line[0])
    ]


def _trimmed(text: str, start: int, end: int) -> Span:
    """Without white space and a sign-off, and not too long."""
    if signed := SIGN_OFF.search(text, start, end):
        end = signed.start()
    start += len(text[start:end]) - len(text[start:end].lstrip())
    end = start + len(text[start:end].rstrip())
    if end - start > LONGEST:
        cut = text.rfind(" ", start, start + LONGEST)
        end = cut if cut > start else start + LONGEST
    return start, end


def _opening(turn: str) -> list[str]:
    found, at = [], 0
    while handle := HANDLE.match(turn, at):
        found.append(handle[1])
        at = handle.end()
    return found
