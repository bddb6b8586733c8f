import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.language.prose import SAMPLE_LENGTH, prose, words


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t ",
        "?!… —",
        "12 345,67 %",
        "👍🏽🎉 🇧🇷 ℹ️",
        ":tada: :custom_emoji:",
        ":) :D ;-P :'( =)",
        "<@U012AB3CD> <#C024BE7LR|general> <!here>",
        "<@!8035111> <a:party:8035111> <t:1618953630:R>",
        "https://example.org/de/ueber-uns www.example.org mail@example.org",
        "```python\nprint('guten Tag')\n```",
        "`git push --force`",
        "```an open fence reaches to the end",
        "for (int i = 0; i < 10; i++) { sum += i; }",
        "def area(r):\n    import math\n    return math.pi * r ** 2",
        "SELECT name FROM users WHERE id = 1;",
        "import numpy as np",
        "$ npm install --save-dev",
        "kubectl_config /etc/hosts v2.13.0 foo.bar()",
        "ok LOL hahaha +1 hmm",
    ],
)
def test_nothing_is_left_of_what_is_no_prose(text: str) -> None:
    assert words(prose(text)) == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<@U012AB3CD> obrigado :tada:", "obrigado"),
        ("see <https://example.org|the docs>", "see the docs"),
        ("rode `make test` antes", "rode antes"),
        ("私は2時に行きます", "私は 時に行きます"),
        ("and/or", "and/or"),
        ("... as long as it works", "... as long as it works"),
        ("# What we decided", "# What we decided"),
        ("obrigado\x00\x07\ud800 amigo", "obrigado amigo"),
        ("l'été, c'est l'été", "l'été, c'est l'été"),
    ],
)
def test_prose_stays(text: str, left: str) -> None:
    assert prose(text) == left


def test_sentences_that_mention_code_are_prose() -> None:
    text = "I think foo_bar(x) returns None when the list is empty; can somebody check the caller?"
    assert "returns None when the list is empty" in prose(text)


def test_a_decomposed_accent_is_the_same_letter() -> None:
    assert prose("cafe\u0301") == "café"


def test_a_long_text_is_sampled_in_three_places() -> None:
    text = "alpha " * 9_000 + "beta " * 9_000 + "gamma " * 9_000
    found = prose(text)
    assert {"alpha", "beta", "gamma"} <= set(found.split())
    assert len(found) <= 3 * SAMPLE_LENGTH + 2


@pytest.mark.parametrize(
    "unit", ["a", "`", "<", "<@", "a.b", "a_", ":", "/a", "a@", "[]", " \t", "=a", "https://", "<https:a|"]
)
def test_hostile_repetition_takes_no_time(unit: str) -> None:
    start = time.process_time()
    prose(unit * (200_000 // len(unit)))
    assert time.process_time() - start < 2


@given(st.text(alphabet=st.characters(codec=None), max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    found = prose(text)
    assert found == found.strip()
    found.encode()  # nothing left that is no character
