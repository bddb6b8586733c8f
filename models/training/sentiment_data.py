"""Texts with a sentiment from five public sets, brought to one form: text and 0 negative, 1 neutral, 2 positive."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

Labelled = tuple[str, int]
LABELS = ("negative", "neutral", "positive")
POSITIVE = set("admiration amusement approval caring desire excitement gratitude joy love optimism pride relief".split())
NEGATIVE = set(
    "anger annoyance disappointment disapproval disgust embarrassment fear grief nervousness remorse sadness".split()
)


def semeval(root: Path) -> Iterator[Labelled]:
    """SemEval 2013-2016 task 4A tweets, each text once."""
    seen: set[str] = set()
    for path in sorted((root / "semeval").glob("*.tsv")):
        for line in path.read_text().splitlines():
            fields = line.split("\t")
            text = fields[2].strip().strip('"') if len(fields) > 2 else ""
            if fields[1] in LABELS and text and _key(text) not in seen:
                seen.add(_key(text))
                yield text, LABELS.index(fields[1])


def tweeteval_val(root: Path) -> list[Labelled]:
    """TweetEval's validation tweets: our development set for social media; never trained on."""
    folder = root / "tweeteval_val"
    texts = (folder / "val_text.txt").read_text().splitlines()
    labels = (folder / "val_labels.txt").read_text().split()
    return [(text.strip(), int(label)) for text, label in zip(texts, labels, strict=True)]


def without(rows: Iterator[Labelled], held: list[Labelled]) -> list[Labelled]:
    """The rows whose text is not among the held-out ones."""
    keys = {_key(text) for text, _ in held}
    return [(text, label) for text, label in rows if _key(text) not in keys]


def senti4sd(root: Path) -> list[Labelled]:
    """Stack Overflow posts."""
    lines = (root / "senti4sd/train3098itemPOLARITY.csv").read_text(errors="replace").splitlines()
    rows = (line.split(";", 2) for line in lines)
    return [(fields[2], LABELS.index(fields[1])) for fields in rows if len(fields) == 3 and fields[1] in LABELS]


def sst(root: Path, split: str) -> list[Labelled]:
    """Film review sentences of the Stanford treebank: five classes become three."""
    lines = (root / f"sst5/sst_{split}.txt").read_text().splitlines()
    return [(_detokenize(line[11:]), (0, 0, 1, 2, 2)[int(line[9]) - 1]) for line in lines]


def goemotions(root: Path, split: str) -> list[Labelled]:
    """Reddit comments with one emotion that has a side, or none."""
    names = (root / "goemotions/labels.txt").read_text().split()
    kept = []
    for line in (root / f"goemotions/{split}.tsv").read_text().splitlines():
        text, labels, _ = line.split("\t")
        sides = {_side(names[int(label)]) for label in labels.split(",")}
        if len(sides) == 1 and (side := sides.pop()) is not None:
            kept.append((text.replace("[NAME]", "@user"), side))
    return kept


def rated(path: Path, *, neutral: float = 0.4) -> list[Labelled]:
    """Texts with a mean human score from -4 to 4; neutral within `neutral` of zero, and left out in the 0.4 beyond."""
    kept = []
    for line in path.read_text(errors="replace").splitlines():
        fields = line.split("\t")
        if len(fields) == 3 and not neutral < abs(score := float(fields[1])) < neutral + 0.4:
            kept.append((fields[2], 1 if abs(score) <= neutral else 2 if score > 0 else 0))
    return kept


def split(rows: list[Labelled], *, held: float, seed: int) -> tuple[list[Labelled], list[Labelled]]:
    """Shuffle and part into (train, held out)."""
    rows = sorted(set(rows))
    random.Random(seed).shuffle(rows)
    size = int(len(rows) * held)
    return rows[size:], rows[:size]


def _side(emotion: str) -> int | None:
    return 2 if emotion in POSITIVE else 0 if emotion in NEGATIVE else 1 if emotion == "neutral" else None


def _key(text: str) -> str:
    return re.sub(r"\W+", "", re.sub(r"https?\S+|@\w+", "", text.lower()))


def _detokenize(text: str) -> str:
    text = text.replace("-LRB-", "(").replace("-RRB-", ")").replace("``", '"').replace("''", '"')
    return re.sub(r" (n't|'\w+)", r"\1", re.sub(r"\s+([.,;:!?)%])", r"\1", text))
