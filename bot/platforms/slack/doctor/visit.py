"""What one examination of a Slack set-up goes by, and what its checks leave to those after them."""

from __future__ import annotations

from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms import doctor
from bot.platforms.credentials import Credential, held, usable
from bot.platforms.doctor import Skip
from bot.platforms.slack import credentials
from bot.platforms.slack.credentials import BOT
from bot.settings import variable

MANIFEST = "deploy/slack-manifest.yaml"
NO_SOCKET = "Over HTTP there is no Socket Mode."


@dataclass(kw_only=True)
class Visit(doctor.Visit):
    """A Slack set-up that is being examined.

    Attributes:
        http: whether Slack's events come over HTTP instead of a websocket.
        bot_id: the bot, where Slack knows its token.
        skew_s: seconds that this machine's clock is ahead of Slack's, where that is known.
        granted: the scopes of the bot token, where they are known.
        link: where a websocket may be opened.
        app_id: the app whose events come over it.
        channel: a channel that the bot is in.
    """

    http: bool
    bot_id: str | None = None
    skew_s: float | None = None
    granted: frozenset[str] | None = None
    link: str | None = None
    app_id: str | None = None
    channel: str | None = None

    def client(self, credential: Credential) -> AsyncWebClient:
        """Slack's Web API with a token, and without the patience that answering has. Raises `Skip`."""
        if not self.reached:
            raise Skip("Slack cannot be reached.")
        if not usable(self.settings, credential):
            raise Skip(f"{variable(credential.field)} must be right for this.")
        token = held(self.settings, credential.field)
        return AsyncWebClient(token=token, base_url=self.way.url, session=self.session, retry_handlers=[])

    def bot(self) -> AsyncWebClient:
        """Slack's Web API with the bot token. Raises `Skip`."""
        if credentials.installs(self.settings, http=self.http) and not held(self.settings, BOT.field):
            raise Skip(f"Every workspace brings a token of its own; set {variable(BOT.field)} to check one of them.")
        return self.client(BOT)
