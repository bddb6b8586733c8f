"""What the bot can do. `build` is the one list of handlers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from handlers.answering import Answering
from handlers.base import Handler
from handlers.chat import Chat
from handlers.conversation import Intent
from handlers.help import Help
from handlers.sentiment import Sentiment
from handlers.summarization import Summarization
from handlers.translation import Translating
from models.types import Engine


@dataclass(frozen=True, slots=True)
class Handlers:
    """One handler an intent."""

    sentiment: Sentiment
    translating: Translating
    answering: Answering
    summarization: Summarization
    chat: Chat
    help: Help

    @property
    def by_intent(self) -> Mapping[Intent, Handler]:
        """Each handler under the intent it answers."""
        return {handler.intent: handler for field in fields(self) if (handler := getattr(self, field.name))}


def build(engine: Engine) -> Handlers:
    """All handlers on one engine."""
    return Handlers(Sentiment(engine), Translating(engine), Answering(engine), Summarization(engine), Chat(engine), Help())
