"""Ties what a model wrote of a thread to the turns that it comes from, and leaves out what none of them bears out.

Words count by how few turns have them (inverse document frequency, Sparck Jones 1972). Whatever would mislead most if it
were made up (a name, a number, an address) must stand in the thread.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set

from sentencex import segment

from handlers.conversation import Point

MOST = 3
"""Turns that one sentence is tied to."""

SHARE = 0.2
"""Of a sentence's weight: what a turn must add to those tied to it before."""

STEM = 5
"""Letters by which a word is known in its other forms: "decided" is "decides"."""

LINK = re.compile(r"https?://[^\s<>|)\]]+")
NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
ENDING = re.compile(r"(?:ing|ed|es|s|d)$")
COUNTED = "zero one two three four five six seven eight nine ten eleven twelve".split()

OPENERS = frozenset(
    "a about after afterwards all also although an and another any as at because before both but by despite during each "
    "eventually everybody everyone finally first for from he her here his how however i if in instead it its last later "
    "meanwhile most my neither next no nobody none not now of on once one only or other others our people several she since "
    "so some somebody someone still that the their then there these they this those though thus to today together tomorrow "
    "until we what when where whether which while who why with without yes yesterday yet you your".split()
)
"""Words that open a sentence with a capital and name nobody."""


def grounded(text: str, turns: Sequence[str]) -> tuple[Point, ...]:
    """The sentences of `text` that `turns` bear out, each with the turns (as indices) that it comes from."""
    source = _Source(turns)
    return tuple(
        Point(sentence, found)
        for sentence in _sentences(text)
        if not source.missing(sentence) and (found := source.turns(sentence))
    )


class _Source:
    """What a thread says, turn by turn."""

    def __init__(self, turns: Sequence[str]) -> None:
        whole = "\n".join(turns)
        self._stems = [_stems(turn) for turn in turns]
        times = Counter(stem for stems in self._stems for stem in stems)
        self._weights = {stem: math.log(1 + len(turns) / count) for stem, count in times.items()}
        said = {match[0] for match in WORD.finditer(LINK.sub(" ", whole))}
        self._names = {_bare(word) for word in said}
        self._plain = {form for word in said if word.islower() for form in _forms(word)}
        self._links = set(_links(whole))
        self._numbers = set(_numbers(whole)) | {str(n) for n, word in enumerate(COUNTED) if word in times}

    def missing(self, sentence: str) -> Set[str]:
        """Names, numbers and addresses of a sentence that the thread does not have."""
        names = {
            name
            for place, name in _capitals(sentence)
            # What opens a sentence has a capital, be it a name or not; a form of a plain word of the thread is none.
            if name not in self._names and (place or not self._plain & _forms(name))
        }
        links = {link for link in _links(sentence) if link not in self._links}
        return names | links | (set(_numbers(sentence)) - self._numbers)

    def turns(self, sentence: str) -> tuple[int, ...]:
        """The turns that cover a sentence's words, each of which adds enough to those before it; in thread order."""
        left = {stem for stem in _stems(sentence) if stem in self._weights}
        enough = SHARE * self._weigh(left)
        found: list[int] = []
        while left and len(found) < MOST:
            gains = [self._weigh(left & stems) for stems in self._stems]
            best = max(range(len(gains)), key=gains.__getitem__)
            if gains[best] < enough:
                break
            found.append(best)
            left -= self._stems[best]
        return tuple(sorted(found))

    def _weigh(self, stems: Set[str]) -> float:
        return sum(self._weights[stem] for stem in stems)


def _sentences(text: str) -> Iterator[str]:
    """Sentences, line by line, without bullets, and only those that say something."""
    for line in text.splitlines():
        for sentence in segment("en", line.lstrip("-*•· \t")):
            if WORD.search(sentence):
                yield sentence.strip()


def _stems(text: str) -> frozenset[str]:
    """The words of a text in their short forms, and its numbers; without addresses and the commonest words."""
    prose = LINK.sub(" ", text)
    words = (match[0].casefold() for match in WORD.finditer(prose))
    return frozenset((*(word[:STEM] for word in words if word not in OPENERS), *_numbers(prose)))


def _bare(word: str) -> str:
    """A word without its capital, and without a genitive."""
    return re.sub(r"['’]s?$", "", word).casefold()


def _forms(word: str) -> Set[str]:
    """What a word has in common with its other forms: "roll" is in "rolling", and "decid" in "decides"."""
    return {word, ENDING.sub("", word), word[:STEM]}


def _capitals(sentence: str) -> Iterator[tuple[int, str]]:
    """The words with a capital, bare, each with its place; without those that open sentences and name nobody."""
    for place, match in enumerate(WORD.finditer(LINK.sub(" ", sentence))):
        if match[0][0].isupper() and (word := _bare(match[0])) not in OPENERS:
            yield place, word


def _numbers(text: str) -> Iterator[str]:
    return (match[0] for match in NUMBER.finditer(LINK.sub(" ", text)))


def _links(text: str) -> Iterator[str]:
    return (match[0].rstrip(".,;:!?") for match in LINK.finditer(text))
