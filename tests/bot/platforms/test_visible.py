"""What of a text a reader sees."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.platforms.visible import visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\u202eb\u2066c\u2069", "abc"),  # direction overrides
        ("@\u200bhere @\u00adhere a\ufeffb\u2060", "@here @here ab"),
        ("bank\u200d.example", "bank.example"),
        ("bank\u202e\u200d.example a\u00ad\u200cb a\u200d\u200db", "bank.example ab ab"),
        ("a\x00\x1b[31mb\x7f\x9b", "a[31mb"),
        ("a\U000e0061\U000e0062", "a"),  # tags that spell words in secret
        ("a\ufff9b\ufffac\ufffb", "abc"),
        ("a\ud800b", "a\ufffdb"),
        ("a\r\nb\rc\u2028d\u2029e\x85f\vg\fh", "a\nb\nc\nd\ne\nf\ng\nh"),
    ],
)
def test_what_cannot_be_seen_goes(text, seen):
    assert visible(text) == seen


@pytest.mark.parametrize(
    "text",
    [
        "Plain words,\n\tindented.",
        "👨‍👩‍👧 ❤️ 1️⃣ 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "می‌خواهم क्‍ष",
        "これは文です。",
        "e\u0301",
        "",
    ],
)
def test_what_emoji_and_scripts_need_stays(text):
    assert visible(text) == text


@settings(deadline=None)
@given(st.text())
def test_nothing_is_left_to_take_away(text):
    once = visible(text)
    assert visible(once) == once
    once.encode()


@pytest.mark.parametrize("unit", ["\u202e", "🏴\U000e0067", "\u200d", "é\u200d", "\r", "\ufe0f"])
def test_hostile_texts_take_no_longer_than_others(unit):
    text = unit * (100_000 // len(unit))
    start = time.process_time()
    visible(text)
    assert time.process_time() - start < 2
