"""What a request is known by, what it is about, and which words are commands."""

from __future__ import annotations

import pytest

from bot.platforms.asked import Place, command, is_short

from .board import GENERAL, asking, key


def test_a_message_is_known_by_its_id_and_by_what_its_writer_called_it():
    assert asking("hi", message="5").keys == [key("5")]
    assert asking("hi", message="5", client_id="c").keys == [key("5"), key("c")]
    assert asking("/help").keys == []  # a command is no message


def test_the_same_id_elsewhere_is_another_message():
    assert not set(asking("hi", message="5").keys) & set(asking("hi", message="5", channel="other").keys)


def test_a_request_is_about_where_it_was_written_unless_it_says_otherwise():
    assert asking("hi", message="5").place == Place(GENERAL)
    assert asking("hi", message="5", root="1").place == Place(GENERAL, "1")
    assert asking("hi", root="1", about=Place("other", None, "7")).place == Place("other", None, "7")


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("summarize in 3 points", "/summarize in 3 points"),
        ("Ask who owns it?", "/Ask who owns it?"),
        ("help", "/help"),
        ("help me find who broke it", "help me find who broke it"),
        ("who owns it?", "who owns it?"),
        ("/ask who?", "/ask who?"),
        ("Settings!", "/settings"),
        ("settings of the server", "settings of the server"),
        ("", ""),
    ],
)
def test_a_leading_command_word_is_marked(text, seen):
    assert command(text) == seen


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("!tldr", True),
        ("!Ask who owns it?", True),
        ("!ask: who owns it?", True),
        ("!tldr\nplease", True),
        ("!important: the site is down", False),
        ("tldr", False),
        ("/tldr", False),
        ("! tldr", False),
        ("so !tldr", False),
        ("!", False),
        ("", False),
    ],
)
def test_a_short_command_begins_with_its_mark(text, short):
    assert is_short(text) == short
