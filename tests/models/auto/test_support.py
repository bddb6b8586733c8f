"""The table of families in the README: those that the tests of each task run, and no others."""

from __future__ import annotations

from pathlib import Path

from ..families_encoders import ENCODERS
from ..families_translation import TRANSLATORS
from ..families_writing import SUMMARIZERS, TALKERS

README = Path(__file__).parents[3] / "README.md"
NAMES = {
    "bert": "BERT",
    "distilbert": "DistilBERT",
    "electra": "ELECTRA",
    "roberta": "RoBERTa",
    "xlm-roberta": "XLM-RoBERTa",
    "deberta-v3": "DeBERTa-v3",
    "modernbert": "ModernBERT",
    "opus-mt": "opus-mt (Marian), one pair",
    "opus-mt-mul": "opus-mt (Marian), several targets",
    "nllb": "NLLB",
    "m2m100": "M2M100",
    "mbart-50": "mBART-50",
    "t5": "T5",
    "mt5": "mT5",
    "madlad-400": "MADLAD-400",
}
COLUMNS = {
    "sequence": ENCODERS,
    "zero-shot": ENCODERS,
    "span": ENCODERS,
    "embed": ENCODERS,
    "translate": TRANSLATORS,
    "summarize": [*SUMMARIZERS, *TALKERS],
    "generate": TALKERS,
}


def table():
    """Families by the kinds of entries that they serve, as Markdown."""
    served = {kind: {NAMES.get(family, family) for family in families} for kind, families in COLUMNS.items()}
    rows = dict.fromkeys(NAMES.get(family, family) for families in COLUMNS.values() for family in families)
    head = [f"| family | {' | '.join(f'`{kind}`' for kind in COLUMNS)} |", f"|---|{':-:|' * len(COLUMNS)}"]
    marks = (f"| {row} | {' | '.join('✓' if row in served[kind] else '' for kind in COLUMNS)} |" for row in rows)
    return "\n".join([*head, *marks])


def test_the_readme_names_the_families_that_are_tested():
    assert table() in README.read_text(encoding="utf-8"), table()
