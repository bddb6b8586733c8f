"""Translation by sequence-to-sequence checkpoints: sentences of many texts, and of many languages, share a batch.

Code, links, mentions and emoji are replaced by made-up names, as in `models.tasks.translate`. Where a model does not give
all of them back exactly once, the stretches between them are translated each by itself. So are those between markup, because
these models do not tell which of their words come from where. That costs some fluency, and never a word, a link or an
asterisk.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import regex
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from transformers import AutoModelForSeq2SeqLM, PreTrainedTokenizerBase, StoppingCriteria, StoppingCriteriaList

from models import catalog
from models.auto import opening
from models.auto.ways import Pair, Way, ways
from models.bergamot.spelling import Spelling
from models.device import moved
from models.tasks.masking import PLACEHOLDER, complete
from models.tasks.segment import LONGEST, Sentence, marked, split
from models.tasks.translate import Item, alike, fragments, readable
from models.types import ModelUnavailable, PairUnsupported, Translation

WINDOW = 512
"""Tokens of a sentence where neither the entry nor the checkpoint limits them."""
SMALLEST = 32
"""Tokens of text that a window must have room for."""
UNSPACED = frozenset("ja km lo my th zh".split())
"""Languages written without spaces between words and sentences."""
SPECIAL = r"</?s>|<unk>|<pad>|<mask>|<extra_id_\d+>|<2\w+>|>>\w+<<|__\w+__"
"""What special tokens are called. A text that spells one must not be taken for it."""
RARE = "\ua66e"
"""A letter that no vocabulary has: one that has no unknown token for it reads everything, byte by byte."""


@dataclass(frozen=True, slots=True)
class Row:
    """What the model reads at once: the ids of a sentence, or of a part of one, and the way they are to go."""

    ids: tuple[int, ...]
    way: Way

    @property
    def most(self) -> int:
        """How many tokens may be written: twice the source's and a few, which only a model that repeats itself needs."""
        return 2 * len(self.ids) + 16


@dataclass(frozen=True, slots=True)
class Piece:
    """One sentence of a text, as a `whole` or in parts: each with whether it is copied; `rows` are those that are not."""

    sentence: Sentence
    way: Way
    parts: tuple[tuple[str, bool], ...]
    rows: tuple[Row, ...]
    beams: int
    whole: bool

    @property
    def size(self) -> int:
        """What it costs in tokens: those read, and about as many written in each beam."""
        longest = max((len(row.ids) for row in self.rows), default=0)
        return max(1, longest * len(self.rows) * (1 + self.beams))

    @property
    def untold(self) -> str:
        """The sentence as it was."""
        return marked(self.sentence.masked, self.sentence.emphases)

    def joined(self, texts: Iterable[str]) -> str | None:
        """The sentence's translation, given its rows'; None where a placeholder was lost or made up."""
        given = iter(texts)
        told = "".join(part if copied else _told(part, next(given), whole=self.whole) for part, copied in self.parts)
        return told if complete(told, len(self.sentence.items)) else None


class Translate:
    """Translates between the languages of its ways, with one model. Items and results are those of `models.tasks.translate`.

    `window` is how many tokens a sentence may have; longer ones are cut. A sentence that comes back empty stays as it was.
    """

    def __init__(
        self, writer: Writer, directions: dict[Pair, Way], *, model: str, limit: int, window: int, beams: int = 1
    ) -> None:
        self._writer, self._ways = writer, directions
        self._model, self._limit, self._window, self._beams = model, limit, window, beams

    def prepare(self, item: Item, /) -> list[Piece]:
        """Cut a text into sentences. Raises `TextRefused` where it is empty or too long, and `PairUnsupported`."""
        written, source, target = item
        if (source, target) not in self._ways:
            raise PairUnsupported(source, target)
        text, way = readable(written, limit=self._limit), self._ways[source, target]
        # A word of a language without spaces is a whole clause: rather an unknown letter in it than all of it as it stands.
        foreign = self._writer.special if source in UNSPACED else self._writer.foreign
        longest = LONGEST
        while True:
            pieces = [self._piece(sentence, way) for sentence in split(text, source, foreign, longest=longest)]
            if longest == 1 or all(len(row.ids) <= self._window for piece in pieces for row in piece.rows):
                return pieces
            longest //= 2

    def run(self, pieces: Sequence[Piece], /) -> list[str]:
        """Translate: for each sentence its translation, with all its placeholders and all its markup."""
        told = self._told(pieces)
        broken = [self._apart(piece.sentence, piece.way) for piece, text in zip(pieces, told, strict=True) if text is None]
        again = (text or piece.untold for piece, text in zip(broken, self._told(broken), strict=True))
        return [next(again) if text is None else text for text in told]

    def finish(self, item: Item, pieces: Sequence[Piece], raw: Sequence[str], /) -> Translation:
        """Join the sentences again."""
        _, source, target = item
        spaced = source in UNSPACED and target not in UNSPACED
        filled = [piece.sentence.filled(text) for piece, text in zip(pieces, raw, strict=True)]
        gaps = [
            " " if spaced and later.sentence.masked and not later.sentence.before else "" for _, later in pairwise(pieces)
        ]
        text = "".join(part for pair in zip(["", *gaps], filled, strict=True) for part in pair)
        return Translation(text, source, target, self._model)

    def _piece(self, sentence: Sentence, way: Way) -> Piece:
        """A sentence as a whole, unless markup divides it."""
        if sentence.emphases or not sentence.masked:
            return self._apart(sentence, way)
        return Piece(sentence, way, ((sentence.masked, False),), (self._row(sentence.masked, way),), self._beams, whole=True)

    def _apart(self, sentence: Sentence, way: Way) -> Piece:
        """A sentence in the parts between placeholders and markup."""
        parts = tuple(fragments(sentence))
        rows = tuple(self._row(part, way) for part, copied in parts if not copied)
        return Piece(sentence, way, parts, rows, self._beams, whole=False)

    def _row(self, text: str, way: Way) -> Row:
        return Row(way.around(self._writer.encode(text)), way)

    def _told(self, pieces: Sequence[Piece]) -> list[str | None]:
        texts = iter(self._writer.translate([row for piece in pieces for row in piece.rows]))
        return [piece.joined([next(texts) for _ in piece.rows]) for piece in pieces]


class Writer:
    """A model and its tokenizer: from token ids to text.

    Attributes:
        special: matches what special tokens are called.
        foreign: matches that, and words with letters that the vocabulary lacks.
    """

    def __init__(self, model: Any, tokenizer: PreTrainedTokenizerBase, *, beams: int = 1) -> None:
        self._model, self._tokenizer = model, tokenizer
        # In the model's own settings, from which it takes what it is not given. The rest are the checkpoint's, such as words
        # that it must not write; tokens forced at the first or last place would get in the way of ours.
        model.generation_config.update(
            num_beams=beams,
            do_sample=False,
            num_return_sequences=1,
            max_length=None,
            forced_bos_token_id=None,
            forced_eos_token_id=None,
        )
        self._positions = getattr(model.config, "max_position_embeddings", None)
        names = "|".join(map(regex.escape, sorted(tokenizer.all_special_tokens, key=len, reverse=True)))
        self.special: regex.Pattern[str] = regex.compile(f"{names}|{SPECIAL}" if names else SPECIAL)
        self.foreign, self._spelling = self.special, None
        if tokenizer.unk_token_id is not None and tokenizer.unk_token_id in self.encode(RARE):
            self._spelling = Spelling(token for token in tokenizer.get_vocab() if not self.special.fullmatch(token))
            self.foreign = regex.compile(f"{self.special.pattern}|{self._spelling.foreign.pattern}")

    def encode(self, text: str) -> list[int]:
        """The ids of a text alone, with no special tokens. Letters that the vocabulary lacks are spelled with others."""
        spelled = self._spelling.spell(text) if self._spelling else text
        ids: list[int] = self._tokenizer(spelled, add_special_tokens=False).input_ids
        return ids

    @torch.inference_mode()
    def translate(self, rows: Sequence[Row]) -> list[str]:
        """The translations of rows, which share a batch whatever their languages."""
        if not rows:
            return []
        device, padding = self._model.device, self._tokenizer.pad_token_id
        ids = pad_sequence([torch.tensor(row.ids) for row in rows], batch_first=True, padding_value=padding)
        lengths = torch.tensor([len(row.ids) for row in rows])
        starts = torch.tensor([row.way.starts for row in rows], device=device)
        most = torch.tensor([self._most(row) for row in rows], device=device)
        settings = copy.copy(self._model.generation_config)
        settings.max_new_tokens = int(most.max())
        written: Tensor = self._model.generate(
            input_ids=moved(ids, device),
            attention_mask=moved((torch.arange(ids.shape[1]) < lengths[:, None]).long(), device),
            decoder_input_ids=starts,
            generation_config=settings,
            stopping_criteria=StoppingCriteriaList([_Lengths(most + starts.shape[1])]),
        )
        texts: list[str] = self._tokenizer.batch_decode(
            written[:, starts.shape[1] :], skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return [text.strip() for text in texts]

    def _most(self, row: Row) -> int:
        """How many tokens may be written for a row, which must not depend on what it shares a batch with."""
        return min(row.most, self._positions - len(row.way.starts)) if self._positions else row.most


class _Lengths(StoppingCriteria):
    """Ends each row at its own length."""

    def __init__(self, lengths: Tensor) -> None:
        self._lengths = lengths

    def __call__(self, input_ids: Tensor, scores: Tensor, **how: Any) -> Tensor:
        beams = len(input_ids) // len(self._lengths)
        return input_ids.shape[1] >= self._lengths.repeat_interleave(beams)


def load(folder: Path, entry: catalog.TranslateTask, *, device: torch.device, dtype: torch.dtype) -> Translate:
    """The task for the checkpoint in `folder`. Raises `ModelUnavailable`, also where it cannot serve a pair of the entry."""
    with warnings.catch_warnings():
        # Marian's tokenizer asks for a package that it would not use.
        warnings.filterwarnings("ignore", message=".*sacremoses")
        tokenizer = opening.tokenizer(folder, entry)
    model = opening.model(AutoModelForSeq2SeqLM, folder, entry, device=device, dtype=dtype)
    directions = ways(entry, model, tokenizer)
    window = entry.tokens or min(_limits(model, tokenizer))
    overhead = max(len(way.around([])) for way in directions.values())
    if window < overhead + SMALLEST:
        raise ModelUnavailable(
            f"{entry.name} needs {overhead + SMALLEST} tokens for a sentence; raise `tokens` of its entry."
        )
    writer = Writer(model, tokenizer, beams=entry.beams)
    return Translate(writer, directions, model=entry.model, limit=entry.characters, window=window, beams=entry.beams)


def _limits(model: Any, tokenizer: PreTrainedTokenizerBase) -> Iterator[int]:
    yield WINDOW
    yield tokenizer.model_max_length
    if positions := getattr(model.config, "max_position_embeddings", None):
        yield positions


def _told(part: str, translated: str, *, whole: bool) -> str:
    """The translation of a part: it begins and ends as the part does, and a fragment has no placeholders."""
    text = translated if whole else PLACEHOLDER.sub(" ", translated).strip()
    return alike(part, text) if text else part
