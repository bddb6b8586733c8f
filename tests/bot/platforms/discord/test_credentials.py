import base64

import pytest

from bot.platforms.discord import credentials
from bot.settings import Settings


def token(first):
    return f"{base64.urlsafe_b64encode(first.encode()).decode().rstrip('=')}.GabcdE.abc-def_ghi"


def faults(value):
    return list(credentials.faults(Settings(discord_token=value)))


@pytest.mark.parametrize("number", ["12345678901234567", "123456789012345678", "1234567890123456789"])
def test_a_token_tells_its_application(number):
    assert credentials.application_id(token(number)) == number
    assert faults(token(number)) == []


@pytest.mark.parametrize(
    "value", ["", "MTIz", "MTIz.a", "MTIz..b", "MTIz.a.b.c", "MTIz.a.b\n", "MTIz.a.\u2011", "M.a.b", token("Ana"), token("")]
)
def test_what_is_no_token_tells_none(value):
    assert credentials.application_id(value) is None
    assert len(faults(value)) == 1


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ('"MTIz.a.b"', "a value in quotation marks"),
        ("xoxb-1-2-abc", "a token of Slack's"),
        ("xapp-1-A2-3-abc", "a token of Slack's"),
        ("123456789012345678", "the application's id"),
        ("0123456789abcdef" * 4, "the application's public key"),
        ("abcdefghijklmnopqrstuvwxyz_-ABCD", "the client secret"),
        ("mfa.abc", "a person's token"),
        ("https://discord.com/api/webhooks/1/abc", "an address"),
    ],
)
def test_something_else_is_recognised_and_not_shown(value, kind):
    [told] = faults(value)
    assert told.startswith(f"PARLEY_DISCORD_TOKEN holds {kind} instead of the bot's token, ")
    assert value not in told


def test_a_token_that_is_missing_or_broken_is_to_be_copied():
    assert faults(None)[0].startswith("Set PARLEY_DISCORD_TOKEN to the bot's token, ")
    assert "copy it again" in faults("MTIz.a")[0]


def test_the_word_in_front_of_a_token_is_to_be_left_out():
    [told] = faults("Bot MTIz.a.b")
    assert told == "PARLEY_DISCORD_TOKEN begins with the word Bot; leave it out, and the space behind it."
