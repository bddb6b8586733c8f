"""Why Slack does not answer, or not as hoped for: one sentence with what to do. Never an error's own text."""

from __future__ import annotations

import aiohttp
from slack_sdk.errors import SlackApiError
from yarl import URL

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


def refusal(error: SlackApiError) -> str:
    """Why Slack refused a call."""
    word = code(error)
    if word == "missing_scope" and (needed := error.response.get("needed")):
        return f"The app lacks the permission {needed}; add it under OAuth & Permissions, then reinstall the app."
    if "socket_mode" in word:
        return f"{SOCKET_MODE_OFF}."
    if not word:
        return "What answers is not Slack; check PARLEY_SLACK_API_URL, and whether a proxy answers in its place."
    return f"Slack refuses: {REASONS.get(word, f'it says {word!r}')}."


def failure(error: Exception, url: str, *, proxy: str | None, limit_s: float) -> str:
    """Why a connection to `url` failed.

    Args:
        error: what aiohttp, or the time limit, raised.
        proxy: the address of the proxy that connections go through.
        limit_s: how long it was waited for.
    """
    there, through = place(url), place(proxy) if proxy else ""
    match error:
        case aiohttp.ClientProxyConnectionError():
            return f"The proxy at {through} cannot be reached; check HTTPS_PROXY."
        case aiohttp.ClientHttpProxyError(status=407):
            return f"The proxy at {through} wants a name and a password; put them into HTTPS_PROXY."
        case aiohttp.ClientHttpProxyError(status=status):
            return f"The proxy at {through} refuses the way to {there} (HTTP {status}); let it pass there."
        case TimeoutError():
            return f"{there} does not answer within {limit_s:g} seconds; check the firewall, or set HTTPS_PROXY."
        case aiohttp.ClientConnectorDNSError():
            return f"The name {there} cannot be looked up; check this machine's DNS, and PARLEY_SLACK_API_URL."
        case aiohttp.ClientConnectorCertificateError():
            return f"The certificate of {there} is not trusted; if a proxy opens TLS, name its authority in SSL_CERT_FILE."
        case aiohttp.ClientSSLError():
            return f"{there} does not speak TLS as it should; check http and https in PARLEY_SLACK_API_URL, and the proxy."
        case aiohttp.ClientConnectorError(os_error=ConnectionRefusedError()):
            return f"{there} refuses connections; check PARLEY_SLACK_API_URL, and the firewall."
        case aiohttp.ClientConnectorError():
            return f"There is no way to {there}; check the network and the firewall, or set HTTPS_PROXY."
        case aiohttp.InvalidURL():
            return "An address is not valid; check PARLEY_SLACK_API_URL and HTTPS_PROXY."
        case aiohttp.WSServerHandshakeError(status=status):
            return f"{there} opens no websocket (HTTP {status}); let firewall and proxy pass websockets to *.slack.com."
    return f"The connection to {there} breaks off; check the firewall, and the proxy in HTTPS_PROXY."


def place(address: str) -> str:
    """The host of an address, with its port where that is not the usual one: no name, password, path or ticket."""
    try:
        url = URL(address)
    except ValueError:
        return "an address that cannot be read"
    return f"{url.host}" if url.is_default_port() or url.port is None else f"{url.host}:{url.port}"
