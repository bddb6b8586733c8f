import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.platforms.slack.doctor import reach


def refused(body):
    answer = AsyncSlackResponse(
        client=AsyncWebClient(), http_verb="POST", api_url="", req_args={}, data=body, headers={}, status_code=200
    )
    return SlackApiError("xoxb-1", answer)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("https://slack.com/api/", "slack.com"),
        ("http://127.0.0.1:8080/api/", "127.0.0.1:8080"),
        ("http://ana:geheim@proxy.acme:3128", "proxy.acme:3128"),
        ("wss://wss-primary.slack.com/link/?ticket=geheim", "wss-primary.slack.com"),
        ("http://[geheim", "an address that cannot be read"),
    ],
)
def test_a_place_is_a_host_and_nothing_more(address, place):
    assert reach.place(address) == place


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"ok": False, "error": "missing_scope", "needed": "im:read"}, "lacks the permission im:read"),
        ({"ok": False, "error": "missing_scope"}, "lacks a permission"),
        ({"ok": False, "error": "account_inactive"}, "was removed from the workspace"),
        ({"ok": False, "error": "socket_mode_disabled"}, "Socket Mode is off"),
        ({"ok": False, "error": "never_heard_of"}, "it says 'never_heard_of'"),
        ({"ok": False}, "is not Slack"),
        ({}, "is not Slack"),
        ([], "is not Slack"),
        (None, "is not Slack"),
    ],
)
def test_a_refusal_is_a_sentence(body, told):
    sentence = reach.refusal(refused(body))
    assert told in sentence
    assert sentence.endswith(".")


def test_an_answer_that_slack_sdk_could_not_parse_is_not_slack():
    assert "is not Slack" in reach.refusal(SlackApiError("Unexpectedly failed", object()))
