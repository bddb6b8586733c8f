"""From a request to a reply: route it, let the one handler answer it, turn what goes wrong into polite words."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from bot import wording
from bot.router import Router
from handlers import Handlers
from handlers.base import HandlerError
from handlers.conversation import Intent, Reply, Request, Slots, Suggestions, Text
from models.types import EngineError

log = logging.getLogger(__name__)

Told = TypeVar("Told")

Reader = Callable[[Request], Awaitable[Request]]
"""Completes a routed request by what it is about: its thread, or the message it quotes. May raise `NotReadable`."""


class NotReadable(Exception):
    """Raised where what a request is about may not, or cannot, be read; a sentence for whoever asked."""


class Assistant:
    """Answers requests, whatever platform they come from. Never raises for what a person wrote or a model did.

    Args:
        converse: whether a message that asks for nothing else is talk with the model for that, where there is one.
    """

    def __init__(self, router: Router, handlers: Handlers, *, converse: bool = False) -> None:
        self._router, self._handlers, self._translating = router, handlers.by_intent, handlers.translating
        self._converse = converse and handlers.chat.offered

    @property
    def languages(self) -> list[str]:
        """Every language that answers can be given in (ISO 639-1)."""
        return sorted({"en", *self._translating.languages})

    async def answer(self, request: Request, *, read: Reader | None = None) -> Reply:
        """Answer a request; it is routed first unless its intent is known.

        Where the thread is not in the request yet, `read` fetches it, and only if it is needed.
        """
        reply = await self._answered(request, read, heard=False)
        assert reply is not None
        return reply

    async def overheard(self, request: Request, *, read: Reader | None = None) -> Reply | None:
        """Answer a message that did not call the bot by name; None where it is not sure that an answer is wanted."""
        return await self._answered(request, read, heard=True)

    async def retold(self, reply: Reply, language: str) -> Reply:
        """The same answer in another language."""
        told = await self._polite(self._translating.retold(reply, target=language))
        assert told is not None
        return told

    async def _answered(self, request: Request, read: Reader | None, *, heard: bool) -> Reply | None:
        if request.intent is None:
            routed = await self._polite(self._routed(request, heard=heard), silent=heard)
            if not isinstance(routed, Request):
                return routed
            request = routed
        return await self._polite(self._handled(request, read))

    async def _routed(self, request: Request, *, heard: bool) -> Request | Reply | None:
        """The request with its intent; where that is unsure, what to say instead."""
        route = await self._router.route(request)
        if route.intent != "unsure":
            return request.routed(route.intent, route.slots)
        if self._converse and not heard and request.text.strip():
            return request.routed("chat", Slots(text=request.text))
        return None if heard else Reply((Text(wording.UNSURE), Suggestions(route.suggestions)))

    async def _handled(self, request: Request, read: Reader | None) -> Reply:
        intent = request.intent
        assert intent is not None
        if read and _about_others(intent, request):
            request = await read(request)
        return replace(await self._handlers[intent].handle(request), intent=intent)

    async def _polite(self, work: Awaitable[Told], *, silent: bool = False) -> Told | Reply | None:
        """What the work comes to, or a sentence that says why it came to nothing; None instead of that where `silent`."""
        try:
            return await work
        except NotReadable as error:
            sentence = str(error)
        except (HandlerError, EngineError) as error:
            if not isinstance(error, HandlerError):
                log.warning("request ended with %s", _trace(error))
            sentence = wording.sentence(error)
        except Exception as error:
            log.error("request failed with %s", _trace(error))
            sentence = wording.BROKEN
        return None if silent else Reply((Text(sentence),))


def _about_others(intent: Intent, request: Request) -> bool:
    """Whether a request is about what others wrote, and not about a text that it brings along."""
    return intent in {"ask", "chat"} or (intent != "help" and request.slots.text is None)


def _trace(error: BaseException) -> str:
    """Types and places of an error and its cause. Never their texts, which may quote what somebody wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    cause = f", caused by {_trace(error.__cause__)}" if error.__cause__ else ""
    return f"{type(error).__name__}{place}{cause}"
