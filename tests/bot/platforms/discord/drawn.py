"""What Discord makes of a text, by the rules of its clients; where these are in doubt, the more eager reading of them."""

from __future__ import annotations

import re

INLINE = {
    "escape": r"\\[^0-9A-Za-z\s]",
    "address": r"<(?P<inner>[^: >]+:/[^ >]+)>",
    "token": r"<(?:@[!&]?|#|a?:\w+:|t:|id:|/[^:>]+:)[\w:-]+>",
    "ping": r"@(?:everyone|here)",
    "naked": r"(?:https?|steam|discord)://[^\s<]*[^<.,:;\"')\]\s]",
    "masked": r"\[(?P<inner>(?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]\(\s*<?(?P<to>(?:\([^)]*\)|[^\s\\]|\\.)*?)>?\s*\)",
    "block": r"```(?P<inner>.+?)```",
    "code": r"(?P<ticks>`+)(?P<inner>.*?[^`])(?P=ticks)(?!`)",
    "bold": r"\*\*(?P<inner>(?:\\.|[^\\])+?)\*\*(?!\*)",
    "underlined": r"__(?:\\.|[^\\])+?__(?!_)",
    "italic": r"_(?:__|\\.|[^\\_])+?_(?!\w)|\*(?=\S)(?:\*\*|\\.|\s+(?:\\.|[^\s*\\]|\*\*)|[^\s*\\])+?\*(?!\*)",
    "struck": r"~~.+?~~",
    "spoiler": r"\|\|.+?\|\|",
}
OPENING = {
    "heading": r"\s*#{1,3}\s",
    "subtext": r"\s*-#\s",
    "list": r"\s*(?:[-+*]|\d+\.)\s",
    "quote": r"\s*>(?:>>)?\s",
}
ANYWHERE = {kind: re.compile(rule, re.DOTALL) for kind, rule in INLINE.items()}
AT_A_START = {kind: re.compile(rule, re.DOTALL) for kind, rule in OPENING.items()} | ANYWHERE


def drawn(text):
    """The kind of all that is more than plain words, and what is within."""
    place, shown = 0, []
    while place < len(text):
        rules = AT_A_START if text[place - 1 : place] in ("", "\n") else ANYWHERE
        found = ((kind, rule.match(text, place)) for kind, rule in rules.items())
        kind, match = next(((kind, match) for kind, match in found if match), ("plain", None))
        if match and kind != "escape":
            shown.append((kind, match.groupdict().get("inner", match[0])))
        place = match.end() if match else place + 1
    return shown


def kinds(text):
    """The kinds of all that is more than plain words."""
    return {kind for kind, _ in drawn(text)}
