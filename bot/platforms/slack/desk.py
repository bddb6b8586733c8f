"""Where requests from Slack are taken: messages, reactions, and what the app's own pages hold."""

from __future__ import annotations

from contextlib import suppress

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.assistant import Assistant
from bot.platforms import desk
from bot.platforms.asked import SETTINGS, Asked, Place
from bot.platforms.outlets import InThread, Outlet
from bot.platforms.posts import Posts
from bot.platforms.slack import views
from bot.platforms.slack.history import History
from bot.platforms.slack.outlets import Alone, InAgent
from bot.platforms.slack.people import People
from bot.platforms.slack.platform import Slack
from bot.platforms.slack.reading import Reading
from bot.platforms.slack.render import Message, plain
from bot.platforms.slack.wire import SlackWire
from bot.state import State

PACE_S = 1.0
"""Seconds between two posts to a channel; Slack allows one a second."""

PROMPTS = (
    {"title": "Summarize this channel", "message": "Summarize the latest messages"},
    {"title": "What did I miss?", "message": "What did I miss?"},
    {"title": "How do people feel?", "message": "How do people feel about this?"},
    {"title": "What can you do?", "message": "help"},
)


class Desk(desk.Desk[Message]):
    """Answers the requests of one workspace.

    Args:
        home: the workspace's address; `me` is the bot's user in it and `team` its id.
        pace_s: seconds between two posts to the same channel.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        assistant: Assistant,
        state: State,
        *,
        home: str,
        me: str,
        team: str,
        pace_s: float = PACE_S,
    ) -> None:
        people = People(client, team=team)
        self._reading = Reading(History(client, people, home=home, me=me), people)
        self._slack = Slack(people, self._reading, team=team)
        posts = Posts(SlackWire(client, pace_s=pace_s), state, home=self._slack.home)
        super().__init__(self._slack, assistant, state, posts)
        self.team, self.me, self.client = team, me, client

    async def heard(self, request: Asked) -> None:
        """Answer a message in its thread, unless that is being done or was done already."""
        if not await self.ours(request):
            return
        async with self._state.claimed(*request.keys) as ours:
            if not ours:
                return
            alone = Alone(self.client, request)
            if request.text == SETTINGS:
                await alone.say([await self._settings(request.user)])
                return
            agent = InAgent(self._posts, request, self.client) if request.direct else None
            await self.answer(request, agent or InThread(self._posts, request, plain), alone)

    async def commanded(self, request: Asked, outlet: Outlet[Message]) -> None:
        """Answer a command or a shortcut to the asker alone."""
        if request.text == SETTINGS:
            await outlet.say([await self._settings(request.user)])
        else:
            await self.whisper(request, outlet)

    async def reacted(self, request: Asked) -> None:
        """Answer a reaction to whoever reacted, once."""
        async with self._state.claimed(*request.keys) as ours:
            if ours:
                known = await self._reading.placed(request)
                await self.whisper(known, Alone(self.client, known))

    # The app's own pages

    async def ask(self, place: Place, trigger: str) -> None:
        """Open the modal that takes a question about a thread."""
        await self.client.views_open(trigger_id=trigger, view=views.question(place))

    async def home(self, user: str) -> None:
        """Draw somebody's Home tab."""
        chosen = await self.preferences(user)
        await self.client.views_publish(user_id=user, view=views.home(chosen, self._assistant.languages))

    async def changed(self, user: str, action: views.Chosen) -> None:
        """Keep what somebody has set."""
        await self.prefer(user, lambda before: views.changed(before, action))

    async def opened(self, channel: str, thread: str | None) -> None:
        """Offer prompts in the agent's view, where the workspace has it."""
        with suppress(SlackApiError):
            await self.client.assistant_threads_setSuggestedPrompts(
                channel_id=channel, thread_ts=thread, prompts=[dict(prompt) for prompt in PROMPTS]
            )

    def looked(self, user: str, place: Place | None) -> None:
        """Remember what somebody looks at beside the agent's view."""
        self._slack.looked(user, place)

    async def _settings(self, user: str) -> Message:
        blocks = views.settings(await self.preferences(user), self._assistant.languages)
        return Message([block.to_dict() for block in blocks], "Settings")
