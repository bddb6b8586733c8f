"""What a summary takes from a thread: the training target of each excerpt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from rouge_score.tokenize import tokenize

from models.tasks.salience import Array, Passage
from models.training.salience_data import Told


@dataclass(frozen=True)
class Grams:
    """The words and pairs of words of a text, as ROUGE-1 and ROUGE-2 count them."""

    words: Counter[str] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)

    @classmethod
    def of(cls, text: str) -> Grams:
        """Those of a text, without stemming."""
        words = tokenize(text, None)
        return cls(Counter(words), Counter(pairwise(words)))

    def __add__(self, other: Grams) -> Grams:
        return Grams(self.words + other.words, self.pairs + other.pairs)

    def likeness(self, other: Grams) -> float:
        """ROUGE-1 plus ROUGE-2 F1: 0..2."""
        return _f1(self.words & other.words, self.words, other.words) + _f1(
            self.pairs & other.pairs, self.pairs, other.pairs
        )


def targets(thread: Told, pieces: Sequence[Passage]) -> Array:
    """For each excerpt: whether it is marked as telling; without marks, the share of summaries that pick it."""
    if thread.telling:
        marked = [
            any(p.turn == turn and p.start < end and start < p.end for turn, start, end in thread.telling) for p in pieces
        ]
        return np.array(marked, np.float32)
    said = [Grams.of(thread.texts[p.turn][p.start : p.end]) for p in pieces]
    picked = np.zeros(len(pieces), np.float32)
    for summary in thread.summaries:
        picked[picks(said, Grams.of(summary))] += 1 / len(thread.summaries)
    return picked


def picks(excerpts: Sequence[Grams], summary: Grams) -> list[int]:
    """The excerpts that together are most like the summary, found one by one.

    Each is the one that adds most, until none does; Nallapati et al. 2017 (SummaRuNNer), section 3.
    """
    chosen: list[int] = []
    said, reached = Grams(), 0.0
    while len(chosen) < len(excerpts):
        values = {i: (said + grams).likeness(summary) for i, grams in enumerate(excerpts) if i not in chosen}
        best = max(values, key=values.__getitem__)
        if values[best] <= reached:
            break
        chosen.append(best)
        said, reached = said + excerpts[best], values[best]
    return chosen


def _f1(shared: Counter[str] | Counter[tuple[str, str]], *bags: Counter[str] | Counter[tuple[str, str]]) -> float:
    return 2 * shared.total() / max(1, sum(bag.total() for bag in bags))
