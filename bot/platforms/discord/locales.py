"""The commands in the languages that people use Discord in.

`locales/` has a file for each: `pt-BR.toml` for that locale, `es.toml` for every kind of Spanish. Its keys are the words of
the commands as they stand in the code, which is what those read for whose locale there is no file.
"""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Mapping
from importlib import resources

from discord import Locale
from discord.app_commands import TranslationContextTypes, Translator, locale_str

FILES = resources.files("bot.platforms.discord") / "locales"


class Locales(Translator):
    """Names, descriptions and choices as a file has them."""

    def __init__(self) -> None:
        self._words: Mapping[str, Mapping[str, str]] = {}

    async def load(self) -> None:
        """Read the files, in a thread."""
        self._words = await asyncio.to_thread(read)

    async def translate(self, string: locale_str, locale: Locale, context: TranslationContextTypes) -> str | None:
        """The words for those who use a locale, None where they read English."""
        return self._words.get(locale.value, {}).get(string.message)


def read() -> dict[str, dict[str, str]]:
    """The words of every locale of Discord that there is a file for."""
    files = {file.name.removesuffix(".toml"): _words(file.read_text("utf-8")) for file in FILES.iterdir()}
    named = {locale.value: (locale.value, locale.value.partition("-")[0]) for locale in Locale}
    return {locale: files[name] for locale, names in named.items() for name in names if name in files}


def _words(text: str) -> dict[str, str]:
    """All sections of a file in one."""
    return {key: words for section in tomllib.loads(text).values() for key, words in section.items()}
