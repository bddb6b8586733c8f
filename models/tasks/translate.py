"""Translation in one direction: a text is cut into sentences, and sentences of many texts share a batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import regex

from models.device import one_core
from models.tasks.masking import PLACEHOLDER, complete
from models.tasks.segment import LETTER, Emphasis, Sentence, marked, split
from models.types import TextRefused, Translation

if TYPE_CHECKING:
    import torch

    from models.bergamot.student import Link


Item = tuple[str, str, str]
"""A text, its language, and the one to translate it to (ISO 639-1)."""

WORD = regex.compile(r"\w+(?:[-'’]\w+)*|[^\w\s]")


class Translator(Protocol):
    """Translates single sentences; `models.bergamot.student.Student` is one."""

    @property
    def foreign(self) -> regex.Pattern[str]:
        """Matches words that it cannot read."""

    def encode(self, text: str) -> tuple[int, ...]:
        """A sentence's token ids."""

    def translate(self, sources: Sequence[Sequence[int]]) -> list[str]:
        """The translations of encoded sentences."""

    def align(self, pairs: Sequence[tuple[str, str]]) -> list[list[Link]]:
        """For each sentence and its translation, where the translation's parts come from."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One sentence and its token ids; none if there is nothing in it to translate."""

    sentence: Sentence
    ids: tuple[int, ...]

    @property
    def size(self) -> int:
        """Its length in tokens."""
        return max(1, len(self.ids))


class TranslateTask:
    """Translates texts, whose code, links, mentions, emoji, markup, spacing and line breaks stay as they are."""

    def __init__(self, translator: Translator, source: str, target: str, *, model: str, limit: int) -> None:
        self._translator, self._source, self._target = translator, source, target
        self._model, self._limit = model, limit

    def item(self, text: str) -> Item:
        """A text as this direction takes it."""
        return text, self._source, self._target

    def prepare(self, item: Item, /) -> list[Piece]:
        """Cut a text into sentences. Raises `TextRefused` where it is empty, or longer than the limit (characters)."""
        written, *_ = item
        sentences = split(readable(written, limit=self._limit), self._source, self._translator.foreign)
        return [Piece(x, self._translator.encode(closed(x.masked)) if x.masked else ()) for x in sentences]

    def run(self, pieces: Sequence[Piece], /) -> list[str]:
        """Translate: for each sentence its translation, with all its placeholders and all its markup."""
        live = [i for i, piece in enumerate(pieces) if piece.ids]
        with one_core(when=len(live) == 1):
            done = self._whole({i: pieces[i] for i in live}) if live else {}
        broken = [i for i in live if i not in done]
        if broken:
            done |= zip(broken, self._in_fragments([pieces[i].sentence for i in broken]), strict=True)
        return [done.get(i, "") for i in range(len(pieces))]

    def finish(self, item: Item, pieces: Sequence[Piece], raw: Sequence[str], /) -> Translation:
        """Join the sentences again."""
        text = "".join(piece.sentence.filled(translated) for piece, translated in zip(pieces, raw, strict=True))
        return Translation(text=text, source=self._source, target=self._target, model=self._model)

    def _whole(self, pieces: Mapping[int, Piece]) -> dict[int, str]:
        """Translate each sentence as a whole; without those whose placeholders or markup did not come through."""
        texts = self._translator.translate([piece.ids for piece in pieces.values()])
        done = {
            i: alike(piece.sentence.masked, text)
            for (i, piece), text in zip(pieces.items(), texts, strict=True)
            if complete(text, len(piece.sentence.items))
        }
        emphatic = {i: text for i, text in done.items() if pieces[i].sentence.emphases and text}
        if emphatic:
            links = self._translator.align([(pieces[i].sentence.masked, text) for i, text in emphatic.items()])
            for (i, text), row in zip(emphatic.items(), links, strict=True):
                moved = follow(text, pieces[i].sentence.emphases, row)
                emphatic[i] = "" if moved is None else marked(text, moved)
        return {i: emphatic.get(i, text) for i, text in done.items() if emphatic.get(i, text)}

    def _in_fragments(self, sentences: Sequence[Sentence]) -> list[str]:
        """Translate what stands between placeholders and markup by itself: worse, but nothing is lost."""
        parts = [list(fragments(sentence)) for sentence in sentences]
        wanted = [fragment for row in parts for fragment, copied in row if not copied]
        texts = self._translator.translate([self._translator.encode(closed(fragment)) for fragment in wanted])
        clean = iter([alike(fragment, PLACEHOLDER.sub(" ", text)) for fragment, text in zip(wanted, texts, strict=True)])
        joined = ["".join(part if copied else next(clean) for part, copied in row) for row in parts]
        return [
            text if complete(text, len(sentence.items)) else marked(sentence.masked, sentence.emphases)
            for sentence, text in zip(sentences, joined, strict=True)
        ]


def load(
    folder: Path, source: str, target: str, *, device: torch.device, dtype: torch.dtype, model: str, limit: int
) -> TranslateTask:
    """The task for the Bergamot student in `folder`; `model` is its name in results, `limit` the longest text taken.

    Raises `ModelUnavailable` where a file is missing or damaged, or belongs to another kind of model.
    """
    from models.bergamot.student import Student

    student = Student.load(folder, source, target, device=device, dtype=dtype)
    return TranslateTask(student, source, target, model=model, limit=limit)


def readable(text: str, *, limit: int) -> str:
    """`text` as it can be encoded. Raises `TextRefused` where it is empty, or longer than `limit` characters."""
    if not text.strip():
        raise TextRefused("empty")
    if len(text) > limit:
        raise TextRefused("long", limit=limit)
    # Half a surrogate pair, which JSON can carry, has no place in a text and no encoding.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def closed(text: str) -> str:
    """`text` with a full stop where it ends without any, as chat does: the students saw few such sentences in training."""
    return f"{text}." if text[-1].isalnum() else text


def alike(text: str, translated: str) -> str:
    """A translation of `closed(text)` that ends and begins as `text` does: no stop of ours, and a capital for a capital."""
    if text[-1].isalnum() and translated.endswith("."):
        translated = translated[:-1]
    ours, theirs = LETTER.search(text), LETTER.search(translated)
    if ours and theirs and ours[0].isupper() and not PLACEHOLDER.match(text, ours.start()):
        translated = translated[: theirs.start()] + theirs[0].upper() + translated[theirs.end() :]
    return translated


def follow(text: str, emphases: Sequence[Emphasis], links: Sequence[Link]) -> list[Emphasis] | None:
    """Where the `emphases` of a sentence belong in its translation `text`; None if one has no place, or two share one."""
    moved: list[Emphasis] = []
    for emphasis in emphases:
        targets = [link.target for link in links if emphasis.start < link.source[1] and link.source[0] < emphasis.end]
        words = [span for target in targets for span in _words(text, *target)]
        if not words:
            return None
        moved.append(replace(emphasis, start=min(words)[0], end=max(end for _, end in words)))
    moved.sort(key=lambda emphasis: emphasis.start)
    return None if any(right.start < left.end for left, right in pairwise(moved)) else moved


def _words(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The words, or else the marks, of `text` that reach into this stretch."""
    return [match.span() for match in WORD.finditer(text) if match.start() < end and start < match.end()]


def fragments(sentence: Sentence) -> Iterator[tuple[str, bool]]:
    """What a sentence consists of in order, and whether it is copied: placeholders, markup, spaces and signs are."""
    events = [(*match.span(), 2, match[0]) for match in PLACEHOLDER.finditer(sentence.masked)]
    events += [(emphasis.end, emphasis.end, 0, emphasis.closing) for emphasis in sentence.emphases]
    events += [(emphasis.start, emphasis.start, 1, emphasis.opening) for emphasis in sentence.emphases]
    at = 0
    for start, end, _, copied in [*sorted(events), (len(sentence.masked), len(sentence.masked), 3, "")]:
        between = sentence.masked[at:start]
        core = between.strip()
        if LETTER.search(core):
            before, _, after = between.partition(core)
            yield from ((before, True), (core, False), (after, True))
        else:
            yield between, True
        yield copied, True
        at = end
