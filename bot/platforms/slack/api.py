"""Slack's Web API, and its refusals in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
    async_default_handlers,
)
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.platforms.refused import Refused

API = "https://slack.com/api/"

REASONS = {
    "invalid_auth": "it does not accept the token; copy it again from the app's page",
    "not_authed": "it does not accept the token; copy it again from the app's page",
    "account_inactive": "the app was removed from the workspace; install it again",
    "token_revoked": "the token was revoked; install the app again and copy the new one",
    "missing_scope": "the app lacks a permission; give it deploy/slack-manifest.yaml as its manifest and install it again",
}


def client(token: str | None, *, url: str = API, session: aiohttp.ClientSession | None = None) -> AsyncWebClient:
    """Slack's Web API. Where it asks for patience, a call waits as long as it is told; where it stumbles, it tries again.

    With a `session`, calls share its connections; without, each opens its own.
    """
    return AsyncWebClient(token=token, base_url=url, session=session, retry_handlers=_patient())


def hook(url: str) -> AsyncWebhookClient:
    """The address that comes with a command or a click (`response_url`), with the same patience."""
    return AsyncWebhookClient(url, retry_handlers=_patient())


def _patient() -> list[AsyncRetryHandler]:
    return [
        *async_default_handlers(),
        AsyncRateLimitErrorRetryHandler(max_retry_count=5),
        AsyncServerErrorRetryHandler(max_retry_count=2),
    ]


def code(error: SlackApiError) -> str:
    """Slack's word for a refusal; empty where the answer was not Slack's own, but a page of something in between."""
    told = getattr(error.response, "data", None)
    return str(told.get("error", "")) if isinstance(told, dict) else ""


@contextmanager
def worded(url: str) -> Iterator[None]:
    """Raise `Refused` for what Slack, at `url`, refuses in this block."""
    try:
        yield
    except SlackApiError as error:
        said = code(error)
        raise Refused(f"Slack refused the connection: {REASONS.get(said, f'it says {said!r}')}.") from None
    except (aiohttp.ClientError, TimeoutError):
        raise Refused(f"Slack cannot be reached at {url}; check the network, or a proxy in HTTPS_PROXY.") from None
