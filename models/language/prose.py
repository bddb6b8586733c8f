"""What of a message is prose: chat markup, links, code and the tokens every language shares are taken out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

READ_LIMIT = 200_000
"""Characters of a message that are looked at; what follows is ignored."""

SAMPLE_LENGTH = 200
"""Characters taken from the head, the middle and the tail of a long text."""

_LABELLED_LINK = re.compile(r"<(?:https?|mailto):[^<>|\s]{1,2048}\|([^<>]{0,500})>")
_NOT_PROSE = re.compile(
    r"""
      ```.*?(?:```|\Z)                                  # fenced code; an open fence reaches to the end
    | ``[^`\n]+`` | `[^`\n]+`                           # inline code
    | <(?:[@#!:/]|a:|t:|id:|https?:|mailto:)[^<>\n]{0,2048}>   # Slack and Discord mentions, channels, emoji, dates, links
    | (?:\b[a-z][a-z0-9+.-]{1,15}://|\bwww\.)[^\s<>]+   # links
    | [\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+       # mail addresses
    | (?<!\w)[@#][\w.-]+                                # mentions and channels in plain text
    | (?<![\w:]):[a-z0-9_+'-]{1,64}:(?![\w:])           # :custom_emoji:
    | (?<!\w)[:;=]['-]?(?:[()\[\]dpos/|*3]+)(?!\w)        # emoticons
    | \x1b\[[0-9;]*[a-z]                                # terminal colours
    | .\uFE0F                                           # a character shown as an emoji, such as the letter-like "i"
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_CODE_MARK = re.compile(
    r"""
      [\w\])]\( | [{}\[\]] | ;\s*$ | \w=["'\w$]              # calls, brackets, ends of statements, assignments
    | (?<=\s)(?:[=*<>|%^~$]|[-+*/%|&]=)(?=\s)               # an operator between spaces
    | [=!<>]=|=>|->|<-|::|&&|\|\||\+\+|<<|>>|\$\w|</?\w      # operators of two characters, shell variables, tags
    | \b\w+_\w+\b | \b[a-z]+[A-Z]\w*\b | \w\.[a-zA-Z_]\w     # snake_case, camelCase, dotted names
    | (?<=\s)--?[a-zA-Z][\w-]*\b | (?:^|\s)[~.]?/[\w./-]+    # flags and paths
    """,
    re.VERBOSE,
)
_CODE_LINE = re.compile(
    r"""^\s*(?:
      (?:>>>|\$)\s+[a-z./]                                # a prompt and what was typed
    | import\s+[\w.{}*]+(?:\s+(?:as|from)\s+\S+)?;?\s*$ | from\s+[\w.]+\s+import\s
    | (?:else|try|finally|do|default)\s*[:{]\s*$
    | (?:SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s.+\sSET|DELETE\s+FROM|(?:CREATE|ALTER|DROP)\s+TABLE)\s
    | (?:async\s+)?(?:def|class|func|fn|function|struct)\s+\w+\s*[({:<]
    | (?:if|elif|for|while|with|except|switch)\b.*(?:\w_\w|\w\.\w|\w\(|[=<>]).*[:{]\s*$
    | (?://|\#(?:include|define|pragma|ifn?def|if|endif)\b|<!|<\?|@\w+\()
    )""",
    re.VERBOSE,
)
_CODE_TOKEN = re.compile(
    r"(?<![!-~])(?=[!-~]*\w)[!-~]*(?:[_\\{}\[\]=<>|$^~\d]|\w\.\w|\w\(|::|[a-z][A-Z]|/[!-~]*/|(?<![!-~])[~.]{0,2}/)[!-~]*",
    re.ASCII,
)
_WORD = re.compile(r"(?:[^\W\d_]|[\u0900-\u0963])+")  # \w leaves out the vowel signs of Devanagari
_SHARED = re.compile(
    r"""(?<![\w'’])(?:
      ok | oke | okay | okey | k+ | [bm]?w?a?(?:ha){2,}h? | (?:he|hi|ho){2,}h? | o+h+ | a+h+ | e+h+ | u+h+ | h+m+ | m{2,}
    | a+w+ | w+o+w+ | l+o+l+ | lmf?ao | rofl | x+d+ | omg | wtf | gg | lgtm | wip | tbd | tba | asap | fyi | btw | imh?o
    | brb | afk | tl;?dr | n/a
    )(?![\w'’])""",
    re.VERBOSE | re.IGNORECASE,
)


def prose(text: str) -> str:
    """Take from a message what can tell its language, at most three times `SAMPLE_LENGTH` characters of it.

    Removed are links, mentions, emoji codes, code (fenced, inline, or lines and tokens that read like code), control
    characters, and chat tokens that belong to no language ("ok", "LOL", "hmm"). The result may be empty.
    """
    text = unicodedata.normalize("NFC", text[:READ_LIMIT])
    text = _NOT_PROSE.sub(" ", _LABELLED_LINK.sub(r" \1 ", text))
    text = _SHARED.sub(" ", "\n".join(_lines(_sample(text))))
    return " ".join("".join(_readable(text)).split())


def words(text: str) -> list[str]:
    """The runs of letters in a text, in lower case, for the scripts that several languages share."""
    return _WORD.findall(text.lower())


def _sample(text: str) -> str:
    if len(text) <= 3 * SAMPLE_LENGTH:
        return text
    text = re.sub(r"[^\S\n]+", " ", text)
    if len(text) <= 3 * SAMPLE_LENGTH:
        return text
    middle = (len(text) - SAMPLE_LENGTH) // 2
    return "\n".join((text[:SAMPLE_LENGTH], text[middle : middle + SAMPLE_LENGTH], text[-SAMPLE_LENGTH:]))


def _lines(text: str) -> Iterator[str]:
    """The lines of a text that are not code. Where most lines are, the others are taken for code as well."""
    lines = [line for line in text.splitlines() if line.strip()]
    kept = [line for line in lines if not _is_code(line)]
    if 2 * len(kept) <= len(lines) and len(lines) > 1:
        return
    for line in kept:
        yield _CODE_TOKEN.sub(" ", line)


def _is_code(line: str) -> bool:
    """Whether a line reads like code: it opens like a statement, or has at least two marks of code for every five words."""
    if _CODE_LINE.match(line):
        return True
    marks = len(_CODE_MARK.findall(line))
    return 5 * marks >= 2 * max(1, len(_WORD.findall(line)))


def _readable(text: str) -> Iterator[str]:
    for character in text:
        yield " " if unicodedata.category(character) in {"Cc", "Cs", "Co", "Cn", "So", "Nd", "No"} else character
