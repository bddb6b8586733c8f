import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from handlers.languages import display, find, mentioned

NAMES = {
    "pt": [
        "Portuguese",
        "português",
        "portugues",
        "pt",
        "pt-BR",
        "pt_br",
        "por",
        "brazilian portuguese",
        "português do Brasil",
    ],
    "en": ["English", "inglês", "ingles", "anglais", "inglese", "Englisch", "EN", "en-GB", "British English", "英語"],
    "de": ["German", "alemão", "alemao", "Deutsch", "deu", "ger", "German."],
    "es": ["Spanish", "espanhol", "español", "espanol", "castellano"],
    "ja": ["japanese", "日本語", "jp", "japonês"],
    "zh": ["Chinese", "中文", "mandarin", "simplified chinese", "zh-Hant", "cmn"],
    "no": ["Norwegian", "no", "nb", "norsk", "nynorsk"],
    "tl": ["Tagalog", "Filipino", "fil"],
    "he": ["Hebrew", "he", "iw"],
    "uk": ["Ukrainian", "українська", "ua"],
    "fa": ["Farsi", "Persian"],
    "pl": ["polish", "Polski"],
}


@pytest.mark.parametrize(("name", "code"), [(name, code) for code, names in NAMES.items() for name in names])
def test_a_language_is_found_by_any_common_name(name: str, code: str) -> None:
    assert find(name) == code


@pytest.mark.parametrize("name", ["", "  ", "the", "hello", "deploy", "in", "klingon", "xx", "\ud800", "a" * 10_000])
def test_other_words_are_no_language(name: str) -> None:
    assert find(name) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("in Spanish please", "es"),
        ("Spanish, please!", "es"),
        ("Portuguese?", "pt"),
        ("em português, por favor", "pt"),
        ("português, por favor", "pt"),
        ("translate this to German", "de"),
        ("put that into English", "en"),
        ("traduza para inglês", "en"),
        ("traduz pra português", "pt"),
        ("auf Deutsch bitte", "de"),
        ("what does that mean in English?", "en"),
        ("en français s'il vous plaît", "fr"),
        ("traduce al inglés", "en"),
        ("naar het Duits", "de"),
        ("på dansk", "da"),
        ("переведи на английский", "en"),
        ("日本語に翻訳して", "ja"),
        ("用英文", "en"),
        ("translate from German to English", "en"),
        ("translate the German message to English", "en"),
        ('translate "in French" to German', "de"),
        ("translate to pt-BR", "pt"),
        ("could you put that into Brazilian Portuguese, please?", "pt"),
        ("tl;dr in german", "de"),
        ("translate to English: bom dia", "en"),
        ("translate to English bom dia a todos", "en"),
        ("translate this to polish", "pl"),
        ("in polish please", "pl"),
    ],
)
def test_the_language_asked_for(text: str, code: str) -> None:
    assert mentioned(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "is",
        "no",
        "so",
        "in it",
        "to me",
        "translate it",
        "translate this for me",
        "translate that to it",
        "polish the docs",
        "we need to polish the docs",
        "polish",
        "go to sleep",
        "the error is in German, what now?",
        "it was written in French",
        "we met in Japanese restaurants",
        "our German customers complain",
        "`in Spanish`",
        "> in Spanish please",
        "what did we decide about the rollback?",
    ],
)
def test_no_language_asked_for(text: str) -> None:
    assert mentioned(text) is None


def test_names_are_shown_in_the_readers_language() -> None:
    assert (display("de"), display("de", "pt"), display("pt", "pt")) == ("German", "alemão", "português")
    assert display("no") == "Norwegian"


@pytest.mark.parametrize("code", ["zz", "!!", ""])
def test_an_unknown_code_is_shown_as_it_is(code: str) -> None:
    assert display(code) == code


@pytest.mark.parametrize(
    "code", ["en", "pt", "es", "fr", "de", "it", "ja", "zh", "ru", "tr", "vi", "id", "he", "el", "no", "uk"]
)
@pytest.mark.parametrize("reader", ["en", "pt", "es", "fr", "de"])
def test_a_shown_name_is_found_again(code: str, reader: str) -> None:
    assert find(display(code, reader)) == code


@given(st.text(max_size=120))
@example("\x00\x80\x80")
@settings(deadline=None)
def test_any_text_can_be_read(text: str) -> None:
    assert all(found is None or len(found) == 2 for found in (find(text), mentioned(text)))


def test_a_long_request_is_read_at_its_beginning() -> None:
    assert mentioned("translate to English: " + "in to me " * 50_000) == "en"
