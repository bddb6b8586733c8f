"""Which parts of a turn can be quoted: all of a short one, else its sentences, without handles and sign-offs around them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set

import sentencex

Span = tuple[int, int]

SHORT = 140  # characters up to which a turn stays whole: its sentences lean on each other
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


def spans(text: str, addressed: Set[str] = frozenset()) -> list[Span]:
    """Spans of `text` that can be quoted and hold words, in order.

    Up to `SHORT` characters that is all from the first to the last sentence, else each sentence, and parts of one that is
    longer than `LONGEST`. Left out are fenced code, opening handles (those in `addressed`, and bare numbers) and
    sign-offs like "^AB".
    """
    found = list(_sentences(text, addressed))
    if found and found[-1][1] - found[0][0] <= SHORT and not FENCE.search(text):
        return [(found[0][0], found[-1][1])]
    return found


def _sentences(text: str, addressed: Set[str]) -> Iterator[Span]:
    for start, end in _split(text):
        while (handle := HANDLE.match(text, start, end)) and (handle[1] in addressed or OPAQUE.fullmatch(handle[1])):
            start = handle.end()
        for part in _parts(text, *_trimmed(text, start, end)):
            if WORD.search(LINK.sub(" ", text[slice(*part)])):
                yield part


def _split(text: str) -> list[Span]:
    """Sentences line by line, as a line break in a chat ends one."""
    prose = FENCE.sub(lambda code: "\n" * len(code[0]), text)
    return [
        (line.start() + boundary["start_index"], line.start() + boundary["end_index"])
        for line in LINE.finditer(prose)
        for boundary in sentencex.get_sentence_boundaries("en", line[0])
    ]


def _trimmed(text: str, start: int, end: int) -> Span:
    """Without white space and a sign-off."""
    if signed := SIGN_OFF.search(text, start, end):
        end = signed.start()
    start += len(text[start:end]) - len(text[start:end].lstrip())
    return start, start + len(text[start:end].rstrip())


def _parts(text: str, start: int, end: int) -> Iterator[Span]:
    """The span in parts of at most `LONGEST` characters, cut at spaces where there are any."""
    while end - start > LONGEST:
        space = text.rfind(" ", start + 1, start + LONGEST)
        cut = space if space > 0 else start + LONGEST
        yield _trimmed(text, start, cut)
        start = cut
    yield _trimmed(text, start, end)


def _opening(turn: str) -> list[str]:
    found, at = [], 0
    while handle := HANDLE.match(turn, at):
        found.append(handle[1])
        at = handle.end()
    return found
