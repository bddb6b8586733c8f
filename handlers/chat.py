"""Free conversation with a generative model, where the profile has one. What it says is not taken from the thread."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

from handlers.base import NothingToRead, NotOffered
from handlers.conversation import Coverage, Intent, Part, Provenance, Reply, Request, Text
from models.types import DeadlinePassed, Engine, Generation, Message

BREAK = " …"
"""Stands where an answer was cut."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """An answer while it is written: its pieces, and `reply` once they are over."""

    generation: Generation
    coverage: Coverage | None

    async def pieces(self) -> AsyncIterator[str]:
        """What can be shown, as it comes; ends with `BREAK` where the model had more to say than it might."""
        begun = False
        try:
            async with aclosing(self.generation.pieces) as pieces:
                async for piece in pieces:
                    begun = True
                    yield piece
        except DeadlinePassed:
            if not begun:
                raise
            self.generation.cut = True
        if self.generation.cut:
            yield BREAK

    def reply(self, text: str) -> Reply:
        """The answer as a whole."""
        parts: tuple[Part, ...] = (Text(text.strip() or "The model has no answer to that."),)
        told = (self.coverage,) if self.coverage else ()
        return Reply((*parts, *told), Provenance((self.generation.model,), generated=True), "chat")


class Chat:
    """Answers `chat`: the message, after what was said in the thread before it."""

    intent: Intent = "chat"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def offered(self) -> bool:
        """Whether there is a model to talk to."""
        return "generate" in self._engine.writes

    async def speak(self, request: Request) -> Spoken:
        """Begin an answer. Raises `NotOffered`, `NothingToRead`, and `EngineError` as the engine does."""
        if not self.offered:
            raise NotOffered
        before = [*request.thread.turns, *([request.quoted] if request.quoted else [])]
        said = (request.slots.text or "").strip() or (before.pop().text if request.quoted else "")
        if not said.strip():
            raise NothingToRead
        told = [f"{turn.speaker}: {turn.text}" if turn.speaker else turn.text for turn in before if turn.text.strip()]
        messages = [*(Message("user", text) for text in told), Message("user", said)]
        generation = await self._engine.generate(messages)
        unread = len(messages) - generation.read
        thread = request.thread
        return Spoken(generation, thread.coverage(max(0, len(thread) - unread)) if thread.turns else None)

    async def handle(self, request: Request, /) -> Reply:
        """The whole answer, marked as generated."""
        spoken = await self.speak(request)
        return spoken.reply("".join([piece async for piece in spoken.pieces()]))
