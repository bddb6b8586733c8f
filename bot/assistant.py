"""From a request to a reply: route it, let the one handler answer it, turn what goes wrong into polite words."""

from __future__ import annotations

import logging
import traceback

from bot import wording
from bot.router import Router
from handlers import Handlers
from handlers.base import HandlerError
from handlers.conversation import Reply, Request, Suggestions, Text
from models.types import EngineError

log = logging.getLogger(__name__)


class Assistant:
    """Answers requests, whatever platform they come from. Never raises for what a person wrote or a model did."""

    def __init__(self, router: Router, handlers: Handlers) -> None:
        self._router, self._handlers = router, handlers.by_intent

    async def answer(self, request: Request) -> Reply:
        """Answer a request; it is routed first unless its intent is known."""
        try:
            return await self._answer(request)
        except (HandlerError, EngineError) as error:
            if not isinstance(error, HandlerError):
                log.warning("request ended with %s", _trace(error))
            return Reply((Text(wording.sentence(error)),))
        except Exception as error:
            log.error("request failed with %s", _trace(error))
            return Reply((Text(wording.BROKEN),))

    async def overheard(self, request: Request) -> Reply | None:
        """Answer a message that did not call the bot by name; None where it is not sure that an answer is wanted."""
        try:
            route = await self._router.route(request)
        except EngineError as error:
            log.warning("overheard request ended with %s", _trace(error))
            return None
        return None if route.intent == "unsure" else await self.answer(request.routed(route.intent, route.slots))

    async def _answer(self, request: Request) -> Reply:
        if request.intent is None:
            route = await self._router.route(request)
            if route.intent == "unsure":
                return Reply((Text(wording.UNSURE), Suggestions(route.suggestions)))
            request = request.routed(route.intent, route.slots)
        assert request.intent is not None
        return await self._handlers[request.intent].handle(request)


def _trace(error: BaseException) -> str:
    """Types and places of an error and its cause. Never their texts, which may quote what somebody wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    cause = f", caused by {_trace(error.__cause__)}" if error.__cause__ else ""
    return f"{type(error).__name__}{place}{cause}"
