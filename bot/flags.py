"""Flags as a way to name a language: a country's flag stands for the language that most people write there."""

from __future__ import annotations

import re

import langcodes

_REGION = re.compile(r"(?!aa|q[m-z]|x[a-jl-z]|zz)[a-z]{2}")  # without those that anybody may define, but with Kosovo's
_OTHER_NAMES = {"uk": "gb", "en": "gb"}
_NO_COUNTRY = {"eu", "un"}


def language(country: str) -> str | None:
    """The language (ISO 639-1) of a country (ISO 3166-1, in any case), e.g. "pt" for "BR"; None where there is none.

    Which one that is comes from Unicode's likely subtags, https://www.unicode.org/reports/tr35/#Likely_Subtags.
    """
    region = _OTHER_NAMES.get(country.lower(), country.lower())
    if not _REGION.fullmatch(region) or region in _NO_COUNTRY or not langcodes.tag_is_valid(f"und-{region}"):
        return None
    likely = langcodes.Language.get(f"und-{region}").maximize().language
    return likely if likely and len(likely) == 2 else None
