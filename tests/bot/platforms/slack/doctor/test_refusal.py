import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.platforms.slack.doctor import refusal


def refused(body):
    answer = AsyncSlackResponse(
        client=AsyncWebClient(), http_verb="POST", api_url="", req_args={}, data=body, headers={}, status_code=200
    )
    return SlackApiError("xoxb-1", answer)


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
    sentence = refusal.sentence(refused(body))
    assert told in sentence
    assert sentence.endswith(".")


def test_an_answer_that_slack_sdk_could_not_parse_is_not_slack():
    assert "is not Slack" in refusal.sentence(SlackApiError("Unexpectedly failed", object()))


def test_what_is_not_slacks_is_left_to_others():
    assert refusal.said(ValueError()) is None


@pytest.mark.parametrize(("error", "verdict"), [("ratelimited", "skipped"), ("account_inactive", "problem")])
def test_only_what_passes_by_itself_is_skipped(error, verdict):
    assert refusal.said(refused({"ok": False, "error": error}))[0] == verdict
