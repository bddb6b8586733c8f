"""From a message to the sentences in it, and what stands between them.

Everything is an offset into the message, so that whatever is not a sentence (code blocks, bullets, quote marks, spaces,
line breaks) is copied exactly.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

import regex
from sentencex import segment

from models.tasks.masking import Mask, blank, find, placeholder, restore

LONGEST = 400
"""Characters in a sentence; a longer one is cut. Translation models were trained on sentences, and slow down on pages."""

LINE = regex.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
PREFIX = regex.compile(r"\s*(?:(?:>+|[-*+•◦–—]|[0-9]{1,3}[.)]|\#{1,6}|-\#|\[[ xX]\])(?:\s+|$)|>+)*\s*")
MARKERS = regex.compile(r"[*_~]+|\|\|")
LETTER = regex.compile(r"[^\W\d_]")
CLAUSE_END, WORD_END = regex.compile(r"[;:,)\]–—]\s"), regex.compile(r"\s")
_START = attrgetter("start")
HIDDEN = "X"
"""What a masked character looks like to the sentence splitter: a part of a capitalised word."""


@dataclass(frozen=True, slots=True)
class Emphasis:
    """Markup around a stretch of a sentence, e.g. asterisks."""

    start: int
    end: int
    opening: str
    closing: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with placeholders and without markup, and the text `before` it that is copied.

    `items` are what the placeholders stand for, `emphases` what was marked up, in order and apart. The last of a message
    may have nothing to translate (`masked` is empty) and only end it.
    """

    before: str
    masked: str = ""
    items: tuple[str, ...] = ()
    emphases: tuple[Emphasis, ...] = ()

    def filled(self, translated: str) -> str:
        """What the message says here when the sentence reads `translated`, which has placeholders and markup."""
        return self.before + restore(translated, self.items)


def marked(text: str, emphases: Sequence[Emphasis]) -> str:
    """`text` with its markup."""
    parts, at = [], 0
    for emphasis in emphases:
        parts += [text[at : emphasis.start], emphasis.opening, text[emphasis.start : emphasis.end], emphasis.closing]
        at = emphasis.end
    return "".join((*parts, text[at:]))


def split(text: str, language: str, foreign: regex.Pattern[str] | None = None, *, longest: int = LONGEST) -> list[Sentence]:
    """The sentences of `text`, written in `language` (ISO 639-1), in order; always at least one.

    `foreign` is as in `masking.find`; sentences of more than `longest` characters are cut.
    """
    masks = find(text, foreign)
    outline, readable = _outline(text, masks), blank(text, masks, " ")
    sentences, at = [], 0
    for start, end in _ranges(outline, masks, language, longest):
        inner = masks[bisect_left(masks, start, key=_START) : bisect_left(masks, end, key=_START)]
        core = _core(outline, (start, end), [mask for mask in inner if mask.kind == "emoji"])
        if LETTER.search(readable, *core):
            sentences.append(_sentence(text, outline, at, core, inner))
            at = core[1]
    if at < len(text) or not sentences:
        sentences.append(Sentence(text[at:]))
    return sentences


def _outline(text: str, masks: Sequence[Mask]) -> str:
    """The text as the splitters see it: breaks end a line, and other masks are words."""
    ended = blank(text, [mask for mask in masks if mask.kind == "break"], "\n")
    return blank(ended, [mask for mask in masks if mask.kind != "break"], HIDDEN)


def _ranges(outline: str, masks: Sequence[Mask], language: str, longest: int) -> Iterator[tuple[int, int]]:
    """Where each sentence, with the spaces around it, begins and ends."""
    for line in LINE.finditer(outline):
        prefix = PREFIX.match(outline, *line.span())
        start = prefix.end() if prefix else line.start()
        for sentence in segment(language, outline[start : line.end()]):
            yield from _short(outline, (start, start + len(sentence)), masks, longest)
            start += len(sentence)


def _short(outline: str, span: tuple[int, int], masks: Sequence[Mask], longest: int) -> Iterator[tuple[int, int]]:
    """Cut what is too long: after a clause, else after a word, else anywhere but in a mask."""
    start, end = span
    while end - start > longest:
        window = start + longest // 2, start + longest
        clauses, words = (list(pattern.finditer(outline, *window)) for pattern in (CLAUSE_END, WORD_END))
        cut = (clauses or words)[-1].end() if clauses or words else window[1]
        cut = next((mask.end for mask in masks if mask.start < cut < mask.end), cut)
        yield start, min(cut, end)
        start = min(cut, end)
    yield start, end


def _core(outline: str, span: tuple[int, int], emoji: Sequence[Mask]) -> tuple[int, int]:
    """A sentence without the spaces, emoji and markup around it."""
    start, end = span
    starts, ends = {mask.start: mask.end for mask in emoji}, {mask.end: mask.start for mask in emoji}
    while start < end:
        pairs = _pairs(outline, (start, end))
        if outline[start].isspace():
            start += 1
        elif outline[end - 1].isspace():
            end -= 1
        elif start in starts:
            start = starts[start]
        elif end in ends:
            end = ends[end]
        elif pairs and (pairs[0][0][0], pairs[0][1][1]) == (start, end):
            start, end = pairs[0][0][1], pairs[0][1][0]
        elif (stray := MARKERS.match(outline, start, end)) and not any(opening[0] == start for opening, _ in pairs):
            start = stray.end()
        else:
            break
    return start, end


def _pairs(outline: str, span: tuple[int, int]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """The outermost pairs of opening and closing markup, each where it begins and ends.

    As in Markdown and in Slack's variant of it, markup opens before a word and closes after one, never within.
    """
    start, end = span
    opened: list[regex.Match[str]] = []
    pairs: list[tuple[tuple[int, int], tuple[int, int]]] = []
    for run in MARKERS.finditer(outline, start, end):
        left = outline[run.start() - 1] if run.start() > start else " "
        right = outline[run.end()] if run.end() < end else " "
        mate = next((i for i, other in enumerate(opened) if other[0] == run[0][::-1]), None)
        around = mate is not None and opened[mate].end() < run.start()  # nothing is no word
        if mate is not None and around and not left.isspace() and not right.isalnum():
            pairs = [pair for pair in pairs if pair[1][1] <= opened[mate].start()]
            pairs.append((opened[mate].span(), run.span()))
            del opened[mate:]
        elif not right.isspace() and not left.isalnum():
            opened.append(run)
    return pairs


def _sentence(text: str, outline: str, at: int, core: tuple[int, int], masks: Sequence[Mask]) -> Sentence:
    """The sentence at `core`, after a text that was read up to `at`."""
    start, end = core
    pairs = _pairs(outline, core)
    cuts = [(mask.start, mask.end, "item") for mask in masks if start <= mask.start and mask.end <= end]
    cuts += [(*opening, "opening") for opening, _ in pairs] + [(*closing, "closing") for _, closing in pairs]
    masked, items, emphases, opened = "", [], [], (0, "")
    last = start
    for begin, stop, what in sorted(cuts):
        masked += text[last:begin]
        if what == "item":
            items.append(text[begin:stop])
            masked += placeholder(len(items))
        elif what == "opening":
            opened = len(masked), text[begin:stop]
        else:
            emphases.append(Emphasis(opened[0], len(masked), opened[1], text[begin:stop]))
        last = stop
    return Sentence(text[at:start], masked + text[last:end], tuple(items), tuple(emphases))
