"""Texts without what a reader cannot see."""

from __future__ import annotations

import regex

_NEWLINES = regex.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
_HIDDEN = regex.compile(  # the group is what an emoji or a word of another script is made with, and stays
    r"(\U0001F3F4[\U000E0020-\U000E007E]+\U000E007F|[\u200C\u200D]|[\uFE00-\uFE0F\U000E0100-\U000E01EF])"
    r"|\p{Default_Ignorable_Code_Point}|(?![\n\t])\p{Cc}|[\uFFF9-\uFFFB]"
)
_JOINERS = regex.compile(r"(?<![^\x00-\x7F\u200C\u200D])[\u200C\u200D]+")  # which join nothing
_UNPAIRED = regex.compile(r"\p{Cs}")


def visible(text: str) -> str:
    """The text without what cannot be seen but changes what is: direction overrides, zero-width and control characters.

    What emoji and scripts need stays.
    """
    shown = _HIDDEN.sub(lambda found: found[1] or "", _NEWLINES.sub("\n", text))
    return str(_UNPAIRED.sub("\ufffd", _JOINERS.sub("", shown)))
