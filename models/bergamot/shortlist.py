"""The lexical shortlist: for each source token, the target tokens that can translate it.

With it, an output layer of 32,000 tokens shrinks to a few hundred or thousand, at no loss: the students were trained to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.types import ModelUnavailable

MAGIC = 0xF11A48D5013417F5
HEADER = 6
"""Magic number, checksum, number of frequent tokens, greatest list length, number of offsets, number of tokens: u64 each."""

ALIGNMENT = 8
"""The number of allowed tokens is a multiple of this, as in Marian, whose results depend on it."""

Ids = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


class Shortlist:
    """The tokens that a translation of given source tokens may use."""

    def __init__(self, frequent: int, offsets: Ids, tokens: Ids, *, targets: int | None = None) -> None:
        self._frequent, self._offsets, self._tokens, self._own = frequent, offsets, tokens, targets is None
        self._targets = len(offsets) - 1 if targets is None else targets

    @classmethod
    def load(cls, path: Path, vocabulary: int, targets: int | None = None) -> Shortlist:
        """Read a shortlist file for `vocabulary` tokens, and `targets` where the target has a vocabulary of its own.

        Raises `ModelUnavailable` where it is missing or damaged.
        """
        try:
            content = path.read_bytes()
            header = np.frombuffer(content, "<u8", HEADER)
            frequent, offset_count, token_count = int(header[2]), int(header[4]), int(header[5])
            offsets = np.frombuffer(content, "<u8", offset_count, 8 * HEADER).astype(np.int64)
            tokens = np.frombuffer(content, "<u4", token_count, 8 * (HEADER + offset_count)).astype(np.int64)
        except OSError as error:
            raise ModelUnavailable(f"{path} cannot be read; reinstall the package or folder it belongs to.") from error
        except (ValueError, OverflowError) as error:
            raise ModelUnavailable(f"{path} is damaged or no shortlist; reinstall it.") from error
        sound = (
            header[0] == MAGIC
            and offset_count == vocabulary + 1
            and offsets[-1] == token_count
            and bool((np.diff(offsets) >= 0).all())
            and bool((tokens < (targets or vocabulary)).all())
        )
        if not sound:
            raise ModelUnavailable(f"{path} is damaged or no shortlist for {vocabulary} tokens; reinstall it.")
        return cls(frequent, offsets, tokens, targets=targets)

    def allowed(self, sources: Sequence[Sequence[int]]) -> Mask:
        """Which target tokens each source may use, as (sources, tokens): the frequent, those listed for it, and its own.

        It has none of its own where the vocabularies differ.
        """
        chosen = np.zeros((len(sources), self._targets), dtype=bool)
        chosen[:, : self._frequent] = True
        for row, source in zip(chosen, sources, strict=True):
            for token in set(source):
                row[self._tokens[self._offsets[token] : self._offsets[token + 1]]] = True
                if self._own:
                    row[token] = True
            row[np.flatnonzero(~row)[: -int(row.sum()) % ALIGNMENT]] = True
        return chosen
