"""Languages as checkpoints name them: "pt" is "por_Latn" to NLLB, "pt_XX" to mBART-50 and ">>por<<" to opus-mt.

What a checkpoint knows is read off its own tokens. The codes that may stand in them come from langcodes; the table here
holds what ISO 639 and its registry do not tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import regex
from langcodes import Language
from langcodes.data_dicts import NORMALIZED_MACROLANGUAGES

ALSO = {
    "ff": ("fuv",),
    "he": ("iw",),
    "id": ("in",),
    "jv": ("jw",),
    "nb": ("nob", "no"),
    "nn": ("nno", "no"),
    "no": ("nb", "nob", "nn", "nno"),
    "nso": ("ns",),
    "ps": ("pbt",),
    "qu": ("quy",),
    "tl": ("tgl", "fil"),
    "fil": ("tl", "tgl"),
    "yi": ("ji",),
}
"""Codes that models use for a language beside those of the registry: withdrawn ones, and members of a macrolanguage."""

SCRIPTS = {"Kore": "Hang"}
"""Scripts by other names."""

FORCED = regex.compile(r"__(?P<code>[a-z]{2,3})__|(?P<code>[a-z]{3})_(?P<variety>[A-Z][a-z]{3})")
"""M2M100's language tokens, and NLLB's."""
REGIONAL = regex.compile(r"(?P<code>[a-z]{2,3})_(?P<variety>[A-Z]{2})")
"""mBART-50's language tokens."""
QUOTED = regex.compile(r">>(?P<code>[a-z]{2,3})(?:[_-](?P<variety>\w+))?<<")
"""The tokens for a target of opus-mt."""
TO = regex.compile(r"<2(?P<code>[a-z]{2,3})(?:_(?P<variety>\w+))?>")
"""The tokens for a target of MADLAD-400."""


class Tongues:
    """The language tokens of one checkpoint: those of its `tokens` that `pattern` matches."""

    def __init__(self, tokens: Iterable[str], pattern: regex.Pattern[str]) -> None:
        self._varieties: dict[str, dict[str, str]] = {}
        for token in sorted(tokens):
            if found := pattern.fullmatch(token):
                self._varieties.setdefault(found["code"], {})[found.groupdict().get("variety") or ""] = token

    def __bool__(self) -> bool:
        """Whether the checkpoint has language tokens at all."""
        return bool(self._varieties)

    def token(self, language: str) -> str | None:
        """The token of a language (ISO 639), in its usual script where it has several; None where there is none."""
        varieties = next((self._varieties[code] for code in codes(language) if code in self._varieties), {})
        usual = ("", script(language), "XX")
        return next((varieties[name] for name in usual if name in varieties), next(iter(varieties.values()), None))


@cache
def codes(language: str) -> tuple[str, ...]:
    """The codes that may stand for a language, best first: "zh" is also "zho", "chi" and "cmn"."""
    members = [member for member, group in NORMALIZED_MACROLANGUAGES.items() if group == language and len(member) == 3]
    return tuple(dict.fromkeys((language, *_of_three(language), *ALSO.get(language, ()), *members)))


def script(language: str) -> str:
    """The script that a language is usually written in (ISO 15924): "Latn" for "pt"."""
    usual = Language.get(language).maximize().script or "Latn"
    return SCRIPTS.get(usual, usual)


def english(language: str) -> str:
    """The English name of a language: "Portuguese"."""
    return Language.get(language).display_name("en")


def _of_three(language: str) -> Iterable[str]:
    """Its codes of three letters (ISO 639-2/T, then B)."""
    known = Language.get(language, normalize=False)
    for variant in ("T", "B"):
        try:
            yield known.to_alpha3(variant=variant)
        except LookupError:
            return
