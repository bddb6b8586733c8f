"""Cuts a long text into parts that a platform takes, where a reader would cut it, and loses nothing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

import regex

LEAST = 16  # characters; below this a part has no room for a fence that is reopened and closed
_CLOSE = "\n```"
_FENCE = regex.compile(r"```(?:([\w+#.-]{1,20})(?=\n|$))?")
_LAST = regex.compile(r"```(?=[\w+#.-]{1,20}\Z)")  # before a last word, which is no language: no code follows
_KEPT = regex.compile(  # what a cut would break: fences, code, links, mentions, entities, bold, what is joined or escaped
    r"```[\w+#.-]{0,20}"
    r"|`[^`\n]++`"
    r"|<(?:[@#!:/]|[a-z][\w+.-]{0,20}:)[^<>\n]*+>"
    r"|\[[^\[\]\n]*+\]\(https?://[^\s()]*+\)"
    r"|https?://[^\s<>]++"
    r"|&(?:amp|lt|gt);"
    r"|(?:[^\s\u2060]?\u2060)++[^\s\u2060]?"
    r"|\*\*(?:[^*\\\n]|\\.|\*(?!\*))++\*\*"
    r"|\\[^0-9A-Za-z\s]"
)
_PARAGRAPH = regex.compile(r"\n[^\S\n]*\n")
_LINE = regex.compile(r"\n")
_SENTENCE = regex.compile(r"(?<=[.!?…][\"'”’»)\]]?)\s|(?<=[。！？])")
_WORD = regex.compile(r"\s+")
_GRAPHEME = regex.compile(r"[\ud800-\udbff][\udc00-\udfff]|\X")
_GAP = regex.compile(r"\s*\n|[^\S\n]*+")  # up to the next line, indentation kept, or up to the next word
_SOLID = regex.compile(r"\S")


def split(text: str, limit: int) -> list[str]:
    """Parts of at most `limit` characters, cut at a paragraph, else a line, a sentence, a word, else between graphemes.

    A code fence that a cut goes through is closed, and opened again in the next part; links, mentions and inline code
    stay whole unless one alone is over the limit. White space at a cut goes. A text without words has no parts.
    Raises `ValueError` for a limit under `LEAST`.
    """
    if limit < LEAST:
        raise ValueError(f"a limit of {limit} is under {LEAST} characters")
    if len(text) <= limit and text.count("```") % 2 == 0:
        return [text] if text.strip() else []
    return list(_parts(_Cutter(_LAST.sub("```\n", text)), limit))


class _Cutter:
    """A text, and where it may be cut."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._kept = [found.span() for found in _KEPT.finditer(text)]

    def end(self, start: int, room: int) -> int:
        """Where a part that starts here and has so much room had best end."""
        if len(self.text) - start <= room:
            return len(self.text)
        window = self.text[start : start + room + 1]
        for pattern, least in (*((one, room // 2) for one in (_PARAGRAPH, _LINE, _SENTENCE, _WORD)), (_WORD, 1)):
            places = [found.start() for found in pattern.finditer(window) if max(1, least) <= found.start() <= room]
            for place in reversed(places):
                if self._whole(start + place) == start + place:
                    return start + place
        return self._anywhere(start, window)

    def resume(self, end: int) -> int:
        """Where the text goes on after a cut."""
        found = _GAP.match(self.text, end)
        return found.end() if found else end

    def _whole(self, place: int) -> int:
        """The place itself, or where the thing begins that must not be cut there."""
        index = bisect_right(self._kept, (place, -1)) - 1
        if index < 0 or place >= self._kept[index][1]:
            return place
        return self._kept[index][0]

    def _anywhere(self, start: int, window: str) -> int:
        room = len(window) - 1
        if (before := self._whole(start + room)) > start:
            room = before - start
        ends = [found.end() for found in _GRAPHEME.finditer(window) if found.end() <= room]
        return start + (ends[-1] if ends else room)


def _parts(cutter: _Cutter, limit: int) -> Iterator[str]:
    text, start, opened = cutter.text, 0, ""
    reserve = len(_CLOSE) if "```" in text else 0
    while _SOLID.search(text, start):
        end = cutter.end(start, limit - len(opened) - reserve)
        part = (opened + text[start:end]).rstrip()
        fences = list(_FENCE.finditer(part))
        inside = len(fences) % 2 == 1
        if inside and (last := fences[-1].start()) > len(opened) and fences[-1].end() == len(part) and end < len(text):
            end, part, inside = start + last - len(opened), part[:last].rstrip(), False  # not a fence without its code
        start = cutter.resume(end)
        opened = _reopened(fences[-1][1], limit) if inside else ""
        if inside and text.startswith("```", start):  # the cut is at the fence's end: closing the part closes it
            start, opened = cutter.resume(start + 3), ""
        if part.strip() and not (inside and fences[-1].start() == 0 and fences[-1].end() == len(part)):
            yield part + _CLOSE * inside


def _reopened(language: str | None, limit: int) -> str:
    opening = f"```{language or ''}\n"
    return opening if len(opening) <= limit // 4 else "```\n"
