"""Translation of a quoted or given text, or of the last turn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial

import regex as re

from handlers.base import LanguageUnclear, NothingToRead, TargetUnknown
from handlers.conversation import Intent, Part, Points, Provenance, Quote, Reply, Request, Text
from handlers.pace import each
from models.types import Engine, PairUnsupported, TextRefused, Translation

VISIBLE = re.compile(r"[^\s\p{C}]")


class Translating:
    """Answers `translate`. The target is the one named, else the reader's own language."""

    intent: Intent = "translate"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def translate(
        self, text: str, *, target: str, source: str | None = None, hints: Sequence[str] = ()
    ) -> Translation:
        """Translate `text`; without a `source` its language is identified. A text that is in `target` comes back as it is.

        Raises `LanguageUnclear` when the language cannot be told, and `EngineError` as the engine does.
        """
        if not VISIBLE.search(text):
            raise TextRefused("empty")
        source = source or await self._source(text, target, hints)
        if source == target:
            return Translation(text, source, target, "none")
        return await self._engine.translate(text, source=source, target=target)

    @property
    def languages(self) -> list[str]:
        """Every language that can be translated to (ISO 639-1)."""
        return sorted({target for _, target in self._engine.pairs})

    async def retold(self, reply: Reply, *, target: str) -> Reply:
        """An answer in another language; what cannot be translated stays as it is. Raises `EngineError`."""
        pairs: dict[str, str] = {}

        async def told(text: str) -> str:
            try:
                found = await self.translate(text, target=target)
            except (TextRefused, PairUnsupported, LanguageUnclear):
                return text
            if found.source != target:
                pairs[found.route] = found.model
            return found.text

        parts = await each(partial(_told, told), reply.parts)
        models = dict.fromkeys([*reply.provenance.models, *pairs.values()])
        languages = dict.fromkeys([*reply.provenance.languages, *pairs])
        provenance = replace(reply.provenance, models=tuple(models), languages=tuple(languages))
        return replace(reply, parts=tuple(parts), provenance=provenance)

    async def handle(self, request: Request, /) -> Reply:
        """The translated text; says so when there was nothing to translate."""
        text = request.slots.text or (request.quoted.text if request.quoted else None)
        if text is None and request.thread.turns:
            text = request.thread.turns[-1].text
        if text is None:
            raise NothingToRead
        target = request.slots.target or (request.languages[0] if request.languages else None)
        if target is None:
            raise TargetUnknown
        found = await self.translate(text, target=target, hints=request.languages)
        if found.source == found.target:
            if request.slots.target is None:
                raise TargetUnknown
            return Reply((Text("That is already in the language you asked for:"), Text(text)))
        return Reply((Text(found.text),), Provenance((found.model,), (found.route,)))

    async def _source(self, text: str, target: str, hints: Sequence[str]) -> str:
        detected = (await self._engine.language(text, hints=hints)).language
        if detected is not None:
            return detected
        sources = sorted(source for source, to in self._engine.pairs if to == target)
        if not sources:
            raise PairUnsupported("?", target)
        if len(sources) > 1:
            raise LanguageUnclear
        return sources[0]  # too short to tell, and only one language can be meant


async def _told(told: Callable[[str], Awaitable[str]], part: Part) -> Part:
    """A part of an answer with its words translated."""
    match part:
        case Text():
            return Text(await told(part.text))
        case Points():
            return replace(part, points=tuple([replace(point, text=await told(point.text)) for point in part.points]))
        case Quote():
            text = await told(part.text)
            return part if text == part.text else replace(part, text=text, start=0, end=len(text))
        case _:
            return part
