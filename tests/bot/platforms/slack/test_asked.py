"""What counts as a request, and in which form it reaches the desk."""

import pytest

from bot.platforms.slack.asked import Asked, command, from_command, from_event, from_shortcut

ME = "UBOT"


def event(**fields):
    return {"type": "message", "channel": "C1", "channel_type": "channel", "user": "U1", "ts": "2.0", "text": "hi"} | fields


def heard(**fields):
    return from_event("T1", event(**fields), me=ME)


def test_a_mention_is_a_request_without_the_mention():
    assert heard(text=f"<@{ME}> who owns it?") == Asked("T1", "C1", "U1", "who owns it?", "2.0")
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


def test_every_delivery_of_a_message_has_the_same_key():
    as_mention, as_message = heard(text=f"<@{ME}> a"), heard(type="app_mention", text=f"<@{ME}> a")
    assert as_mention.key == as_message.key
    assert as_mention.key != heard(ts="3.0", text=f"<@{ME}> a").key


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("summarize in 3 points", "/summarize in 3 points"),
        ("Ask who owns it?", "/Ask who owns it?"),
        ("help", "/help"),
        ("help me find who broke it", "help me find who broke it"),
        ("who owns it?", "who owns it?"),
        ("/ask who?", "/ask who?"),
        ("", ""),
    ],
)
def test_a_leading_command_word_is_marked(text, seen):
    assert command(text) == seen


def test_a_command_without_words_asks_for_help():
    body = {"team_id": "T1", "channel_id": "C1", "user_id": "U1", "text": " "}
    assert from_command(body) == Asked("T1", "C1", "U1", "/help")
    assert from_command(body | {"text": "summarize 3"}).text == "/summarize 3"


def test_a_shortcut_is_about_the_thread_of_its_message():
    body = {"team": {"id": "T1"}, "channel": {"id": "C1"}, "user": {"id": "U1"}, "message": {"ts": "1.0"}}
    assert from_shortcut(body, "/summarize") == Asked("T1", "C1", "U1", "/summarize", None, "1.0")
    body["message"] = {"ts": "2.0", "thread_ts": "1.0"}
    assert from_shortcut(body, "/summarize").root == "1.0"


def test_a_link_to_another_message_is_the_source():
    link = "https://acme.slack.com/archives/C9/p1700000000000100"
    assert heard(text=f"<@{ME}> summarize <{link}>").source == link
    assert heard(text=f"<@{ME}> summarize <{link}|this>").source == link
    assert heard(text=f"<@{ME}> summarize <https://example.com/a>").source is None
