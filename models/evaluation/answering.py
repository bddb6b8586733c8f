"""Exact match and F1 of short answers, with the normalisation of SQuAD's evaluation script (Rajpurkar et al. 2016, 2018)."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

import numpy as np

from models.evaluation.figures import Figure, average

ARTICLES = re.compile(r"\b(a|an|the)\b")
PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalized(answer: str) -> str:
    """In lower case, without punctuation, articles and spare spaces."""
    return " ".join(ARTICLES.sub(" ", answer.lower().translate(PUNCTUATION)).split())


def exact(guess: str, references: Sequence[str]) -> float:
    """1 where the guess is one of the references, or empty where there are none; else 0."""
    return float(normalized(guess) in {normalized(reference) for reference in references or [""]})


def overlap(guess: str, references: Sequence[str]) -> float:
    """The words in common with the reference that fits best, as F1; without references, 1 for an empty guess."""
    return max(_f1(normalized(guess).split(), normalized(reference).split()) for reference in references or [""])


def figures(guesses: Sequence[str], references: Sequence[Sequence[str]]) -> list[Figure]:
    """EM and F1 in percent over all questions, and over those with an answer (HasAns) and without one (NoAns) apart."""
    matches = 100 * np.array([exact(*pair) for pair in zip(guesses, references, strict=True)])
    overlaps = 100 * np.array([overlap(*pair) for pair in zip(guesses, references, strict=True)])
    has = np.array([bool(accepted) for accepted in references])
    found = [average("EM", matches), average("F1", overlaps)]
    if has.any() and not has.all():
        found += [average("HasAns EM", matches[has]), average("HasAns F1", overlaps[has])]
        found.append(average("NoAns", matches[~has]))
    return found


def _f1(guess: list[str], reference: list[str]) -> float:
    if not guess or not reference:
        return float(guess == reference)
    shared = sum((Counter(guess) & Counter(reference)).values())
    return 2 * shared / (len(guess) + len(reference))
