"""What people set for themselves."""

from __future__ import annotations

from dataclasses import dataclass

from bot.state import State


@dataclass(frozen=True, slots=True)
class Preferences:
    """One person's settings.

    `language` is the one to be answered in (ISO 639-1), None for the platform's own. With `private`, answers are shown to
    nobody else unless shared. With `short`, a message that starts with `!` and a command needs no mention of the bot.
    """

    language: str | None = None
    private: bool = False
    short: bool = False


async def read(state: State, owner: str) -> Preferences:
    """What an owner has set."""
    found = await state.preferences(owner)
    return Preferences(found.get("language"), found.get("private") == "on", found.get("short") == "on")


async def write(state: State, owner: str, chosen: Preferences, *, before: Preferences) -> None:
    """Keep what an owner has set, as far as it differs from what was `before`: two clicks may come at once.

    What is as it was from the start is not kept.
    """
    if chosen.language != before.language:
        await state.prefer(owner, "language", chosen.language)
    if chosen.private != before.private:
        await state.prefer(owner, "private", "on" if chosen.private else None)
    if chosen.short != before.short:
        await state.prefer(owner, "short", "on" if chosen.short else None)
