"""The identifier: what the sources say together, with what is known of the people who write."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

import numpy as np

from models.language.evidence import LANGUAGES, Evidence, Grams, Letters, Scores, Words
from models.language.prose import prose, words
from models.language.script import DEVANAGARI, HAN, candidates
from models.types import Detection

_UNKNOWN = Detection(None, 0.0)
_INDEX = {code: index for index, code in enumerate(LANGUAGES)}

_USUAL: Mapping[str, float] = {
    # How much likelier a language is than a rare one before anything is read, in natural logarithms. What chats are
    # written in most comes first; a clear text overrules all of it.
    **dict.fromkeys("bg bn ca cs da el et fa fi gu he hr hu id lt lv ms no ro sk sl sr ta te th tl ur vi".split(), 1.4),
    **dict.fromkeys("ar hi it ja ko nl pl ru sv tr uk zh".split(), 2.1),
    **dict.fromkeys("de es fr pt".split(), 2.8),
    "en": 4.2,
}
_HINTS = (3.0, 2.0, 1.5)
"""What the first, the second and the third hint add, in natural logarithms."""


class LanguageIdentifier:
    """Tells the language of a chat message, as an ISO 639-1 code: `zh` for all Chinese, `no` for Bokmål and Nynorsk.

    The script decides where it can. Elsewhere the sources of `evidence` are summed with fixed weights, which were tuned
    on short sentences, word pairs and developers' fragments. Thread-safe. Building one is cheap; the figures load with
    the first text that needs them (about two seconds, 200 MB), or with `warm`.
    """

    _WEIGHTS = (0.17, 0.63, 0.56)  # Grams, Letters, Words
    _WEIGHTS_DEVANAGARI = (0.7, 0.0, 0.56)  # lingua does not know Nepali
    _CERTAIN_ENOUGH = 0.35

    def __init__(self) -> None:
        self._loading = threading.Lock()
        self._sources: tuple[Evidence, ...] = ()

    def warm(self) -> None:
        """Load the figures now. Does nothing the second time."""
        with self._loading:
            if not self._sources:
                self._sources = (Grams(), Letters(), Words())

    def detect(self, text: str, *, hints: Sequence[str] = ()) -> Detection:
        """The language of `text`, or None where it holds no prose or too little to tell. Never raises.

        `hints` are likely languages (ISO 639-1), most likely first: they settle what the text leaves open.
        The same text with the same hints always gives the same answer. `score` is the probability of the language.
        """
        languages, text = candidates(prose(text))
        if len(languages) > 1:
            return self._choose(sorted(languages), text, hints)
        return Detection(next(iter(languages)), 1.0) if languages else _UNKNOWN

    def _choose(self, languages: Sequence[str], text: str, hints: Sequence[str]) -> Detection:
        if HAN.issuperset(languages):
            return _han(text, hints)
        chosen = [_INDEX[code] for code in languages]
        scores = self._weigh(languages, text)[chosen] + _prior(hints)[chosen]
        probability = np.exp(scores - np.logaddexp.reduce(scores))
        best = int(probability.argmax())
        score = round(float(probability[best]), 4)
        return Detection(languages[best] if score >= self._CERTAIN_ENOUGH else None, score)

    def _weigh(self, languages: Sequence[str], text: str) -> Scores:
        self.warm()
        tokens = words(text)
        weights = self._WEIGHTS_DEVANAGARI if DEVANAGARI.issuperset(languages) else self._WEIGHTS
        scores = np.zeros(len(LANGUAGES))
        for weight, source in zip(weights, self._sources, strict=True):
            scores += weight * source.score(text, tokens)
        return scores


def _han(text: str, hints: Sequence[str]) -> Detection:
    """Ideographs alone: Chinese, unless they are few and a Japanese reader or thread makes Japanese likelier."""
    likely = next((hint for hint in hints if hint in HAN), "zh")
    few = len(text) <= 8
    return Detection(likely if few else "zh", 0.9 if few else 0.99)


def _prior(hints: Sequence[str]) -> Scores:
    prior = np.array([_USUAL.get(code, 0.0) for code in LANGUAGES])
    for hint, weight in zip(dict.fromkeys(hints), _HINTS, strict=False):
        if hint in _INDEX:
            prior[_INDEX[hint]] += weight
    return prior
