"""Makes chat text readable for an encoder that never saw handles, links or emoji: the same at training and when serving."""

from __future__ import annotations

import html

import emoji
import regex as re

LINK = re.compile(r"<?https?://[^\s>|]+(?:\|[^>]*)?>?|\bwww\.\S+")
MENTION = re.compile(r"<[@#!][^>\s]*>|(?<![\w.])@\w[\w.-]*")
INVISIBLE = re.compile(r"\p{C}")
SHORTCODE = re.compile(r"<a?:(\w+):\d+>|(?<!\w):([a-z][a-z0-9_+-]+):(?!\w)")


def normalize(text: str) -> str:
    """`text` on one line: links become "http", mentions "@user", emoji their names; control characters are dropped."""
    text = LINK.sub("http", html.unescape(text))
    text = MENTION.sub("@user", text)
    if not text.isascii():
        text = emoji.demojize(text, delimiters=(" :", ": "))
    text = SHORTCODE.sub(lambda found: " " + (found[1] or found[2]).replace("_", " ") + " ", text)
    return " ".join(INVISIBLE.sub(" ", text).split())
