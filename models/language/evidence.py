"""What speaks for each language: character n-grams, letter patterns and words, counted by libraries that publish them.

Every source answers with one figure for each of `LANGUAGES`, in natural logarithms, the higher the likelier; only the
differences between languages mean something. A language that a source does not know gets a neutral figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.language.script import ARABIC, CYRILLIC, DEVANAGARI, LATIN

LANGUAGES: tuple[str, ...] = tuple(sorted(LATIN | CYRILLIC | ARABIC | DEVANAGARI))
"""The languages that share a script with others, ISO 639-1. Those with a script of their own need no evidence."""

Scores = NDArray[np.float64]


class Evidence(Protocol):
    """Weighs a text for every language."""

    def score(self, text: str, words: Sequence[str]) -> Scores:
        """One figure for each of `LANGUAGES`. `words` are the text's words in lower case."""


class Grams:
    """Log posterior of the text's character n-grams (1 to 3), from langdetect's 55 language profiles.

    langdetect's own detector draws n-grams at random until it is sure, so that its answers need a seed and come out
    nearly certain either way. Here every n-gram counts once, with the same smoothing: the answer is the same each
    time, keeps its doubts, and takes a twentieth of the time.
    """

    _NEUTRAL, _FLOOR = -5.0, -27.6
    _SMOOTHING = 0.5 / 10_000  # Detector.ALPHA_DEFAULT / Detector.BASE_FREQ

    def __init__(self) -> None:
        from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory

        factory = DetectorFactory()
        factory.load_profile(PROFILES_DIRECTORY)
        columns = {code: index for index, code in enumerate(factory.get_lang_list())}
        self._known = np.array([code in columns for code in LANGUAGES])
        chosen = [columns[code] for code in LANGUAGES if code in columns]
        table = np.array(list(factory.word_lang_prob_map.values()), dtype=np.float32)[:, chosen]
        self._rows = {gram: row for row, gram in enumerate(factory.word_lang_prob_map)}
        self._table = np.log(table + self._SMOOTHING)

    def score(self, text: str, words: Sequence[str]) -> Scores:
        """See `Evidence.score`."""
        rows = [self._rows[gram] for gram in _grams(text) if gram in self._rows]
        likelihood = self._table[rows].sum(axis=0, dtype=np.float64)
        posterior = likelihood - np.logaddexp.reduce(likelihood)
        scores = np.full(len(LANGUAGES), self._NEUTRAL)
        scores[self._known] = np.maximum(posterior, self._FLOOR)
        return scores


class Letters:
    """Log probability by lingua, which counts letter trigrams of 75 languages and knows which letters exclude which.

    Its low-accuracy mode: with word frequencies beside it the longer n-grams add nothing, but a gigabyte.
    """

    _NEUTRAL, _FLOOR = -4.0, -13.8
    _NORWEGIAN = frozenset({"nb", "nn"})

    def __init__(self) -> None:
        from lingua import Language, LanguageDetectorBuilder

        def code(language: Language) -> str:
            name = language.iso_code_639_1.name.lower()
            return "no" if name in self._NORWEGIAN else name

        known = {language: LANGUAGES.index(code(language)) for language in Language.all() if code(language) in LANGUAGES}
        self._columns = known
        self._detector = LanguageDetectorBuilder.from_languages(*known).with_low_accuracy_mode().build()

    def score(self, text: str, words: Sequence[str]) -> Scores:
        """See `Evidence.score`."""
        probability = np.zeros(len(LANGUAGES))
        for confidence in self._detector.compute_language_confidence_values(text):
            probability[self._columns[confidence.language]] += confidence.value
        scores = np.full(len(LANGUAGES), self._NEUTRAL)
        known = list(self._columns.values())
        scores[known] = np.maximum(np.log(np.maximum(probability[known], 1e-12)), self._FLOOR)
        return scores


class Words:
    """Sum of the words' log frequencies above one in ten million, from the wordfreq lists (subtitles, web, chat, news).

    A language without a list gets for each word what a listed one gets for a rather rare word, so that it neither
    loses to a neighbour's list nor wins from it.
    """

    _LIST_LENGTH = 10_000
    _FLOOR = np.log(1e-7)
    _NEUTRAL = 3.0
    _WORD_LIMIT = 60
    _CENTIBEL = np.log(10) / 100
    _LISTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
        # wordfreq's Serbo-Croatian list is in Latin letters; Serbian is looked for in Cyrillic.
        {"fil": ("tl",), "nb": ("no",), "sh": ("bs", "hr")}
    )

    def __init__(self) -> None:
        from wordfreq import available_languages

        self._lists: dict[int, dict[str, int]] = {}
        for name in available_languages("small"):
            columns = [LANGUAGES.index(code) for code in self._LISTS.get(name, (name,)) if code in LANGUAGES]
            if columns:
                self._lists |= dict.fromkeys(columns, self._load(name))

    def score(self, text: str, words: Sequence[str]) -> Scores:
        """See `Evidence.score`."""
        known = words[: self._WORD_LIMIT]
        scores = np.full(len(LANGUAGES), self._NEUTRAL * len(known))
        for column, ranks in self._lists.items():
            found = [ranks[word] for word in known if word in ranks]
            scores[column] = -self._CENTIBEL * sum(found) - self._FLOOR * len(found)
        return scores

    def _load(self, name: str) -> dict[str, int]:
        """The most frequent words with their frequency in centibels below one (300: one word in a thousand)."""
        from wordfreq import get_frequency_list

        ranks: dict[str, int] = {}
        for centibels, bucket in enumerate(get_frequency_list(name, "small")):
            ranks |= dict.fromkeys(bucket, centibels)
            if len(ranks) >= self._LIST_LENGTH:
                break
        return ranks


def _grams(text: str) -> Iterator[str]:
    """The n-grams of langdetect's profiles: over letters normalized its way, words in capitals left out."""
    from langdetect.utils.ngram import NGram

    window = NGram()
    for character in NGram.normalize_vi(text.lower() if text.isupper() else text):
        window.add_char(character)
        for length in range(1, NGram.N_GRAM + 1):
            if gram := window.get(length):
                yield gram
