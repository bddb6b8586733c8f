"""What a translation must leave alone, and the placeholders that stand for it meanwhile.

Code, links, mentions, channels, emoji, paths and identifiers are each replaced by a made-up name ("Zq1"): of some thirty
forms tried, the one that translation students most reliably copy, and that a sentence is still well translated around.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import regex

Kind = Literal["item", "emoji", "break"]

PLACEHOLDER = regex.compile(r"Zq([0-9]+)")

EMOJI = r"""
    <a?:\w+:[0-9]+>                                                     # custom, as Discord writes it
  | (?<![\w:])(?::[\w+'-]{1,60}:)+(?![\w:])                             # by name, as Slack does
  | (?:
        \p{Regional_Indicator}{2}                                       # flags
      | [0-9\#*]\uFE0F?\u20E3                                           # keycaps
      | \p{Extended_Pictographic}[\p{Emoji_Modifier}\uFE0F]*            # all others, with skin tones,
        (?:\u200D\p{Extended_Pictographic}[\p{Emoji_Modifier}\uFE0F]*)* # and joined ones
    )+
  | (?<![^\s])[:;=]['-]?[()DPpO/|](?![^\s])                             # in plain characters
"""

ITEM = r"""
    (?<!`)(?P<tick>`{1,2})(?!`)[^\n]{1,500}?(?<!`)(?P=tick)(?!`)        # inline code
  | <(?:[@\#!/]|https?:|mailto:|tel:|t:)[^<>\n]*>                       # Slack's and Discord's mentions, links and dates
  | (?<!\w)[a-z][a-z0-9+.-]{1,20}://(?:\([^\s()<>]*\)|[^\s()<>])*(?:\([^\s()<>]*\)|[^\s()<>.,;:!?'"\]}*_~|])   # URLs
  | (?<!\w)www\.[^\s<>()]*[^\s<>().,;:!?'"\]}*_~|]
  | (?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+                            # e-mail addresses
  | (?<![\w@])@[\w]+(?:[.-]\w+)*                                        # mentions
  | (?<![\w\#&])\#\w+(?:-\w+)*                                          # channels and issue numbers
  | (?<!\S)(?:--[A-Za-z][\w-]*(?:=\S+)?|-[A-Za-z])(?![\w-])             # command line flags
  | (?<![\w.])(?:~|\.{1,2})?(?:/[\w.@+-]*[\w@+-])+/?                    # paths
  | (?<!\w)[A-Za-z]:\\[^\s]+
  | (?<![\w./-])(?:[\w.-]+/)+[\w-]+\.\w+
  | \$\{?[A-Za-z_]\w*\}?                                                # variables
  | (?<![\w.])[^\W\d_]\w*(?:\.\w+)*\(\)                                 # calls
  | (?<!\w)(?=\w*[^\W_]_+[^\W_])\w+(?:\([^()\n]{0,100}\))?              # snake_case
  | (?<!\w)\p{Ll}+\p{Lu}\w*(?:\([^()\n]{0,100}\))?                      # camelCase
  | (?<![\w.-])[A-Za-z_][\w-]+(?:\.[a-z_][\w-]+)+(?!\w)                 # dotted names, file names and domains
  | (?<![\w.])v[0-9]+(?:\.[0-9]+)*(?:[-+][\w.]*\w)?(?!\w)               # versions
  | (?<![\w.])(?![0-9]{1,3}(?:\.[0-9]{3})+(?!\w))[0-9]+(?:\.[0-9]+){2,}(?:[-+][\w.]*\w)?(?!\w)
  | (?<!\w)(?:0x[0-9a-fA-F]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{7,40})(?!\w)
  | &(?:amp|lt|gt);
  | Zq[0-9]+                                                            # what looks like a placeholder
"""

UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
"""Letters of scripts that put no spaces between words: what they touch is a word of its own."""

FENCE = r"```.*?(?:```|\Z)"
KINDS: tuple[Kind, ...] = ("break", "emoji", "item")
MASKED = regex.compile(rf"(?P<break>(?s:{FENCE})) | (?P<emoji>{EMOJI}) | (?P<item>{ITEM})", regex.VERBOSE)


@dataclass(frozen=True, slots=True)
class Mask:
    """A stretch of text to leave alone.

    An "item" is part of its sentence, and so is an "emoji" unless it stands at the sentence's edge; at a "break" the
    sentence ends.
    """

    start: int
    end: int
    kind: Kind


def find(text: str, foreign: regex.Pattern[str] | None = None) -> list[Mask]:
    """The masks of `text`, in order and apart. `foreign` matches words that the model cannot read; they are items too."""
    masks = [Mask(*match.span(), _kind(match)) for match in MASKED.finditer(text)]
    if foreign is not None:
        masks = _with_foreign(text, masks, foreign)
    return _apart(_whole(text, mask) for mask in masks)


def placeholder(number: int) -> str:
    """What stands for a sentence's item of this number, counted from 1."""
    return f"Zq{number}"


def restore(text: str, items: Sequence[str]) -> str:
    """`text` with what its placeholders stand for; a placeholder of no item stays."""
    meant = {placeholder(n): item for n, item in enumerate(items, 1)}
    return PLACEHOLDER.sub(lambda match: meant.get(match[0], match[0]), text)


def blank(text: str, masks: Iterable[Mask], filler: str) -> str:
    """`text`, every character in a mask replaced by `filler`; offsets stay."""
    parts, at = [], 0
    for mask in masks:
        parts += [text[at : mask.start], filler * (mask.end - mask.start)]
        at = mask.end
    return "".join((*parts, text[at:]))


def complete(text: str, count: int) -> bool:
    """Whether the placeholders of `count` items are all in `text`, once each, and no others."""
    return sorted(match[0] for match in PLACEHOLDER.finditer(text)) == sorted(placeholder(n + 1) for n in range(count))


def _kind(match: regex.Match[str]) -> Kind:
    return next(kind for kind in KINDS if match[kind] is not None)


def _with_foreign(text: str, masks: list[Mask], foreign: regex.Pattern[str]) -> list[Mask]:
    """Foreign words too, where nothing else was found."""
    rest = blank(text, masks, " ")
    return sorted([*masks, *(Mask(*match.span(), "item") for match in foreign.finditer(rest))], key=lambda mask: mask.start)


def _whole(text: str, mask: Mask) -> Mask:
    """An item takes the word characters it touches with it, as in "`turn`s"; an emoji that touches some is a break."""
    start, end = mask.start, mask.end
    while start and _wordy(text[start - 1]):
        start -= 1
    while end < len(text) and _wordy(text[end]):
        end += 1
    if mask.kind == "item":
        return Mask(start, end, "item")
    return mask if (start, end) == (mask.start, mask.end) else Mask(mask.start, mask.end, "break")


def _wordy(character: str) -> bool:
    return (character.isalnum() or character == "_") and not UNSPACED.match(character)


def _apart(masks: Iterable[Mask]) -> list[Mask]:
    """Join masks that touch; where kinds differ, the stricter holds."""
    joined: list[Mask] = []
    for mask in masks:
        if joined and mask.start <= joined[-1].end:
            last = joined.pop()
            kind = min(last.kind, mask.kind, key=("break", "item", "emoji").index)
            mask = Mask(min(last.start, mask.start), max(last.end, mask.end), kind)
        joined.append(mask)
    return joined
