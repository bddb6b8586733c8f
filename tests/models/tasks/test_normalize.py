import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.tasks.normalize import normalize


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see https://example.org/a?b=c now", "see http now"),
        ("<https://example.org|the page> is down", "http is down"),
        ("ping <@U123ABC> and @ana.b", "ping @user and @user"),
        ("mail ana@example.org", "mail ana@example.org"),
        ("great 🎉", "great party popper"),
        ("great :tada: <:blob_hug:123>", "great tada blob hug"),
        ("at 12:30:45 sharp", "at 12:30:45 sharp"),
        ("R&amp;D\r\n\tteam\x00", "R&D team"),
    ],
)
def test_chat_becomes_readable(text, expected):
    assert normalize(text) == expected


@given(st.text())
def test_one_line_without_control_characters(text):
    found = normalize(text)
    assert found == found.strip()
    assert not any(ord(char) < 32 for char in found)
