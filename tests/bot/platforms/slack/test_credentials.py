import pytest

from bot.platforms.slack import credentials
from bot.sealing import new_key
from bot.settings import Settings

BOT, APP = {"slack_bot_token": "xoxb-1-2-abc"}, {"slack_app_token": "xapp-1-A2-3-abc"}
SIGNING = {"slack_signing_secret": "8f742231b10e8888abcd99yy".replace("y", "0")}
OAUTH = {"slack_client_id": "12.34", "slack_client_secret": "abc123", "secret_key": new_key()}


def faults(http=False, **values):
    return list(credentials.faults(Settings(**values), http=http))


@pytest.mark.parametrize(
    ("values", "http"),
    [(BOT | APP, False), (BOT | SIGNING, True), (BOT | APP | SIGNING, True), (SIGNING | OAUTH, True)],
    ids=["socket", "one workspace", "both", "several workspaces"],
)
def test_what_is_complete_has_no_faults(values, http):
    assert faults(http, **values) == []


@pytest.mark.parametrize(
    ("values", "http", "named"),
    [
        ({}, False, ["PARLEY_SLACK_BOT_TOKEN", "PARLEY_SLACK_APP_TOKEN"]),
        (BOT, False, ["PARLEY_SLACK_APP_TOKEN"]),
        (APP, False, ["PARLEY_SLACK_BOT_TOKEN"]),
        (BOT | APP, True, ["PARLEY_SLACK_SIGNING_SECRET"]),
        (SIGNING, True, ["PARLEY_SLACK_BOT_TOKEN"]),
        (SIGNING | {"slack_client_id": "12.34"}, True, ["PARLEY_SLACK_CLIENT_SECRET", "PARLEY_SECRET_KEY"]),
        (OAUTH, True, ["PARLEY_SLACK_SIGNING_SECRET"]),
    ],
)
def test_each_that_is_missing_is_named_in_a_sentence_of_its_own(values, http, named):
    told = faults(http, **values)
    assert [sentence.split()[1] for sentence in told] == named
    assert all(sentence.startswith("Set ") for sentence in told)


def test_without_a_token_over_http_both_ways_to_go_are_told():
    assert "PARLEY_SLACK_CLIENT_ID and PARLEY_SLACK_CLIENT_SECRET for several workspaces" in faults(True, **SIGNING)[0]


def test_swapped_tokens_are_told_as_such():
    told = faults(slack_bot_token=APP["slack_app_token"], slack_app_token=BOT["slack_bot_token"])
    assert told == ["PARLEY_SLACK_BOT_TOKEN and PARLEY_SLACK_APP_TOKEN are swapped; exchange their values."]


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        ("xapp-1-A2-3-abc", "an app-level token"),
        ("xoxp-1-2", "a user's token"),
        ("xoxe.xoxb-1-MQ", "a token that expires (token rotation is on)"),
        ("xoxc-1", "a token of another kind"),
        ('"xoxb-1-2-abc"', "a value in quotation marks"),
    ],
)
def test_a_token_of_another_kind_is_recognised(token, kind):
    [told] = faults(slack_bot_token=token, **APP)
    assert told.startswith(f"PARLEY_SLACK_BOT_TOKEN holds {kind} instead of a bot token, which begins with xoxb-; ")


@pytest.mark.parametrize("token", ["xoxb-...", "xoxb-", "xoxb-1-2 abc", "xoxb-1-2-abc\n", "xoxb-1\u20112", "abc"])
def test_a_token_that_is_not_whole_is_to_be_copied_again(token):
    [told] = faults(slack_bot_token=token, **APP)
    assert "PARLEY_SLACK_BOT_TOKEN is not a bot token" in told
    assert "copy it again" in told


@pytest.mark.parametrize(
    ("field", "value"), [("slack_signing_secret", "Signing"), ("slack_client_id", "A012"), ("slack_client_secret", "xoxb-1")]
)
def test_secrets_in_each_others_place_are_told(field, value):
    [told] = faults(True, **(SIGNING | OAUTH | {field: value}))
    assert f"PARLEY_{field.upper()} " in told


def test_a_key_that_cannot_be_used_is_told():
    [told] = faults(True, **(SIGNING | OAUTH | {"secret_key": "mine"}))
    assert told.startswith("PARLEY_SECRET_KEY is not a key")
