"""Where the requests of a platform are taken and answered, once each, where they belong."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Generic, TypeVar

from bot import preferences
from bot.assistant import Assistant
from bot.platforms.answers import Answer, Answers, Platform
from bot.platforms.asked import Asked
from bot.platforms.outlets import InThread, Outlet, patience
from bot.platforms.posts import NotPosted, Posts
from bot.preferences import Preferences
from bot.state import State

THANKS = "Thank you. That is counted, without a word of what was asked or answered."
SAME = "That answer is in this language already."
GONE = "That message is not there any more."

M = TypeVar("M")


class Desk(Generic[M]):
    """Answers requests of one platform; what is said and where is the same on all of them."""

    def __init__(self, platform: Platform[M], assistant: Assistant, state: State, posts: Posts[M]) -> None:
        self._platform, self._assistant, self._state, self._posts = platform, assistant, state, posts
        self._answers = Answers(platform, assistant, state)
        self._plain = platform.plain

    # Requests

    async def ours(self, request: Asked) -> bool:
        """Whether a message is for the bot: it calls it, or a command stands for that, or the bot takes part there."""
        if request.outright or (request.short and (await self.preferences(request.user)).short):
            return True
        return await self._posts.took_part(request.channel, request.root)

    async def answer(
        self, request: Asked, outlet: InThread[M], alone: Outlet[M], *, current: Callable[[], bool] = lambda: True
    ) -> None:
        """Answer a message where it was written, or `alone` to the asker; not at all if it is not `current` any more."""
        async with patience(outlet, self._plain) if request.outright or request.short else nullcontext():
            made = await self._answers.made(request)
        if made.private or not current():
            await outlet.withdraw()
            if made.messages and current() and not await self._posts.gone(request.keys):
                await alone.say(made.messages)
        else:
            await outlet.say(made.messages, made.sources)
            if not current():
                await outlet.withdraw()

    async def whisper(self, request: Asked, outlet: Outlet[M]) -> None:
        """Answer a command, the menu of a message, a question of a modal or a click to the asker alone."""
        async with patience(outlet, self._plain):
            made = await self._answers.made(request, private=True)
        await outlet.say(made.messages, made.sources)

    async def deleted(self, channel: str, message: str) -> None:
        """A message is gone: it gets no answer any more, and the answers that are about it or quote it go, too."""
        await self._posts.retract(channel, message)

    # Clicks

    async def share(self, request: Asked, outlet: Outlet[M], click: str, *, everyone: Outlet[M] | None = None) -> None:
        """Post for everybody what somebody was shown, who must still be allowed to read what it is about.

        `everyone` is where to say it, where the bot cannot post.
        """
        made = await self._answers.made(request, private=False, buttons=False)
        if made.private:
            await outlet.say(made.messages)
            return
        try:
            async with self._state.claimed(f"{self._platform.home}:{click}:share") as ours:
                if ours and not await self._shared(request, made, everyone):
                    await outlet.say([self._plain(GONE)])
                elif ours:
                    await outlet.remove()
        except NotPosted as reason:
            await outlet.say([self._plain(str(reason))])

    async def _shared(self, request: Asked, made: Answer[M], everyone: Outlet[M] | None) -> bool:
        """Post an answer with the name of who shares it; False where a message that it shows words of is gone."""
        by = (await self._platform.people.names([request.user])).get(request.user, "Someone")
        messages = [self._plain(f"{by} shared this answer:"), *made.messages]
        if everyone:
            await everyone.say(messages, made.sources)
            return True
        for message in messages:
            if not await self._posts.post(request.channel, request.root, message, made.sources):
                return False
        return True

    async def retell(self, request: Asked, outlet: Outlet[M], *, target: str | None) -> None:
        """Show an answer in another language: the one chosen, else the reader's own."""
        mine = target or await self._answers.language(request.user) or "en"
        async with patience(outlet, self._plain):
            reply, thread, _ = await self._answers.reply(request)
            assert reply is not None  # as whoever clicks asks outright
            told = await self._assistant.retold(reply, mine)
        if reply.intent is None or (told.parts == reply.parts and target):
            await outlet.say([self._plain(SAME)] if reply.intent else await self._answers.drawn(reply, thread))
        elif told.parts == reply.parts:
            others = [language for language in self._assistant.languages if language != mine]
            await outlet.say([self._platform.choices(request, others) if others else self._plain(SAME)])
        else:
            await outlet.say(await self._answers.drawn(told, thread))

    async def judged(self, user: str, answer: str, verdict: str, intent: str, outlet: Outlet[M] | None) -> None:
        """Count a verdict on an answer (by the id of what shows it), each once a person."""
        async with self._state.claimed(f"{self._platform.home}:{answer}:{user}:{verdict}") as ours:
            if ours:
                await self._state.count(intent, verdict)
                if outlet:
                    await outlet.say([self._plain(THANKS)])

    # Settings

    async def preferences(self, user: str) -> Preferences:
        """What somebody has set."""
        return await self._answers.preferences(user)

    async def prefer(self, user: str, change: Callable[[Preferences], Preferences]) -> Preferences:
        """Keep what somebody has set, and return it."""
        before = await self.preferences(user)
        chosen = change(before)
        await preferences.write(self._state, self._answers.owner(user), chosen, before=before)
        return chosen
