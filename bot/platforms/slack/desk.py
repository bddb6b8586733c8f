"""Where requests from Slack are taken and answered, once each, where they belong."""

from __future__ import annotations

from contextlib import nullcontext, suppress

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import preferences
from bot.assistant import Assistant
from bot.platforms.slack import api, asked, views
from bot.platforms.slack.answers import Answer, Answers, drawn
from bot.platforms.slack.asked import Asked, Place
from bot.platforms.slack.history import History
from bot.platforms.slack.outlets import Alone, InAgent, InThread, Outlet, Posts, Responding, patience
from bot.platforms.slack.people import People
from bot.platforms.slack.reading import GONE, OUTSIDE, Reading
from bot.platforms.slack.render import Message, plain
from bot.state import State

PACE_S = 1.0
"""Seconds between two posts to a channel; Slack allows one a second."""

PROMPTS = (
    {"title": "Summarize this channel", "message": "Summarize the latest messages"},
    {"title": "What did I miss?", "message": "What did I miss?"},
    {"title": "How do people feel?", "message": "How do people feel about this?"},
    {"title": "What can you do?", "message": "help"},
)

THANKS = "Thank you. That is counted, without a word of what was asked or answered."
SAME = "That answer is in this language already."
NOT_POSTED = "I am not in this channel, so I cannot post here: write `/invite @Parley` first, and share it then."


class Desk:
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
        self.team, self.me = team, me
        self.client, self._assistant, self._state = client, assistant, state
        self._people = People(client, team=team)
        self._reading = Reading(History(client, self._people, home=home, me=me), self._people)
        self._answers = Answers(assistant, state, self._people, self._reading, team=team)
        self._posts = Posts(client, state, team=team, pace_s=pace_s)

    # Requests

    async def answer(self, request: Asked) -> None:
        """Answer a message in its thread, unless that is being done or was done already."""
        if not await self._ours(request):
            return
        async with self._state.claimed(*request.keys) as ours:
            if not ours:
                return
            alone = Alone(self.client, request)
            if request.text == asked.SETTINGS:
                await alone.say([await self._settings(request.user)])
                return
            outlet = InAgent(self._posts, request, self.client) if request.direct else InThread(self._posts, request)
            async with patience(outlet) if request.outright or request.short else nullcontext():
                made = await self._answers.made(request)
            if made.private:
                await outlet.withdraw()
                if not await self._posts.gone(request.keys):
                    await alone.say(made.messages)
            else:
                await outlet.say(made.messages, made.sources)

    async def whisper(self, request: Asked, outlet: Outlet) -> None:
        """Answer a command, a shortcut, a question of a modal or a click to the asker alone."""
        if request.text == asked.SETTINGS:
            await outlet.say([await self._settings(request.user)])
            return
        async with patience(outlet):
            made = await self._answers.made(request, alone=True)
        await outlet.say(made.messages, made.sources)

    async def reacted(self, request: Asked) -> None:
        """Answer a reaction to whoever reacted, once."""
        async with self._state.claimed(*request.keys) as ours:
            if ours:
                known = await self._reading.placed(request)
                await self.whisper(known, Alone(self.client, known))

    async def deleted(self, channel: str, ts: str) -> None:
        """A message is gone: it gets no answer any more, and the answers that are about it or quote it go, too."""
        await self._posts.retract(channel, ts)

    # Clicks

    async def share(self, request: Asked, outlet: Responding | Alone, click: str) -> None:
        """Post for everybody what somebody was shown, who must still be allowed to read what it is about."""
        made = await self._answers.made(request, shared=True)
        if made.private:
            await outlet.say(made.messages)
            return
        try:
            async with self._state.claimed(f"slack:{self.team}:{click}:share") as ours:
                if ours and not await self._shared(request, made):
                    await outlet.say([plain(GONE)])
                elif ours and isinstance(outlet, Responding):
                    await outlet.remove()
        except SlackApiError as error:
            if api.code(error) not in OUTSIDE:
                raise
            await outlet.say([plain(NOT_POSTED)])

    async def _shared(self, request: Asked, made: Answer) -> bool:
        """Post an answer with the name of who shares it; False where a message that it shows words of is gone."""
        by = (await self._people.names([request.user])).get(request.user, "Someone")
        for message in (plain(f"{by} shared this answer:"), *made.messages):
            if not await self._posts.post(request.channel, request.root, message, made.sources):
                return False
        return True

    async def retell(self, request: Asked, outlet: Outlet, *, value: str, target: str | None) -> None:
        """Show an answer in another language: the one chosen, else the reader's own."""
        mine = target or await self._answers.language(request.user) or "en"
        async with patience(outlet):
            reply, thread, _ = await self._answers.reply(request)
            assert reply is not None  # as whoever clicks asks outright
            told = await self._assistant.retold(reply, mine)
        if reply.intent is None or (told.parts == reply.parts and target):
            await outlet.say([plain(SAME)] if reply.intent else await drawn(reply, thread))
        elif told.parts == reply.parts:
            others = [language for language in self._assistant.languages if language != mine]
            await outlet.say([views.choices(value, others) if others else plain(SAME)])
        else:
            await outlet.say(await drawn(told, thread))

    async def judged(self, user: str, answer: str, value: str, outlet: Outlet | None) -> None:
        """Count a verdict on an answer (a message's timestamp, or a modal's id), once a person."""
        verdict, _, intent = value.partition(":")
        async with self._state.claimed(f"slack:{self.team}:{answer}:{user}:{verdict}") as ours:
            if ours:
                await self._state.count(intent, verdict)
                if outlet:
                    await outlet.say([plain(THANKS)])

    # The app's own pages

    async def ask(self, place: Place, trigger: str) -> None:
        """Open the modal that takes a question about a thread."""
        await self.client.views_open(trigger_id=trigger, view=views.question(place))

    async def home(self, user: str) -> None:
        """Draw somebody's Home tab."""
        chosen = await self._answers.preferences(user)
        await self.client.views_publish(user_id=user, view=views.home(chosen, self._assistant.languages))

    async def prefer(self, user: str, action: views.Chosen) -> None:
        """Keep what somebody has set."""
        chosen = views.changed(await self._answers.preferences(user), action)
        await preferences.write(self._state, self._answers.owner(user), chosen)

    async def opened(self, channel: str, thread: str | None) -> None:
        """Offer prompts in the agent's view, where the workspace has it."""
        with suppress(SlackApiError):
            await self.client.assistant_threads_setSuggestedPrompts(
                channel_id=channel, thread_ts=thread, prompts=[dict(prompt) for prompt in PROMPTS]
            )

    def looked(self, user: str, place: Place | None) -> None:
        """Remember what somebody looks at beside the agent's view."""
        self._answers.looked(user, place)

    async def _ours(self, request: Asked) -> bool:
        """Whether a message is for the bot: it calls it, or a command stands for that, or the bot takes part there."""
        if request.outright or (request.short and (await self._answers.preferences(request.user)).short):
            return True
        return request.root is not None and await self._posts.took_part(request.channel, request.root)

    async def _settings(self, user: str) -> Message:
        blocks = views.settings(await self._answers.preferences(user), self._assistant.languages)
        return Message([block.to_dict() for block in blocks], "Settings")
