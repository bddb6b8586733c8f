"""What one examination goes by, and what its checks tell and leave to those after them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Literal

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms.slack import credentials
from bot.platforms.slack.credentials import BOT, Credential
from bot.settings import Settings, variable

Verdict = Literal["ok", "note", "problem", "skipped"]
"""A `problem` keeps Parley from working, a `note` does not, and what was `skipped` could not be checked."""

MANIFEST = "deploy/slack-manifest.yaml"
NO_SOCKET = "Over HTTP there is no Socket Mode."


class Skip(Exception):
    """Raised by a check that cannot be made; a sentence that says why."""


@dataclass
class Visit:
    """A set-up that is being examined.

    Attributes:
        http: whether Slack's events come over HTTP instead of a websocket.
        limit_s: seconds that one call, or a websocket's greeting, may take.
        reached: whether something answers as Slack does.
        bot_id: the bot, where Slack knows its token.
        skew_s: seconds that this machine's clock is ahead of Slack's, where that is known.
        granted: the scopes of the bot token, where they are known.
        link: where a websocket may be opened.
        app_id: the app whose events come over it.
        channel: a channel that the bot is in.
    """

    settings: Settings
    http: bool
    session: aiohttp.ClientSession
    limit_s: float
    reached: bool = False
    bot_id: str | None = None
    skew_s: float | None = None
    granted: frozenset[str] | None = None
    link: str | None = None
    app_id: str | None = None
    channel: str | None = None

    @property
    def proxy(self) -> str | None:
        """The proxy that slack_sdk goes through."""
        return AsyncWebClient().proxy

    def client(self, credential: Credential) -> AsyncWebClient:
        """Slack's Web API with a token, and without the patience that answering has. Raises `Skip`."""
        if not self.reached:
            raise Skip("Slack cannot be reached.")
        if not credentials.usable(self.settings, credential):
            raise Skip(f"{variable(credential.field)} must be right for this.")
        token = credentials.held(self.settings, credential.field)
        url = self.settings.slack_api_url
        return AsyncWebClient(token=token, base_url=url, session=self.session, retry_handlers=[])

    def bot(self) -> AsyncWebClient:
        """Slack's Web API with the bot token. Raises `Skip`."""
        if credentials.installs(self.settings, http=self.http) and not credentials.held(self.settings, BOT.field):
            raise Skip(f"Every workspace brings a token of its own; set {variable(BOT.field)} to check one of them.")
        return self.client(BOT)


Said = tuple[Verdict, str]
Check = Callable[[Visit], AsyncIterator[Said]]
"""Says what it found. What it raises instead is put into words for it."""
