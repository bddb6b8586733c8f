"""What a message says beside its intent: the text it is about, a target language, a number of points. No model."""

from __future__ import annotations

import re
from dataclasses import dataclass

from handlers import languages

# The languages of the world's commonest short words; as a bare code these are taken for the word ("/translate it works").
ENGLISH_WORDS = frozenset("am an as be do he hi id in is it me my no or so to us".split())
VARIETIES = "brazilian|european|american|british|mexican|latin american|canadian|swiss|simplified|traditional"
NUMBERS = "zero one two three four five six seven eight nine ten".split()
LONGEST_COURTESY = 80
FEW = {"a couple of": 2, "a few": 3, "a": 1, "single": 1, "dozen": 12}

_MENTION = re.compile(
    r"^\s*(?:(?:hey|hi|hello|ok|okay)\b[\s,]*)?(?:<@[!&]?\w+>|@\w+|parley\b(?!['’]))[,:]?|(?:<@[!&]?\w+>|@parley)\s*$", re.I
)
_BLOCK = re.compile(r"^[ \t]*>[ \t]?(.*)$", re.M)
_QUOTES = re.compile(
    r"""
    "([^"\n]+)" | “([^”]+)” | „([^“”]+)[“”] | «([^»]+)»
    | ```(?:\w*\n)?(.+?)```
    | (?<!\w)['‘]([^'‘’\n]+)['’](?!\w)  # and not an apostrophe
    """,
    re.S | re.X,
)
_COLON = re.compile(r"(?P<head>[^:\n]{2,80}?)\s*:\s+(?P<tail>\S.*)", re.S)
_COUNT = re.compile(
    rf"\b(?P<number>\d{{1,3}}|{'|'.join(NUMBERS[1:])}|{'|'.join(FEW)})[\s-]+(?:(?!of\b)\w+[\s-]+){{0,2}}?"
    r"(?:points?|bullets?|sentences?|lines?|liners?|items?|takeaways?|highlights?|pontos?|frases?|linhas?|itens|t[óo]picos?)\b",
    re.I,
)
_VERSION = re.compile(r"\b(?P<name>[^\W\d_][\w-]*(?:\s+[\w-]+)?)\s+(?:version|translation|word\s+for|for\s+[\"“'«])", re.I)
_CODE = re.compile(r"[a-z]{1,3}(?:-[a-z]{2,4})?", re.I)
_LEAD = re.compile(
    rf"(?:(?P<into>to|into|in|para|em)\s+)?(?P<name>(?:(?:{VARIETIES})\s+)?[^\s:]+)\s*(?P<colon>:?)\s*(?P<text>.*)",
    re.I | re.S,
)
_TAIL = re.compile(r"(?P<text>.*\S)\s+(?:to|into|in|em|para)\s+(?P<name>[^\n]{2,30})", re.I | re.S)
_SAY = re.compile(
    r"\s*(?:(?:please|pls|can|could|would|you)\s+){0,3}"
    r"(?:translate|how\s+(?:do|would|can|should)\s+(?:you|i|we|one)\s+(?:say|write))\s+(?P<rest>\S.*)",
    re.I | re.S,
)
_POINTING = re.compile(
    r"(?:this|that|these|those|it|what|everything|all|from)\b|(?:the|my|his|her|their|our|your)(?:\s+\S+){1,2}\Z"
    r"|.*\b(?:messages?|thread|post|above|said|wrote)\b",
    re.I | re.S,
)
_FILLER = frozenset(
    "in into to em para o a en al el auf ins på po na also and ok now this that it again same once more "
    "please pls plz thanks thx "
    "e agora por favor y het bitte jetzt und s il te vous plaît plait svp tack graag per favore proszę 'il".split()
)


@dataclass(frozen=True, slots=True)
class Message:
    """A message to the bot without its mention. `frame` is what is left of `said` without the text that it is about."""

    said: str
    frame: str
    inline: str | None


def read(text: str) -> Message:
    """Take a message apart: `how does this sound: "fine"` is about "fine", and so is a block quote above a request."""
    said = _MENTION.sub(" ", text).strip()
    for pattern, joint in ((_BLOCK, "\n"), (_QUOTES, " ")):
        if found := [_inside(match) for match in pattern.finditer(said)]:
            frame = " ".join(pattern.sub(" ", said).split())
            return Message(said, frame.strip(" :") or said, joint.join(found).strip() or None)
    return Message(said, said, None)


def introduced(message: Message) -> Message | None:
    """The message as a request and the text after its first colon, if it has one: "how does this sound: we will be late"."""
    match = None if message.inline else _COLON.fullmatch(message.frame)
    return Message(match["head"], match["head"], match["tail"].strip()) if match else None


def unquoted(text: str) -> str:
    """The text without quotation marks around the whole of it."""
    match = _QUOTES.fullmatch(text.strip())
    return _inside(match) if match else text


def sentences(text: str) -> int | None:
    """A number of points, sentences or lines: "in 3 points", "a couple of bullets", "one-liner"."""
    match = _COUNT.search(text)
    if not match:
        return None
    number = match["number"].lower()
    if number.isdecimal():
        return int(number) or None
    return FEW.get(number) or NUMBERS.index(number)


def leading_number(text: str) -> int | None:
    """The number that a command's arguments start with: "5", "5 points please"."""
    match = re.match(r"\d{1,3}\b", text)
    return int(match[0]) or None if match else None


def target(text: str) -> str | None:
    """The language to translate to: "say that in English", "what's the German word for bread"."""
    version = _VERSION.search(text)
    return languages.mentioned(text) or (_name(version["name"]) if version else None)


def bare_target(text: str) -> str | None:
    """The language of a message that is nothing but one, with a preposition or a courtesy: "em português, por favor"."""
    if len(text) > LONGEST_COURTESY:
        return None
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text)
    named = " ".join(word for word in words if word.lower() not in _FILLER)
    if _CODE.fullmatch(named):  # and not just a short word: "no", "lol", "is it"
        return languages.find(named) if "-" in named or words[0].lower() in {"in", "into", "to"} else None
    return languages.mentioned(text) if languages.find(named) else None


def said_in(text: str) -> str | None:
    """The text that needs no quotes in "how do you say good night in Japanese" and "translate good night to Japanese"."""
    match = _SAY.fullmatch(text)
    tail = _TAIL.fullmatch(match["rest"]) if match else None
    return tail["text"] if tail and _name(tail["name"]) and not _POINTING.match(tail["text"]) else None


def translation(arguments: str) -> tuple[str | None, str | None]:
    """Target and text of a translate command: "pt good night", "to Portuguese: good night", "good night to Portuguese"."""
    match = _LEAD.fullmatch(arguments.strip())
    if not match:
        return None, None
    if (code := languages.find(match["name"].strip(",.!?"))) and not _is_word(match):
        return code, unquoted(match["text"].strip()) or None
    tail = _TAIL.fullmatch(arguments.strip())
    if tail and (code := _name(tail["name"])):
        return code, unquoted(tail["text"].strip(" :"))
    return None, unquoted(arguments.strip())


def _is_word(match: re.Match[str]) -> bool:
    """Whether what might be a code is rather the first word of the text: "it works", but not "to it: works"."""
    return match["name"].lower() in ENGLISH_WORDS and bool(match["text"]) and not (match["into"] or match["colon"])


def _inside(match: re.Match[str]) -> str:
    """What the one group that took part holds."""
    return match[match.lastindex or 0]


def _name(words: str) -> str | None:
    """The language that some words name, or the last or the first of them: "Brazilian Portuguese", "the German"."""
    some = words.strip(" ,.!?").split()
    found = (languages.find(name.strip(",")) for name in (" ".join(some), some[-1], some[0]))
    return next(filter(None, found), None)
