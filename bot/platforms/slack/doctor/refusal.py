"""Why Slack refuses: one sentence with what to do. Never an error's own text."""

from __future__ import annotations

from slack_sdk.errors import SlackApiError

from bot.platforms.doctor import Said
from bot.platforms.slack import api
from bot.platforms.slack.api import code

REASONS = api.REASONS | {
    "invalid_auth": "it does not accept the token, or not from this network's address; copy it again from the app's page",
    "not_allowed_token_type": "it wants a token of another kind; copy it again from the app's page",
    "token_expired": "the token has expired; turn token rotation off, install the app again and copy the new one",
    "access_denied": "an administrator of the workspace does not allow it; ask them to approve the app",
    "org_login_required": "the workspace is being moved into an organization; try again when that is done",
    "team_access_not_granted": "the app is not approved for this workspace; ask an administrator to approve it",
    "not_in_channel": "the bot is no longer in that channel; write /invite @Parley there",
    "forbidden_team": "this workspace may not use Socket Mode; ask an administrator, or run parley slack --http",
    "ratelimited": "it was asked too often; try again in a minute",
    "fatal_error": "something broke on its side; look at slack-status.com, and try again",
    "internal_error": "something broke on its side; look at slack-status.com, and try again",
    "service_unavailable": "something broke on its side; look at slack-status.com, and try again",
}
SOCKET_MODE_OFF = "Socket Mode is off; turn it on under Socket Mode on the app's page"


def said(error: Exception) -> Said | None:
    """What an error of Slack's says; None for any other."""
    if not isinstance(error, SlackApiError):
        return None
    return "skipped" if code(error) == "ratelimited" else "problem", sentence(error)


def sentence(error: SlackApiError) -> str:
    """Why Slack refused a call."""
    word = code(error)
    if word == "missing_scope" and (needed := error.response.get("needed")):
        return f"The app lacks the permission {needed}; add it under OAuth & Permissions, then reinstall the app."
    if "socket_mode" in word:
        return f"{SOCKET_MODE_OFF}."
    if not word:
        return "What answers is not Slack; check PARLEY_SLACK_API_URL, and whether a proxy answers in its place."
    return f"Slack refuses: {REASONS.get(word, f'it says {word!r}')}."
