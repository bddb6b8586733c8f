"""Decides what a message wants: an explicit command first, the trained classifier second, "not sure" third."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from bot import slots as reading
from bot.slots import Message
from handlers.conversation import Intent, Request, Slots
from models.types import Classification, Engine

# A verdict counts when it is likelier than all others together; the recipe of the intent head sets "unsure" against that line.
SURE = 0.5
# What is read of a long message: a request stands at its beginning or at its end.
EDGE = 300

COMMANDS: Mapping[str, Intent] = {
    "summarize": "summarize",
    "summarise": "summarize",
    "summary": "summarize",
    "tldr": "summarize",
    "tl;dr": "summarize",
    "recap": "summarize",
    "ask": "ask",
    "sentiment": "sentiment",
    "mood": "sentiment",
    "translate": "translate",
    "help": "help",
    "commands": "help",
}
EXAMPLES: Mapping[Intent, str] = {
    "summarize": "Summarize this thread in 3 points",
    "ask": "Who owns the fix?",
    "sentiment": "How do people feel about the release?",
    "translate": "In Spanish, please",
    "help": "What can you do?",
}

_NAMES = "|".join(re.escape(name) for name in sorted(COMMANDS, key=len, reverse=True))
_MARKED = re.compile(rf"[/!](?P<name>{_NAMES})(?!\w)[\s:]*(?P<rest>.*)", re.I | re.S)
_LEADING = re.compile(rf"(?P<name>{_NAMES})\s*(?:[.!?]*|:\s*(?P<rest>\S.*))", re.I | re.S)
_TRANSLATE = re.compile(r"translate\s+(?P<rest>[^:\n]{2,40}:\s*\S.*)", re.I | re.S)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a message goes.

    `score` is the intent's probability, 1.0 where it was said outright. `pivot` names the languages it was understood
    through ("pt>en"). `suggestions` are things to write instead, likeliest first, when the intent is unsure.
    """

    intent: Intent
    slots: Slots
    score: float
    pivot: str | None = None
    suggestions: tuple[str, ...] = ()


class Router:
    """Routes messages, deterministically, by what they say and the message they reply to."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def route(self, request: Request) -> Route:
        """Find the intent and its slots. Raises `models.types.EngineError`."""
        message = reading.read(request.text)
        if not re.search(r"\w|\?", message.said):
            return _unsure(1.0, tuple(EXAMPLES))
        return _command(message, request) or _bare_target(message, request) or await self._classified(message, request)

    async def _classified(self, message: Message, request: Request) -> Route:
        """What the classifier makes of it. Before a colon may stand the request, and after it the text."""
        if message.inline is None and (parts := reading.colon(message.frame)):
            route = await self._verdict(Message(message.said, *parts), request)
            if route.intent in {"translate", "sentiment"}:
                return route
        return await self._verdict(message, request)

    async def _verdict(self, message: Message, request: Request) -> Route:
        frame = message.frame if len(message.frame) <= 2 * EDGE else f"{message.frame[:EDGE]} {message.frame[-EDGE:]}"
        english, pivot = await self._english(frame, request)
        verdict = await self._engine.intent(english)
        intent, score = cast(Intent, verdict.label), verdict.scores[verdict.label]
        if intent == "unsure" or score < SURE:
            return _unsure(verdict.scores["unsure"], _likeliest(verdict))
        return Route(intent, _slots(intent, message, english, request), score, pivot)

    async def _english(self, text: str, request: Request) -> tuple[str, str | None]:
        """The text in English, for the classifier, and the pair of languages if it had to be translated."""
        source = (await self._engine.language(text, hints=(*request.languages, "en"))).language
        if source is None or (source, "en") not in self._engine.pairs:
            return text, None
        translation = await self._engine.translate(text, source=source, target="en")
        return translation.text, f"{source}>en"


def _command(message: Message, request: Request) -> Route | None:
    """What was said outright: "/summarize 5", "!ask who owns it?", "translate to pt: good night", "tldr"."""
    if match := _MARKED.fullmatch(message.said) or _LEADING.fullmatch(message.said):
        intent, rest = COMMANDS[match["name"].lower()], (match["rest"] or "").strip()
    elif (match := _TRANSLATE.fullmatch(message.said)) and reading.translation(match["rest"])[0]:
        intent, rest = "translate", match["rest"]
    else:
        return None
    return Route(intent, _arguments(intent, rest, request), 1.0)


def _arguments(intent: Intent, rest: str, request: Request) -> Slots:
    """The slots of a command; what it needs and does not say is taken from the quoted message."""
    quoted = request.quoted.text if request.quoted else None
    match intent:
        case "summarize":
            return Slots(sentences=reading.leading(rest) or reading.sentences(rest))
        case "translate":
            target, text = reading.translation(rest)
            return Slots(target=target, text=text or quoted)
        case "ask":
            return Slots(text=rest or quoted)
        case "sentiment":
            return Slots(text=reading.unquoted(rest) or quoted)
        case _:
            return Slots()


def _bare_target(message: Message, request: Request) -> Route | None:
    """A translation asked for by nothing but its language: "in Spanish please", whatever language that is said in."""
    target = reading.bare_target(message.frame)
    return Route("translate", _slots("translate", message, message.frame, request), 1.0) if target else None


def _slots(intent: Intent, message: Message, english: str, request: Request) -> Slots:
    """The slots of a message in free words; `english` is how its frame was understood."""
    text = message.inline or (request.quoted.text if request.quoted else None)
    match intent:
        case "summarize":
            return Slots(sentences=reading.sentences(message.frame) or reading.sentences(english))
        case "translate":
            target = reading.bare_target(message.frame) or reading.target(message.frame) or reading.target(english)
            return Slots(target=target, text=message.inline or reading.said_in(message.frame) or text)
        case "ask":
            return Slots(text=message.said)
        case "sentiment":
            return Slots(text=text)
        case _:
            return Slots()


def _likeliest(verdict: Classification) -> tuple[Intent, ...]:
    return tuple(sorted(EXAMPLES, key=lambda intent: -verdict.scores[intent]))


def _unsure(score: float, likeliest: tuple[Intent, ...]) -> Route:
    return Route("unsure", Slots(), score, suggestions=tuple(EXAMPLES[intent] for intent in likeliest))
