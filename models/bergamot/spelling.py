"""Characters that a vocabulary lacks: written with those it has, or recognised as foreign.

A student's vocabulary knows about a hundred characters. It may lack the curly apostrophe or a capital Ó, and what it lacks
it drops; the letter's plain form is better than none.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import regex

TYPOGRAPHIC = {
    "'": "’‘ʼ′´`",
    '"': "“”„«»″",
    "-": "‐‑‒–—−",
    "*": "•·",
}
"""Plain characters and what may be written with them."""

LATIN = range(0xC0, 0x250)
COMPATIBLE = (*range(0x80, 0x3400), *range(0xFB00, 0xFB07), *range(0xFF00, 0xFFF0))
"""Where the characters stand that the tokenizer's normalization (NFKC, nearly) resolves into others."""

NOTHING = regex.compile(r"(?!)")


class Spelling:
    """How to write a text for one vocabulary. One character stays one character, so that offsets stay."""

    def __init__(self, pieces: Iterable[str], *, octets: bool = False) -> None:
        known = {character for piece in pieces for character in piece}
        self._table = str.maketrans({c: plain for c in _variants() if c not in known and (plain := _plain(c, known))})
        resolved = {c for c in map(chr, COMPATIBLE) if known.issuperset(unicodedata.normalize("NFKC", c).replace(" ", ""))}
        readable = "".join(map(regex.escape, sorted(known | resolved | set(map(chr, self._table)))))
        self.foreign = NOTHING if octets else regex.compile(rf"\w*(?:[^\s\p{{C}}\p{{M}}{readable}]+\w*)+")
        """Matches words with characters that have no spelling here; with `octets`, all have one."""

    def spell(self, text: str) -> str:
        """`text` in the vocabulary's characters, as far as there is a way."""
        return text.translate(self._table)


def _variants() -> Iterable[str]:
    yield from "".join(TYPOGRAPHIC.values())
    yield from map(chr, LATIN)


def _plain(character: str, known: set[str]) -> str | None:
    """The nearest known character: its typographic base, its small letter, or its letter without accents."""
    candidates = [plain for plain, variants in TYPOGRAPHIC.items() if character in variants]
    candidates += [character.lower(), unicodedata.normalize("NFD", character)[0]]
    candidates.append(candidates[-1].lower())
    return next((candidate for candidate in candidates if candidate in known), None)
