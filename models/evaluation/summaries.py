"""ROUGE of summaries (Lin 2004), by the rouge-score package, with stemming."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

from rouge_score.rouge_scorer import RougeScorer

from models.evaluation.figures import Figure, average

KINDS = {"rouge1": "ROUGE-1", "rouge2": "ROUGE-2", "rougeLsum": "ROUGE-Lsum"}


def figures(guesses: Sequence[str], references: Sequence[Sequence[str]]) -> list[Figure]:
    """F1 from 0 to 100, with the best of the references of each; sentences stand on lines of their own."""
    scorer = RougeScorer([*KINDS], use_stemmer=True)
    found = [scorer.score_multi(accepted, guess) for guess, accepted in zip(guesses, references, strict=True)]
    note = f"rouge-score {version('rouge-score')}, stemmed"
    made = [average(name, [100 * scores[kind].fmeasure for scores in found]) for kind, name in KINDS.items()]
    return [Figure(figure.name, figure.items, figure.of, note) for figure in made]
