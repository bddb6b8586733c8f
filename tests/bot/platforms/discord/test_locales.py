"""The words of the commands, in every language that there is a file for."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime

import pytest
from discord import Client, Intents, Locale
from discord.app_commands import ContextMenu, Translator
from discord.app_commands import TranslationContextLocation as Location

from bot.platforms.discord import lines, locales, sync
from bot.platforms.discord.locales import Locales
from bot.platforms.discord.tree import Tree

FILES = sorted(file.name for file in locales.FILES.iterdir())
SECTIONS = {
    Location.command_name: "names",
    Location.parameter_name: "names",
    Location.command_description: "descriptions",
    Location.parameter_description: "descriptions",
    Location.choice_name: "labels",
}


class _Listening(Translator):
    """Hears which words there are, by the section that they belong to."""

    def __init__(self):
        self.words = {"names": set(), "descriptions": set(), "labels": set()}

    async def translate(self, string, locale, context):
        menu = isinstance(context.data, ContextMenu)
        self.words["labels" if menu else SECTIONS[context.location]].add(string.message)


@pytest.fixture
async def tree():
    async with Client(intents=Intents.none()) as client:
        yield Tree(client)


@pytest.fixture
async def commands(tree):
    """All commands as Discord is told them."""
    return await sync.payload(tree)


def words(file):
    return tomllib.loads((locales.FILES / file).read_text("utf-8"))


def named(commands):
    """Whatever has a name, with the names of those beside it."""
    for kind in (1, 3):
        yield from _named([command for command in commands if command["type"] == kind])


def _named(things):
    for thing in things:
        yield thing, things
        yield from _named(thing.get("options", []))
        yield from _named(thing.get("choices", []))


@pytest.mark.parametrize("file", FILES)
async def test_a_file_has_all_words_and_no_others(tree, file):
    heard = _Listening()
    await tree.set_translator(heard)
    await sync.payload(tree)
    assert {section: set(table) for section, table in words(file).items()} == heard.words


@pytest.mark.parametrize("file", FILES)
def test_words_are_in_their_place_and_whole(file):
    for section in words(file).values():
        for said, told in section.items():
            assert told.strip() == told
            assert not re.search(r"[{}%<>@]|\.$|^$", told), said
    assert len(set(words(file)["descriptions"].values())) == len(words(file)["descriptions"])


async def test_there_are_words_for_these_locales_and_english_for_the_others(commands):
    told = {"de", "es-419", "es-ES", "fr", "it", "ja", "nl", "pl", "pt-BR"}
    for thing, _ in named(commands):
        assert set(thing["name_localizations"]) == told
        assert not thing.get("description") or set(thing["description_localizations"]) == told
    assert told < {locale.value for locale in Locale}


async def test_names_are_such_as_discord_takes(commands):
    for thing, _ in named(commands):
        slash = "description" in thing and thing["description"]
        for name in (thing["name"], *thing["name_localizations"].values()):
            assert 1 <= len(name) <= 32
            assert not slash or (re.fullmatch(r"[-_'\w]+", name) and name == name.lower()), name


async def test_descriptions_are_such_as_discord_takes(commands):
    for thing, _ in named(commands):
        for text in (thing.get("description") or "-", *thing.get("description_localizations", {}).values()):
            assert 1 <= len(text) <= 100, text


async def test_beside_each_other_no_two_names_are_the_same_nor_what_another_is_called_in_english(commands):
    for thing, beside in named(commands):
        for other in (each for each in beside if each is not thing):
            assert thing["name"] != other["name"]
            for locale, name in thing["name_localizations"].items():
                assert name not in {other["name"], other["name_localizations"][locale]}


async def test_the_example_of_a_time_is_understood_by_whom_it_is_told(commands):
    summarize = next(command for command in commands if command["name"] == "summarize")
    since = next(option for option in summarize["options"] if option["name"] == "since")
    for locale, text in {"en-US": since["description"], **since["description_localizations"]}.items():
        example = re.search(r"[“«„「]\s*(.+?)\s*[”»“」]", text)[1]
        ways = [f"/summarize {way}" for way in lines.times(example, locale[:2])]
        assert lines.understood(ways[:1], last=None, now=datetime(2026, 6, 20, 12, tzinfo=UTC)), text


async def test_a_locale_is_read_when_the_tree_gets_its_translator(tree):
    await tree.set_translator(Locales())
    asked = tree.get_command("ask")
    assert (await asked.get_translated_payload(tree, tree.translator))["name_localizations"]["de"] == "fragen"
