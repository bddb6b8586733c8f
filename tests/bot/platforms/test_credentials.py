import pytest

from bot.platforms import credentials
from bot.platforms.credentials import Credential
from bot.settings import Settings

TOKEN = Credential("slack_bot_token", r"xoxb-\d+", "a bot token", "it is on the page", begins="xoxb-")
KINDS = {"xoxb-": "a bot token", "xox": "a token of another kind"}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("", "Set PARLEY_SLACK_BOT_TOKEN to a bot token, or to nothing; it is on the page."),
        ("xoxc-1", "PARLEY_SLACK_BOT_TOKEN holds a token of another kind instead of a bot token; it is on the page."),
        ("'xoxb-1'", "PARLEY_SLACK_BOT_TOKEN holds a value in quotation marks instead of a bot token; it is on the page."),
        ("xoxb-", "PARLEY_SLACK_BOT_TOKEN is not a bot token, as a whole; copy it again: it is on the page."),
        ("hello", "PARLEY_SLACK_BOT_TOKEN is not a bot token, as a whole; copy it again: it is on the page."),
    ],
)
def test_what_is_wrong_with_a_value_is_a_sentence(value, told):
    assert credentials.fault(TOKEN, value, KINDS, instead=", or to nothing") == told


@pytest.mark.parametrize(("value", "usable"), [("xoxb-1", True), ("xoxb-", False), ("xoxb-1\n", False), (None, False)])
def test_a_value_is_usable_as_a_whole(value, usable):
    assert credentials.usable(Settings(slack_bot_token=value), TOKEN) is usable


def test_what_is_held_is_text():
    settings = Settings(slack_bot_token="xoxb-1")
    held = [credentials.held(settings, field) for field in ("slack_bot_token", "slack_client_id", "waiting")]
    assert held == ["xoxb-1", "", "1024"]


def test_secrets_are_hidden_wherever_they_stand():
    settings = Settings(slack_bot_token="xoxb-1-2-abc", slack_signing_secret="xoxb")
    assert credentials.hidden("a xoxb-1-2-abc, b xoxb", settings) == "a …, b …"
