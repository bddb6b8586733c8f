"""BLEU and chrF as sacreBLEU reckons them (Post 2018; Popović 2015), each with its signature."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import numpy as np
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from models.evaluation.figures import Figure, Indices

TOKENIZERS = {"zh": "zh", "ja": "char", "ko": "char"}
"""For languages without spaces between words; those for Japanese and Korean that know words need more packages."""


def figures(guesses: Sequence[str], references: Sequence[Sequence[str]], *, target: str) -> list[Figure]:
    """Corpus scores from 0 to 100. `references` has one or more for each guess; `target` is their language."""
    bleu, chrf = BLEU(tokenize=TOKENIZERS.get(target, "13a")), CHRF()
    return [_figure("BLEU", bleu, guesses, references), _figure("chrF", chrf, guesses, references)]


def _figure(name: str, metric: BLEU | CHRF, guesses: Sequence[str], references: Sequence[Sequence[str]]) -> Figure:
    streams = [list(stream) for stream in zip_longest(*references)]
    # What sacreBLEU's own bootstrap builds on: counts for each sentence, from whose sums a corpus score comes.
    counts = np.array(metric._extract_corpus_statistics(list(guesses), streams))

    def score(chosen: Indices) -> float:
        return float(metric._compute_score_from_stats(counts[chosen].sum(0).tolist()).score)

    return Figure(name, len(guesses), score, str(metric.get_signature()))
