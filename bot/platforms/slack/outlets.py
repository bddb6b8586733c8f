"""Where in Slack an answer can be said: in the agent's view, to the asker alone, or in a modal."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.platforms.asked import Asked
from bot.platforms.outlets import WAIT, InThread
from bot.platforms.posts import Posts
from bot.platforms.slack import api, views
from bot.platforms.slack.render import Message, plain

STATUS = "is reading…"
TOO_LONG = "The rest is too long to be shown here; ask me in a direct message, or for a shorter part."
USES = 5
"""How often the address that comes with a command or a click may be used."""


class InAgent(InThread[Message]):
    """A thread of the agent's view, which has a status line; Slack clears it with the next post."""

    def __init__(self, posts: Posts[Message], asked: Asked, client: AsyncWebClient) -> None:
        super().__init__(posts, asked, plain)
        self._client = client

    async def wait(self) -> None:
        """Set the status line; where the workspace has none, post a line."""
        try:
            await self._client.assistant_threads_setStatus(
                channel_id=self._channel, thread_ts=self._root or "", status=STATUS
            )
        except SlackApiError:
            await super().wait()


class Alone:
    """The asker's eyes, in the channel or thread where it was asked."""

    def __init__(self, client: AsyncWebClient, asked: Asked, root: str | None = None) -> None:
        self._client, self._channel, self._user = client, asked.channel, asked.user
        self.root = root or asked.root

    async def wait(self) -> None:
        """Nothing: what only one person sees cannot be written over without an address for it."""

    async def say(self, messages: Sequence[Message], sources: Collection[str] = ()) -> None:
        """Show the answer."""
        for message in messages:
            await self._client.chat_postEphemeral(
                channel=self._channel,
                user=self._user,
                thread_ts=self.root,
                text=message.text,
                blocks=message.blocks,
            )

    async def remove(self) -> None:
        """Nothing: only an address for what was clicked on can do that."""


class Responding:
    """The same through the address that came with a command or a click, which works where the bot is not a member, too.

    `rest` shows what the address does not take any more. With `clicked`, the address belongs to a message that stays.
    """

    def __init__(self, hook: AsyncWebhookClient, rest: Alone, *, clicked: bool = False) -> None:
        self._hook, self._rest, self._clicked = hook, rest, clicked
        self._left, self._waiting = USES, False

    async def wait(self) -> None:
        """Show a line that the answer takes the place of."""
        await self._show(plain(WAIT))
        self._waiting = not self._clicked  # else it would be written over the message that was clicked on

    async def say(self, messages: Sequence[Message], sources: Collection[str] = ()) -> None:
        """Show the answer."""
        shown = 0
        spare = 1 if len(messages) > self._left else 0
        while shown < len(messages) and self._left > spare and await self._show(messages[shown]):
            shown += 1
        if shown < len(messages):
            try:
                await self._rest.say(messages[shown:])
            except SlackApiError:  # the bot is not in that channel
                await self._show(plain(TOO_LONG))

    async def remove(self) -> None:
        """Take away the message that was clicked on."""
        await self._hook.send_dict({"delete_original": True})

    async def _show(self, message: Message) -> bool:
        """Whether the address took it: it does so for half an hour."""
        self._left -= 1
        over, self._waiting = self._waiting, False
        body = {
            "text": message.text,
            "blocks": message.blocks,
            "response_type": "ephemeral",
            "replace_original": over,
            "unfurl_links": False,
            "thread_ts": self._rest.root,
        }
        try:
            return (await self._hook.send_dict(body)).status_code == 200
        except (aiohttp.ClientError, TimeoutError):
            return False


class InModal:
    """A modal, which says already that the thread is being read."""

    def __init__(self, client: AsyncWebClient, view_id: str, rest: Alone) -> None:
        self._client, self._view_id, self._rest = client, view_id, rest

    async def wait(self) -> None:
        """Nothing: it is said."""

    async def say(self, messages: Sequence[Message], sources: Collection[str] = ()) -> None:
        """Show the answer in the modal; where it was closed, in the thread, to the asker alone."""
        try:
            await self._client.views_update(view_id=self._view_id, view=views.answered(messages))
        except SlackApiError as error:
            if api.code(error) != "not_found":
                raise
            await self._rest.say(messages)

    async def remove(self) -> None:
        """Nothing: whoever reads the modal closes it."""
