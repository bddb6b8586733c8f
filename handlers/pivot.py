"""Reading other languages: the models of most tasks are English, so a text they cannot read goes through a translation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.types import Engine


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as an English model reads it. `pair` tells the way it went ("pt>en"), None where it was read as it stands."""

    text: str
    pair: str | None = None
    model: str | None = None


async def english(engine: Engine, text: str, *, hints: Sequence[str] = ()) -> Reading:
    """`text` in English, if it is in a language that can be translated; as it stands otherwise.

    `hints` are likely languages, most likely first. Raises `EngineError` as the engine does.
    """
    if not text.strip():
        return Reading(text)
    source = (await engine.language(text, hints=hints)).language
    if source is None or (source, "en") not in engine.pairs:
        return Reading(text)
    translation = await engine.translate(text, source=source, target="en")
    return Reading(translation.text, translation.route, translation.model)
