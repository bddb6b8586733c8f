from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.language.evidence import LANGUAGES
from models.language.identifier import LanguageIdentifier
from models.types import Detection

pytestmark = pytest.mark.real

identifier = LanguageIdentifier()  # builds nothing before the first text


def language(text: str, hints: Sequence[str] = ()) -> str | None:
    return identifier.detect(text, hints=hints).language


MESSAGES = {
    "en": ["Hello team", "thanks!", "LGTM, merging", "CI is red again on main", "bump torch to 2.13", "any update on this?"],
    "pt": [
        "obrigado pela ajuda",
        "obrigado",
        "bom dia, tudo bem?",
        "vou fazer o rollback do deploy agora",
        "o bug está no deploy",
    ],
    "es": ["hola", "gracias", "¿alguien puede revisar esto?", "el build falla desde ayer"],
    "fr": ["merci beaucoup", "ça va", "je regarde ça demain matin"],
    "de": ["danke", "guten Morgen zusammen", "der Build ist schon wieder rot"],
    "it": ["grazie mille", "ci vediamo domani"],
    "nl": ["dank je wel", "ik kijk er morgen naar"],
    "sv": ["tack så mycket", "jag tittar på det imorgon"],
    "no": ["jeg vet ikke hva som skjedde", "eg veit ikkje kva som hende i går"],
    "da": ["jeg ved ikke hvad der skete i går, men nu virker det"],
    "fi": ["en tiedä mitä tapahtui"],
    "pl": ["dziękuję bardzo", "nie wiem, co się stało"],
    "cs": ["nevím, co se stalo, ale podívám se na to"],
    "hu": ["köszönöm szépen"],
    "ro": ["mulțumesc pentru ajutor"],
    "tr": ["teşekkür ederim", "yarın bakarım"],
    "vi": ["cảm ơn bạn rất nhiều"],
    "id": ["terima kasih atas bantuannya"],
    "ru": ["доброе утро", "я посмотрю завтра"],
    "uk": ["дякую за допомогу", "що сталося?"],
    "bg": ["благодаря за помощта, ще проверя утре"],
    "ar": ["شكرا جزيلا على المساعدة"],
    "fa": ["خیلی ممنون از کمک شما"],
    "ur": ["آپ کی مدد کا بہت شکریہ"],
    "hi": ["आपकी मदद के लिए धन्यवाद"],
    "ne": ["तपाईंको सहयोगको लागि धेरै धन्यवाद, म भोलि हेर्नेछु"],
    "el": ["ευχαριστώ πολύ"],
    "he": ["תודה רבה"],
    "th": ["ขอบคุณมาก"],
    "ko": ["감사합니다"],
    "ja": ["ありがとうございます", "明日確認します"],
    "zh": ["非常感谢", "我明天看一下", "謝謝你的幫助"],
    "kn": ["ತುಂಬಾ ಧನ್ಯವಾದಗಳು"],
    "ml": ["വളരെ നന്ദി"],
}


@pytest.mark.parametrize(("text", "expected"), [(text, code) for code, texts in MESSAGES.items() for text in texts])
def test_chat_messages(text: str, expected: str) -> None:
    assert language(text) == expected


@pytest.mark.parametrize(
    "text", ["", "👍", "+1", "LOL", "ok", "haha", "1234", "...", "https://example.org/bonjour", "`rm -rf`", ":+1:"]
)
def test_what_belongs_to_no_language(text: str) -> None:
    assert identifier.detect(text) == Detection(None, 0.0)


def test_markup_around_a_message_changes_nothing() -> None:
    assert identifier.detect("<@U012AB3CD> obrigado :tada: https://example.org 👍") == identifier.detect("obrigado")


def test_a_hint_settles_what_the_text_leaves_open() -> None:
    assert [language("si", [hint]) for hint in ("es", "it")] == ["es", "it"]
    assert language("si") is None


def test_earlier_hints_weigh_more() -> None:
    assert language("casa", ["es", "pt"]) == "es"
    assert language("casa", ["pt", "es"]) == "pt"


@pytest.mark.parametrize("hints", [["de"], ["fr", "es"], ["ja", "zh", "ko"], ["nonsense", ""]])
def test_no_hint_overrules_a_clear_text(hints: list[str]) -> None:
    assert language("obrigado pela ajuda, vou verificar amanhã", hints) == "pt"
    assert language("спасибо за помощь", hints) == "ru"


def test_a_few_ideographs_follow_the_reader_and_many_do_not() -> None:
    assert language("了解", ["ja"]) == "ja"
    assert language("了解") == "zh"
    assert language("我们昨天已经把新的版本发布了请检查", ["ja"]) == "zh"


def test_the_main_language_of_a_mixed_message() -> None:
    assert language("o deploy quebrou depois do merge, alguém pode fazer o rollback?") == "pt"
    assert language("the restaurant is called La Maison Rouge and I liked it") == "en"


def test_a_very_long_text() -> None:
    assert language("ninguém sabe o que aconteceu ontem à noite. " * 5_000) == "pt"


def test_control_characters_do_no_harm() -> None:
    assert language("\x00\x1b[31mobrigado pela ajuda\x1b[0m\u202e\ud800") == "pt"


def test_shouting_is_still_a_language() -> None:
    assert language("POR QUE NINGUÉM ME AVISOU?") == "pt"


@given(st.text(max_size=200), st.lists(st.sampled_from([*LANGUAGES, "xx", ""]), max_size=5))
@settings(max_examples=60, deadline=None)
def test_any_text_has_an_answer_and_always_the_same(text: str, hints: list[str]) -> None:
    found = identifier.detect(text, hints=hints)
    assert 0 <= found.score <= 1
    assert found.language is None or len(found.language) == 2
    identifier.detect("ein ganz anderer Text dazwischen")
    assert identifier.detect(text, hints=hints) == found


@given(
    st.lists(
        st.sampled_from(["👍", "🎉", "https://a.example/b?c=d", "<@U1>", "`x = 1`", "```\nls\n```", ":ok:", "42", "+1", "—"])
    )
)
@settings(max_examples=60, deadline=None)
def test_no_mix_of_signs_has_a_language(parts: list[str]) -> None:
    assert identifier.detect(" ".join(parts)).language is None


def test_many_threads_get_the_same_answers() -> None:
    fresh = LanguageIdentifier()
    texts = [text for texts in MESSAGES.values() for text in texts]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(fresh.detect, texts)) == [identifier.detect(text) for text in texts]
