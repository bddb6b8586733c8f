"""Languages as people name them: "Portuguese", "português", "pt-BR" and "brazilian portuguese" are all `pt`.

Codes are ISO 639-1; `no` stands for Norwegian in both written forms and `zh` for all Chinese. The names come from
CLDR through langcodes. They are read with the first call (about half a second), or ahead of it with `warm`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

_CODES = (
    "af am ar az be bg bn bs ca cs cy da de el en eo es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk km "
    "kn ko ku ky la lb lg lo lt lv mg mi mk ml mn mr ms mt my ne nl no or pa pl ps pt ro ru rw sd si sk sl sn so sq "
    "sr st sv sw ta te tg th tk tl tn tr ts tt ug uk ur uz vi xh yi yo zh zu "
).split()
_NAMED_IN = "en pt es fr de it nl sv da no pl ru uk tr ja zh ko".split()
"""The languages in which languages are named, beside their own name for themselves."""

_CANONICAL = {"nb": "no", "nn": "no", "yue": "zh", "fil": "tl", "sh": "sr"}
_ALSO = {
    # Names that people use and CLDR does not have.
    "castellano": "es", "castilian": "es", "mandarin": "zh", "cantonese": "zh", "farsi": "fa", "tagalog": "tl",
    "flemish": "nl", "brazilian": "pt", "brasileiro": "pt", "moldovan": "ro", "norsk": "no", "bokmal": "no",
    "nynorsk": "no", "英文": "en", "日文": "ja",
    # Country codes taken for language codes.
    "jp": "ja", "cn": "zh", "cz": "cs", "ua": "uk", "gr": "el", "dk": "da",
}  # fmt: skip
_NOT_A_CODE = {"in", "mo"}
_VARIETY = re.compile(
    r"""\b(?:brazilian|brasileiro|brasil(?:eño|ien|ianisches)?|do|de|european|europeu|iberian|british|american|us|uk|mexican
    |canadian|swiss|austrian|latin[ -]american|simplified|traditional|modern|standard|plain|simple|proper|good|perfect|fluent
    |casual|formal|informal|language|lingua|língua|idioma|sprache|langue)\b""",
    re.VERBOSE,
)
_NOT_CODES_IN_TEXT = set("am as be he is it me my no or so to".split())
_LONGEST = 80
"""Characters of a name; nothing longer is one."""
_REQUEST_LENGTH = 2_000
"""Characters of a request that are searched for a language."""

_EVERYDAY = {"polish", "danish", "turkish", "latin", "even"}
"""Names that are everyday words when written small: "to polish the docs"."""

_QUOTED = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|\"[^\"\n]*\"|“[^”\n]*”|«[^»\n]*»|^>.*$", re.DOTALL | re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_TOKEN = re.compile(rf"{_WORD.pattern}|[^\w\s]")
_INTO = set("into to para pra pro al au aux ins nach zu naar till til vers на".split())
_IN = set("in em en a auf het på po no na".split())
_FILLER = set("o el le la l das de het lo il der ao into plain simple proper".split())
_TRANSLATES = re.compile(
    r"\b(?:translat|tradu|übersetz|vertaal|översätt|oversæt|oversett|przetłumacz|tłumacz|перевед|çevir)\w*", re.IGNORECASE
)
_ASKS = re.compile(
    rf"{_TRANSLATES.pattern}|\b(?:say|put|convert|turn|render|answer|reply|respond|repeat|rephrase|rewrite|summari[sz]e)\b",
    re.IGNORECASE,
)
_WRITTEN = set("is was are were be written wrote posted está é era es ist war est was".split())
_CLOSED = set(
    # After "in German" a noun means something German; one of these means the language.
    (
        "please pls plz thanks thank thx and or but so too also instead again now only here not if when while "
        "because for with without using as by from on of at than that this these those it he she they we i you is "
        "are was were does do did would could should can will may might must the a an my our your his her their "
        "what which who how why where all every any both por para favor obrigado obrigada e ou mas que se com "
        "isso este esta essa esse o os um uma gracias y pero con lo los las s'il s il te vous plait plaît merci "
        "et mais le les ce cette bitte danke und oder aber der die das den dies diese per favore grazie ed ma "
        "alstublieft graag en tack tak proszę пожалуйста lütfen version translation "
    ).split()
)
_CJK_TARGET = re.compile(r"([぀-ヿ一-鿿]{1,8}[語语文])(?:で|に|へ|$|[。？！?!，、\s])")


def find(name: str) -> str | None:
    """The language (ISO 639-1) of a name or code as people write it, or None. Reads names in some twenty languages."""
    plain = _plain(name[:_LONGEST].replace("_", "-"))
    if not plain or len(name) > _LONGEST:
        return None
    found = _names().get(plain) or _from_code(plain) or _names().get(_without_variety(plain))
    return found or _from_library(name)


def mentioned(text: str) -> str | None:
    """The language (ISO 639-1) that a request asks for ("in Spanish please", "traduza para inglês"), or None.

    A language counts as asked for after a word of direction, or when the text is nothing but its name and courtesy.
    Quoted text and code are not read, and the language something *is* written in does not count.
    """
    text = _QUOTED.sub(" ", text[:_REQUEST_LENGTH])
    if code := next(_asked(text), None):
        return code
    rest = [word for word in _WORD.findall(text) if _plain(word) not in _CLOSED]
    return _names().get(_without_variety(_plain(" ".join(rest)))) if rest and not _everyday(rest[-1]) else None


def display(code: str, in_language: str = "en") -> str:
    """The name of a language in another: ("de", "pt") is "alemão". An unknown code is returned as it is."""
    from langcodes import Language
    from langcodes.tag_parser import LanguageTagError

    try:
        language = Language.get(code)
        return language.display_name(in_language) if language.is_valid() else code
    except LanguageTagError:
        return code


def warm() -> None:
    """Read the names now."""
    _names()


@cache
def _names() -> dict[str, str]:
    """Every known name, plain, with its code. English names win where two languages share one."""
    from langcodes import Language

    names: dict[str, str] = {}
    for spoken in (*_NAMED_IN, None):
        for code in _CODES:
            name = _plain(Language.get(code).display_name(spoken or code))
            if name != code:
                names.setdefault(name, code)
    return {**names, **_ALSO}


def _from_code(plain: str) -> str | None:
    from langcodes import standardize_tag, tag_is_valid
    from langcodes.tag_parser import LanguageTagError

    try:
        code = standardize_tag(plain, macro=True).partition("-")[0] if tag_is_valid(plain) else ""
    except LanguageTagError:
        return None
    code = _CANONICAL.get(code, code)
    return code if code in _CODES and plain not in _NOT_A_CODE else None


def _from_library(name: str) -> str | None:
    """What langcodes makes of a name; it knows many more, in exactly their spelling."""
    import langcodes

    if not name.isprintable():  # the library keeps its names in a trie that control characters upset
        return None
    try:
        code = langcodes.standardize_tag(langcodes.find(name), macro=True).partition("-")[0]
    except LookupError:
        return None
    code = _CANONICAL.get(code, code)
    return code if code in _CODES else None


def _asked(text: str) -> Iterator[str]:
    """The languages named after a word of direction, in order."""
    tokens = _TOKEN.findall(text)
    asks, translates = bool(_ASKS.search(text)), bool(_TRANSLATES.search(text))
    for index, token in enumerate(tokens[:-1]):
        direction, before = token.lower(), tokens[index - 1].lower() if index else ""
        if direction not in _INTO | _IN or (direction in _IN and before in _WRITTEN):
            continue
        name, follower = _named(tokens[index + 1 : index + 5])
        last = not follower[:1].isalpha()
        code = _names().get(_plain(name)) if len(name) > 2 else None
        if code is None and asks and last and name not in _NOT_CODES_IN_TEXT:
            code = _from_code(name.lower())
        ends = last or _plain(follower) in _CLOSED or (translates and direction in _INTO)
        if code and ends and not (direction == "to" and not asks and _everyday(name)):
            yield code
    for match in _CJK_TARGET.finditer(text):
        yield from filter(None, (_names().get(match.group(1)[start:]) for start in range(len(match.group(1)))))


def _named(tokens: list[str]) -> tuple[str, str]:
    """The word that may name a language, past articles and varieties ("into simplified Chinese"), and the next token."""
    while len(tokens) > 1 and (tokens[0].lower() in _FILLER or _VARIETY.fullmatch(tokens[0].lower())):
        tokens = tokens[1:]
    return tokens[0], tokens[1] if len(tokens) > 1 else ""


def _everyday(name: str) -> bool:
    return name in _EVERYDAY


def _without_variety(plain: str) -> str:
    return " ".join(_VARIETY.sub(" ", re.sub(r"\([^)]*\)", " ", plain)).split())


def _plain(name: str) -> str:
    """Lower case, no accents on Latin letters, single spaces, no punctuation at the ends."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(letter for letter in letters if not "\u0300" <= letter <= "\u036f")
    return " ".join(unicodedata.normalize("NFC", bare).split()).strip(" .,!?:;'\"()")
