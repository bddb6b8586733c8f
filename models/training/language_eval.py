"""Measure language identification against the libraries it builds on.

    python -m models.training.language_eval --data ../shared/data

Reads `langid/tatoeba` (sentences of 17 languages) and `sentiment/senti4sd` (English developer posts) under the data
folder. Word pairs and words are cut from the sentences at random with a fixed seed. Every second line was used to tune
the identifier's weights; the figures are for the others, or for the tuning half with `--half tune`. An accuracy is the
mean over the languages, so that each counts the same; "not told" counts as wrong.
"""

from __future__ import annotations

import argparse
import csv
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from langdetect import DetectorFactory, LangDetectException, detect
from lingua import LanguageDetectorBuilder
from rich.console import Console
from rich.progress import track
from rich.table import Table

from models.language.identifier import LanguageIdentifier

CODES = {
    "ara": "ar", "cmn": "zh", "deu": "de", "eng": "en", "fra": "fr", "hin": "hi", "ita": "it", "jpn": "ja", "kor": "ko",
    "nld": "nl", "pol": "pl", "por": "pt", "rus": "ru", "spa": "es", "swe": "sv", "tur": "tr", "ukr": "uk",
}  # fmt: skip
SPACELESS = {"ja", "zh"}
PER_LANGUAGE = 250
"""Samples of each kind and language; more changes the third decimal."""

Sample = tuple[str, str]
"""A text and its language."""


def sentences(folder: Path, half: int) -> Iterator[Sample]:
    """One half of the sentences of each language, at most `PER_LANGUAGE` of them."""
    lines: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.glob("tatoeba.*")):
        lines[CODES[path.suffix[1:]]] += path.read_text(encoding="utf-8").splitlines()
    for language, texts in lines.items():
        for text in random.Random(0).sample(texts[half::2], k=PER_LANGUAGE):
            yield text.strip(), language


def cuts(samples: list[Sample], count: int) -> list[Sample]:
    """`count` consecutive words of each sentence that has more, or two characters for each where words are not spaced."""
    chance, found = random.Random(1), []
    for text, language in samples:
        spaceless = language in SPACELESS
        parts = [
            part for part in (text if spaceless else map(_bare, text.split())) if part and (not spaceless or part.isalnum())
        ]
        length = 2 * count if spaceless else count
        if len(parts) > length:
            start = chance.randint(0, len(parts) - length)
            found.append((("" if spaceless else " ").join(parts[start : start + length]), language))
    return found


def posts(path: Path, half: int) -> list[Sample]:
    """English developer posts."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        texts = [row[2].strip() for row in csv.reader(file, delimiter=";") if len(row) > 2]
    return [(text, "en") for text in texts[half::2]]


def fragments(samples: list[Sample]) -> list[Sample]:
    """Two to five consecutive words of each post."""
    chance = random.Random(2)
    return [cut for sample in samples for cut in cuts([sample], chance.randint(2, 5))]


def accuracy(identify: Callable[[str], str | None], samples: list[Sample], title: str) -> tuple[float, float]:
    """The mean accuracy over the languages, and the milliseconds for a text."""
    right: dict[str, list[bool]] = defaultdict(list)
    start = time.perf_counter()
    for text, language in track(samples, title, transient=True):
        right[language].append(identify(text) == language)
    took = 1000 * (time.perf_counter() - start) / len(samples)
    return sum(sum(marks) / len(marks) for marks in right.values()) / len(right), took


def with_langdetect(text: str) -> str | None:
    """langdetect as it comes, with a seed."""
    try:
        return str(detect(text)).removesuffix("-cn").removesuffix("-tw")
    except LangDetectException:
        return None


def lingua_identifier(*, accurate: bool) -> Callable[[str], str | None]:
    """lingua as it comes, over all its languages."""
    builder = LanguageDetectorBuilder.from_all_languages()
    detector = (builder if accurate else builder.with_low_accuracy_mode()).build()

    def identify(text: str) -> str | None:
        language = detector.detect_language_of(text)
        return language.iso_code_639_1.name.lower().replace("nb", "no").replace("nn", "no") if language else None

    return identify


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Measure language identification.")
    parser.add_argument("--data", type=Path, required=True, help="folder that holds langid/ and sentiment/")
    parser.add_argument("--half", choices=["tune", "test"], default="test")
    arguments = parser.parse_args()
    half = int(arguments.half == "test")
    whole = list(sentences(arguments.data / "langid" / "tatoeba", half))
    english = posts(arguments.data / "sentiment" / "senti4sd" / "train3098itemPOLARITY.csv", half)
    kinds = {
        "sentences": whole,
        "word pairs": cuts(whole, 2),
        "words": cuts(whole, 1),
        "posts (en)": english,
        "fragments (en)": fragments(english),
    }
    DetectorFactory.seed = 0
    identifier = LanguageIdentifier()
    identifier.warm()
    systems: dict[str, Callable[[str], str | None]] = {
        "langdetect": with_langdetect,
        "lingua, low accuracy": lingua_identifier(accurate=False),
        "lingua": lingua_identifier(accurate=True),
        "this project": lambda text: identifier.detect(text).language,
    }
    table = Table("", *(f"{kind} ({len(samples)})" for kind, samples in kinds.items()), "ms/sentence")
    for name, identify in systems.items():
        identify("warm up")
        figures = [accuracy(identify, samples, f"{name}: {kind}") for kind, samples in kinds.items()]
        table.add_row(name, *(f"{value:.3f}" for value, _ in figures), f"{figures[0][1]:.2f}")
    Console(width=140).print(table)


def _bare(word: str) -> str:
    return word.strip(".,!?;:\"“”«»„()¿¡…।،؟–—'")


if __name__ == "__main__":
    main()
