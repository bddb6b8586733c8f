import pytest

from models.language.script import CYRILLIC, DEVANAGARI, HAN, LATIN, candidates


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("good morning", LATIN),
        ("доброе утро", CYRILLIC),
        ("सुप्रभात", DEVANAGARI),
        ("καλημέρα", {"el"}),
        ("בוקר טוב", {"he"}),
        ("สวัสดี", {"th"}),
        ("좋은 아침", {"ko"}),
        ("おはよう", {"ja"}),
        ("会議は三時です", {"ja"}),
        ("早上好", HAN),
        ("123 !?", set()),
    ],
)
def test_the_script_narrows_the_languages(text: str, languages: set[str]) -> None:
    assert candidates(text)[0] == languages


def test_latin_names_do_not_hide_another_script() -> None:
    languages, text = candidates("деплой на production снова сломан")
    assert languages == CYRILLIC
    assert "production" not in text


def test_a_foreign_word_does_not_hide_the_main_script() -> None:
    assert candidates("the word привет means hello, as far as I know")[0] == LATIN


def test_one_kana_sign_in_a_long_chinese_text_is_decoration() -> None:
    assert candidates("我们昨天已经把新的版本发布到生产环境了の请大家检查一下有没有问题谢谢各位")[0] == HAN
