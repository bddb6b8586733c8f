"""What a handler is, and what can go wrong in one.

    HandlerError
    ├── NothingToRead    the request names no text, and there is no thread to take it from
    ├── TargetUnknown    a translation without a language to translate to
    ├── LanguageUnclear  the language of a text cannot be told, and several are possible
    ├── QuestionMissing  /ask without a question
    └── NotOffered       a conversation where the profile has no model for one

Errors of the models (`models.types.EngineError`) pass through handlers untouched.
"""

from __future__ import annotations

from typing import Protocol

from handlers.conversation import Intent, Reply, Request


class HandlerError(Exception):
    """Raised when a request cannot be answered as it stands, whatever the models say."""


class NothingToRead(HandlerError):
    """Raised when there is neither a text nor a thread to work on."""


class TargetUnknown(HandlerError):
    """Raised when no target language was named and none can be inferred."""


class LanguageUnclear(HandlerError):
    """Raised when the language of a text cannot be told, and several are possible."""


class QuestionMissing(HandlerError):
    """Raised when a question was expected and none was given."""


class NotOffered(HandlerError):
    """Raised when something was asked for that nobody has set up here."""


class Handler(Protocol):
    """Answers the requests of one intent."""

    @property
    def intent(self) -> Intent:
        """The intent it answers."""

    async def handle(self, request: Request, /) -> Reply:
        """Answer. Raises `HandlerError` or `models.types.EngineError`."""
