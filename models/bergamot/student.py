"""One student, from text to text: its vocabulary, its network and its decoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import regex
import torch
from tokenizers import Encoding, Tokenizer

from models.bergamot import convert, vocabulary
from models.bergamot.alignment import align
from models.bergamot.decode import GreedyDecoder
from models.bergamot.modeling import BergamotForConditionalGeneration
from models.bergamot.shortlist import Shortlist
from models.bergamot.spelling import Spelling
from models.bergamot.tokenization import backend


@dataclass(frozen=True, slots=True)
class Link:
    """A part of a translation and the part of the source it comes from, as offsets into both texts."""

    source: tuple[int, int]
    target: tuple[int, int]


class Student:
    """Translates sentences in one direction."""

    def __init__(
        self,
        model: BergamotForConditionalGeneration,
        tokenizers: tuple[Tokenizer, Tokenizer],
        shortlist: Shortlist,
        spelling: Spelling,
    ) -> None:
        self._model, (self._tokenizer, self._target), self._spelling = model, tokenizers, spelling
        self._decode = GreedyDecoder(model, shortlist)

    @classmethod
    def load(cls, folder: Path, source: str, target: str, *, device: torch.device, dtype: torch.dtype) -> Student:
        """Read the student of this direction from `folder`.

        Raises `ModelUnavailable` where a file is missing or damaged, or belongs to another kind of model.
        """
        pair = f"{source}{target}"
        apart = any(folder.glob(f"srcvocab.{pair}.spm"))
        words = vocabulary.read(convert.find(folder, f"srcvocab.{pair}.spm" if apart else f"vocab.{pair}.spm"))
        theirs = vocabulary.read(convert.find(folder, f"trgvocab.{pair}.spm")) if apart else None
        sizes = len(words.pieces), len(theirs.pieces) if theirs else None
        model = convert.load(convert.find(folder, f"model.{pair}.*.bin"), words=sizes[0], targets=sizes[1])
        shortlist = Shortlist.load(convert.find(folder, f"lex.*{pair}.*.bin"), *sizes)
        spelling = Spelling(words.written, octets=words.octets)
        model.to(device=device, dtype=dtype)  # type: ignore[call-arg]
        tokenizer = backend(words)
        return cls(model, (tokenizer, backend(theirs) if theirs else tokenizer), shortlist, spelling)

    @property
    def foreign(self) -> regex.Pattern[str]:
        """Matches words that hold characters the student cannot read."""
        return self._spelling.foreign

    def encode(self, text: str) -> tuple[int, ...]:
        """The token ids of a sentence, closed."""
        return tuple(self._encoding(text).ids)

    def translate(self, sources: Sequence[Sequence[int]]) -> list[str]:
        """The translations of encoded sentences, which share a batch."""
        return self._target.decode_batch(self._decode(sources)) if sources else []

    def align(self, pairs: Sequence[tuple[str, str]]) -> list[list[Link]]:
        """For each sentence and its translation, where the translation's tokens come from, in the translation's order."""
        sources = [self._encoding(source) for source, _ in pairs]
        targets = [self._target.encode(self._spelling.spell(target)) for _, target in pairs]
        positions = align(self._model, [source.ids for source in sources], [target.ids for target in targets])
        return [
            [Link(source.offsets[at], offset) for offset, at in zip(target.offsets[:-1], row[:-1], strict=True)]
            for source, target, row in zip(sources, targets, positions, strict=True)
        ]

    def _encoding(self, text: str) -> Encoding:
        return self._tokenizer.encode(self._spelling.spell(text))
