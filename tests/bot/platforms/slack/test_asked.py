"""What counts as a request, and in which form it reaches the desk."""

import time

import pytest

from bot.platforms.asked import Place
from bot.platforms.slack.asked import (
    asked as asked_in,
)
from bot.platforms.slack.asked import (
    from_command,
    from_event,
    from_question,
    from_reaction,
    from_shortcut,
    packed,
    unpacked,
)

ME = "UBOT"


def event(**fields):
    return {"type": "message", "channel": "C1", "channel_type": "channel", "user": "U1", "ts": "2.0", "text": "hi"} | fields


def heard(**fields):
    return from_event("T1", event(**fields), me=ME)


def test_a_mention_is_a_request_without_the_mention():
    assert heard(text=f"<@{ME}> who owns it?") == asked_in("T1", "C1", "U1", "who owns it?", message="2.0")
    assert heard(text=f"hey <@{ME}|parley>, who?").text == "hey who?"


def test_a_direct_message_needs_no_mention():
    asked = heard(channel="D1", channel_type="im", client_msg_id="m1")
    assert (asked.text, asked.outright, asked.client_id) == ("hi", True, "m1")


def test_a_reply_in_a_thread_may_be_a_follow_up():
    asked = heard(thread_ts="1.0")
    assert (asked.root, asked.outright) == ("1.0", False)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"text": f"<@{ME}> hi", "bot_id": "B1"},
        {"text": f"<@{ME}> hi", "user": ME},
        {"text": f"<@{ME}> hi", "subtype": "message_changed"},
        {"text": f"<@{ME}> joined", "subtype": "channel_join"},
        {"text": "<@UBOTTLE> hi"},
    ],
)
def test_what_is_not_for_the_bot_is_left_alone(fields):
    assert heard(**fields) is None


def test_every_delivery_of_a_message_shares_a_key():
    text = f"<@{ME}> a"
    as_mention, as_message = heard(text=text), heard(type="app_mention", text=text, client_msg_id="m1")
    assert set(as_mention.keys) & set(as_message.keys)
    assert set(as_message.keys) & set(heard(ts="3.0", text=text, client_msg_id="m1").keys)
    assert not set(as_message.keys) & set(heard(ts="3.0", text=text, client_msg_id="m2").keys)


def test_a_short_command_may_stand_for_a_mention():
    assert heard(text="!tldr in 3 points").short
    assert heard(text="!important: the site is down") is None


@pytest.mark.parametrize("text", ["ask Ben about it", "mood is great today", "settings", "help"])
def test_a_leading_word_is_no_command_where_nobody_called_the_bot(text):
    assert heard(thread_ts="1.0", text=text).text == text
    assert heard(channel="G1", channel_type="mpim", text=text).text == text
    assert heard(thread_ts="1.0", text=f"<@{ME}> {text}").text == f"/{text}"
    assert heard(channel="D1", channel_type="im", text=text).text == f"/{text}"


@pytest.mark.parametrize("text", ["a" + " " * 40_000 + "b", "<https://" * 4_000, "<@" * 20_000, "\n" * 40_000], ids=len)
def test_hostile_lengths_are_read_at_once(text):
    begun = time.perf_counter()
    asked = heard(thread_ts="1.0", text=f"{text} <@{ME}> help")
    assert asked.place == Place("C1", "1.0")
    assert time.perf_counter() - begun < 0.2


def test_a_command_without_words_asks_for_help():
    body = {"team_id": "T1", "channel_id": "C1", "user_id": "U1", "command": "/parley", "text": " "}
    assert from_command(body) == asked_in("T1", "C1", "U1", "/help")
    assert from_command(body | {"text": "summarize 3"}).text == "/summarize 3"
    assert from_command(body | {"text": "Settings"}).text == "/settings"
    assert from_command(body | {"text": "chat with me"}).text == "/chat with me"


def test_a_command_may_have_a_name_of_its_own():
    body = {"team_id": "T1", "channel_id": "C1", "user_id": "U1", "command": "/tldr", "text": "last 30"}
    assert from_command(body).text == "/tldr last 30"


def test_a_shortcut_is_about_the_thread_of_its_message():
    body = {"team": {"id": "T1"}, "channel": {"id": "C1"}, "user": {"id": "U1"}, "message": {"ts": "1.0"}}
    about = Place("C1", "1.0", "1.0")
    assert from_shortcut(body, "/summarize") == asked_in("T1", "C1", "U1", "/summarize", about=about)
    body["message"] = {"ts": "2.0", "thread_ts": "1.0"}
    assert from_shortcut(body, "/summarize").root == "1.0"


def test_a_link_tells_what_a_request_is_about():
    link = "https://acme.slack.com/archives/C9/p1700000000000100"
    place = Place("C9", "1700000000.000100", "1700000000.000100")
    assert heard(text=f"<@{ME}> summarize <{link}>").place == place
    assert heard(text=f"<@{ME}> summarize <{link}|this>").place == place
    assert heard(text=f"<@{ME}> summarize <https://example.com/a>").place == Place("C1")
    reply = f"{link}?thread_ts=1699999999.000000&amp;cid=C9".replace("&amp;", "&")
    assert heard(text=f"<@{ME}> translate <{reply}>").place == Place("C9", "1699999999.000000", "1700000000.000100")


def test_a_channel_does_too_but_not_within_a_thread():
    assert heard(text=f"<@{ME}> summarize <#C9|general>").place == Place("C9")
    assert heard(text=f"<@{ME}> who told <#C9|general>?", thread_ts="1.0").place == Place("C1", "1.0")


@pytest.mark.parametrize(
    ("emoji", "text"),
    [
        ("flag-br", "/translate pt"),
        ("jp", "/translate ja"),
        ("memo", "/summarize"),
        ("pencil", "/summarize"),
        ("thumbsup::skin-tone-3", None),
        ("it_crowd", None),
        ("in", None),
        ("flag-eu", None),
        ("pirate_flag", None),
    ],
)
def test_a_flag_or_a_memo_is_a_request(emoji, text):
    reaction = {"user": "U1", "reaction": emoji, "item": {"type": "message", "channel": "C1", "ts": "1.0"}}
    asked = from_reaction("T1", reaction)
    assert (asked and asked.text) == text
    if asked:
        assert asked.place == Place("C1", None, "1.0")
        other = from_reaction("T1", reaction | {"user": "U2"})
        assert not set(asked.keys) & set(other.keys)


def test_a_file_with_a_reaction_is_none():
    assert from_reaction("T1", {"user": "U1", "reaction": "memo", "item": {"type": "file", "file": "F1"}}) is None


def test_a_question_of_a_modal_is_about_the_thread_it_was_opened_from():
    values = {"question": {"question": {"type": "plain_text_input", "value": "Who owns it?"}}}
    view = {"private_metadata": '["C1", "1.0", "2.0"]', "state": {"values": values}}
    asked = from_question({"team": {"id": "T1"}, "user": {"id": "U1"}, "view": view}, "question")
    assert (asked.text, asked.place, asked.channel) == ("/ask Who owns it?", Place("C1", "1.0"), "C1")


def test_a_button_brings_a_request_back_for_whoever_clicks():
    first = asked_in("T1", "C1", "U1", "who owns “it”?", message="5.0", root="1.0", until="5.0")
    again = unpacked(packed(first), team="T1", user="U2", here=Place("C2", "7.0"))
    assert (again.user, again.text, again.place, again.until) == ("U2", first.text, Place("C1", "1.0"), "5.0")
    assert (again.channel, again.root) == ("C2", "7.0")
    assert unpacked(packed(first), team="T1", user="U2", here=None).channel == "C1"
