"""Which languages a text's writing system leaves possible."""

from __future__ import annotations

import re

LATIN = frozenset(
    "af az bs ca cs cy da de en eo es et eu fi fr ga hr hu id is it la lg lt lv mi ms nl no pl pt ro sk sl sn so sq st "
    "sv sw tl tn tr ts vi xh yo zu".split()
)
CYRILLIC = frozenset("be bg kk mk mn ru sr uk".split())
ARABIC = frozenset("ar fa ur".split())
DEVANAGARI = frozenset("hi mr ne".split())
HAN = frozenset("ja zh".split())

_SCRIPTS: tuple[tuple[str, frozenset[str], int], ...] = (
    # Letters, the languages written in them, and their weight. Latin counts half, since jargon and names are Latin
    # everywhere; a character that stands for a syllable or a word counts double.
    ("A-Za-zªºÀ-ÖØ-öø-ʯḀ-ỿ", LATIN, 1),
    ("Ѐ-ԯ", CYRILLIC, 2),
    ("؀-ۿݐ-ݿﭐ-﷿ﹰ-ﻼ", ARABIC, 2),
    ("ऀ-ॿ", DEVANAGARI, 2),
    ("Ͱ-Ͽἀ-῾", frozenset({"el"}), 2),
    ("԰-֏", frozenset({"hy"}), 2),
    ("֐-׿", frozenset({"he"}), 2),
    ("ঀ-৿", frozenset({"bn"}), 2),
    ("਀-੿", frozenset({"pa"}), 2),
    ("઀-૿", frozenset({"gu"}), 2),
    ("଀-୿", frozenset({"or"}), 2),
    ("஀-௿", frozenset({"ta"}), 2),
    ("ఀ-౿", frozenset({"te"}), 2),
    ("ಀ-೿", frozenset({"kn"}), 2),
    ("ഀ-ൿ", frozenset({"ml"}), 2),
    ("඀-෿", frozenset({"si"}), 2),
    ("฀-๿", frozenset({"th"}), 2),
    ("຀-໿", frozenset({"lo"}), 2),
    ("က-႟", frozenset({"my"}), 2),
    ("Ⴀ-ჿ", frozenset({"ka"}), 2),
    ("ក-៿", frozenset({"km"}), 2),
    ("ᄀ-ᇿ㄰-㆏가-힣", frozenset({"ko"}), 4),
    ("ぁ-ヿｦ-ﾟ", frozenset({"ja"}), 4),
    ("㐀-䶿一-鿿豈-﫿𠀀-𯿿", HAN, 4),
)
_PATTERNS = tuple((re.compile(f"[{letters}]+"), languages, weight) for letters, languages, weight in _SCRIPTS)
_KANA_SHARE = 0.05
"""Japanese prose is a third kana or more; a single kana sign in a long Chinese text is decoration."""


def candidates(text: str) -> tuple[frozenset[str], str]:
    """The languages (ISO 639-1) written in the script most of the text is in, and the text's words in that script.

    No languages and no text where no letter of a known script is left.
    """
    weights: dict[int, int] = {}
    for index, (pattern, _, weight) in enumerate(_PATTERNS):
        if length := sum(map(len, pattern.findall(text))):
            weights[index] = length * weight
    if not weights:
        return frozenset(), ""
    kana, han = len(_PATTERNS) - 2, len(_PATTERNS) - 1
    if han in weights and weights.get(kana, 0) > _KANA_SHARE * weights[han]:
        weights[kana] += weights.pop(han)
    main = max(weights, key=lambda index: weights[index])
    letters, languages, _ = _SCRIPTS[main]
    return languages, re.sub(rf"[^{letters}\W]+", " ", text)
