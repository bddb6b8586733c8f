"""Decides what a message wants: an explicit command first, the trained classifier second, "not sure" third."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar, cast

from bot import slots
from bot.slots import Message
from handlers import pivot
from handlers.conversation import Intent, Request, Slots
from models.types import Engine

# A verdict counts when it is likelier than all others together; the recipe of the intent head sets "unsure" to that line.
SURE = 0.5
# Characters of either end of a long message that the classifier sees: a request stands at its beginning or at its end.
EDGE = 150

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
    "summarize": "summarize this in 3 points",
    "ask": "who owns the fix?",
    "sentiment": "how do people feel about the release?",
    "translate": "in Portuguese, please",
    "help": "what can you do?",
}

Found = TypeVar("Found")

_NAMES = "|".join(re.escape(name) for name in COMMANDS)
_CHAT = re.compile(r"[/!]chat(?!\w)[\s:]*(?P<rest>.*)", re.I | re.S)
_MARKED = re.compile(rf"[/!](?P<name>{_NAMES})(?!\w)[\s:]*(?P<rest>.*)", re.I | re.S)
_LEADING = re.compile(rf"(?P<name>{_NAMES})\s*(?:[.!?]*|:\s*(?P<rest>\S.*))", re.I | re.S)
_TRANSLATE = re.compile(r"translate\s+(?P<rest>[^:\n]{2,40}:\s*\S.*)", re.I | re.S)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a message goes.

    `score` is the intent's probability, 1.0 where it was said outright. `pivot` names the languages through which it was
    understood ("pt>en"). `suggestions` are things to write instead, likeliest first, where the intent is unsure.
    """

    intent: Intent
    slots: Slots
    score: float
    pivot: str | None = None
    suggestions: tuple[str, ...] = ()


class Router:
    """Routes messages. The same message always takes the same way."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def route(self, request: Request) -> Route:
        """Find the intent and its slots. Raises `models.types.EngineError`.

        What stands before a colon decides where it asks for what follows to be translated or judged; else the whole does.
        """
        message, introduced, outright = await asyncio.to_thread(_read, request.text)
        if outright:
            return outright
        if introduced:
            route = await self._verdict(introduced, request)
            if route.intent in {"translate", "sentiment"}:
                return route
        return await self._verdict(message, request)

    async def _verdict(self, message: Message, request: Request) -> Route:
        frame = _ends(message.frame)
        readable = sorted(source for source, target in self._engine.pairs if target == "en")
        reading = await pivot.english(self._engine, frame, hints=(*request.languages, "en", *readable))
        # What a short message quotes says something about what is wanted: what does "bis später" mean?
        short = not reading.pair and len(message.said) <= EDGE
        found = await self._engine.intent(message.said if short else reading.text)
        if found.label == "unsure" or found.scores[found.label] < SURE:
            likeliest = sorted(EXAMPLES, key=lambda intent: -found.scores[intent])
            return _unsure(found.scores["unsure"], tuple(likeliest))
        intent = cast(Intent, found.label)
        filled = await asyncio.to_thread(_slots, intent, message, (frame, reading.text))
        return Route(intent, filled, found.scores[intent], reading.pair)


def _read(text: str) -> tuple[Message, Message | None, Route | None]:
    """The message, the same as what introduces a text and that text, and where it goes if it says so outright.

    The names of languages are read with the first call, which takes its time: not on the event loop.
    """
    message = slots.read(text)
    if not re.search(r"[\w?]", message.said):
        return message, None, _unsure(1.0, tuple(EXAMPLES))
    introduced = slots.introduced(message)
    outright = _command(message.said) or (introduced and _bare_target(introduced)) or _bare_target(message)
    return message, introduced, outright


def _command(said: str) -> Route | None:
    """What is said outright: "/summarize 5", "!ask who owns it?", "translate to pt: good night", "tldr"."""
    if match := _CHAT.fullmatch(said):  # never without its mark: people say "chat" of much else
        return Route("chat", Slots(text=match["rest"].strip() or None), 1.0)
    if match := _MARKED.fullmatch(said) or _LEADING.fullmatch(said):
        intent = COMMANDS[match["name"].lower()]
        return Route(intent, _arguments(intent, (match["rest"] or "").strip()), 1.0)
    if match := _TRANSLATE.fullmatch(said):
        arguments = _arguments("translate", match["rest"])
        return Route("translate", arguments, 1.0) if arguments.target else None
    return None


def _bare_target(message: Message) -> Route | None:
    """A language and nothing else: "in Spanish please", in whatever language that is said."""
    target = slots.bare_target(message.frame)
    return Route("translate", Slots(target=target, text=message.inline), 1.0) if target else None


def _arguments(intent: Intent, rest: str) -> Slots:
    """The slots of a command."""
    match intent:
        case "summarize":
            return Slots(sentences=slots.leading_number(rest) or slots.sentences(rest))
        case "translate":
            target, text = slots.translation(rest)
            return Slots(target=target, text=text)
        case "ask" | "sentiment":
            return Slots(text=slots.unquoted(rest) or None)
        case _:
            return Slots()


def _slots(intent: Intent, message: Message, frames: tuple[str, str]) -> Slots:
    """The slots of a message in free words. `frames` is what the classifier saw of it, as written and in English."""
    match intent:
        case "summarize":
            return Slots(sentences=_first(slots.sentences(frame) for frame in frames))
        case "translate":
            target = _first(slots.target(frame) for frame in frames)
            return Slots(target=target, text=message.inline or slots.said_in(message.frame))
        case "ask":
            return Slots(text=message.said)
        case "sentiment":
            return Slots(text=message.inline)
        case _:
            return Slots()


def _ends(text: str) -> str:
    return text if len(text) <= 2 * EDGE else f"{text[:EDGE]} {text[-EDGE:]}"


def _unsure(score: float, likeliest: tuple[Intent, ...]) -> Route:
    return Route("unsure", Slots(), score, suggestions=tuple(EXAMPLES[intent] for intent in likeliest))


def _first(found: Iterable[Found | None]) -> Found | None:
    return next((one for one in found if one is not None), None)
