"""Languages to pick from while typing."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from discord.app_commands import Choice

from handlers import languages

MOST = 25


class Tongue(NamedTuple):
    """A language (ISO 639-1) as it is shown, and all that it is found by."""

    label: str
    code: str
    names: tuple[str, ...]


class Tongues:
    """Languages by their own names, their English ones, and those in the reader's language."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], list[Tongue]] = {}

    async def offered(self, codes: Iterable[str], typed: str, reader: str) -> list[Choice[str]]:
        """25 languages at most: those that are called what was typed, those whose names begin with it, those that hold it.

        Before anything is typed, the reader's own language comes first, then English. The first call for a reader's
        language reads the names, in a thread.
        """
        key = (reader, *codes)
        if key not in self._known:
            self._known[key] = await asyncio.to_thread(_named, key[1:], reader)
        wanted = _plain(typed)
        ranked = [(rank, tongue) for tongue in self._known[key] if (rank := _rank(tongue, wanted, reader)) is not None]
        return [Choice(name=tongue.label, value=tongue.code) for _, tongue in sorted(ranked)[:MOST]]


def _named(codes: Sequence[str], reader: str) -> list[Tongue]:
    return [_tongue(code, reader) for code in codes]


def _tongue(code: str, reader: str) -> Tongue:
    own, told = languages.display(code, code), languages.display(code, reader)
    names = (own, told, languages.display(code, "en"), code)
    label = own if _plain(own) == _plain(told) else f"{own} – {told}"
    return Tongue(label, code, tuple(map(_plain, names)))


def _rank(tongue: Tongue, typed: str, reader: str) -> int | None:
    """How far down the list a language stands, None where it was not meant."""
    if not typed:
        first = (reader, "en")
        return first.index(tongue.code) if tongue.code in first else len(first)
    ranks = (
        typed in tongue.names,
        any(name.startswith(typed) for name in tongue.names),
        any(typed in name for name in tongue.names),
    )
    return ranks.index(True) if any(ranks) else None


def _plain(text: str) -> str:
    """Small letters without accents."""
    letters = unicodedata.normalize("NFKD", text.casefold().strip())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
