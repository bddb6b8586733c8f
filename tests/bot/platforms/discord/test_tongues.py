"""Languages are found by whatever people call them."""

from __future__ import annotations

import pytest

from bot.platforms.discord.tongues import Tongues

CODES = "de en es et fr hu nl pt sv".split()
MANY = "ar bg bs ca cs da de el en es et fa fi fr he hi hr hu id is it ja ko lt lv nl no pl pt ro ru".split()


@pytest.fixture
def offered():
    """The codes that are offered to a reader who typed something."""
    tongues = Tongues()

    async def offered(typed, reader="en", codes=CODES):
        return [choice.value for choice in await tongues.offered(codes, typed, reader)]

    return offered


@pytest.mark.parametrize(
    ("typed", "reader", "code"),
    [
        ("Portug", "en", "pt"),
        ("portugu", "de", "pt"),
        ("PORTUGUÊS", "en", "pt"),
        ("portugues", "en", "pt"),
        ("Französisch", "de", "fr"),
        ("franzosisch", "de", "fr"),
        ("French", "de", "fr"),
        ("francais", "de", "fr"),
        ("hu", "en", "hu"),
        ("ドイツ", "ja", "de"),
    ],
)
async def test_a_language_is_found_by_its_own_name_in_english_and_in_the_readers_language(offered, typed, reader, code):
    assert await offered(typed, reader) == [code]


async def test_names_that_are_what_was_typed_come_first_then_those_that_begin_with_it(offered):
    assert await offered("es") == ["es", "et", "pt"]


async def test_before_anything_is_typed_the_readers_own_language_comes_first(offered):
    assert (await offered("", "nl"))[:2] == ["nl", "en"]
    assert sorted(await offered("", "nl")) == CODES


async def test_nothing_is_offered_for_what_is_no_language(offered):
    assert await offered("klingon") == []


async def test_as_many_are_offered_as_discord_takes(offered):
    assert len(await offered("", "cs", codes=MANY)) == 25
    assert await offered("dutch", codes=MANY) == ["nl"]


async def test_a_language_is_shown_in_its_own_words_and_in_the_readers(offered):
    tongues = Tongues()
    (german,) = await tongues.offered(CODES, "deu", "pt")
    (english,) = await tongues.offered(CODES, "engl", "en")
    assert (german.name, english.name) == ("Deutsch – alemão", "English")


async def test_other_languages_than_before_may_be_offered(offered):
    assert await offered("dutch", codes=["de"]) == []
    assert await offered("dutch", codes=["de", "nl"]) == ["nl"]
