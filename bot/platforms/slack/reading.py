"""What a request is about, fetched for an asker who may read it."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace
from datetime import datetime

import aiohttp
from slack_sdk.errors import SlackApiError

from bot import windows
from bot.assistant import NotReadable
from bot.platforms.asked import Asked, Place
from bot.platforms.desk import GONE
from bot.platforms.slack import api
from bot.platforms.slack.history import History
from bot.platforms.slack.people import People
from bot.platforms.slack.wire import OUTSIDE
from bot.windows import Window
from handlers.conversation import Request, Thread

log = logging.getLogger(__name__)

NO_ACCESS = "I cannot read that for you: either it is not there, or you or I are not in that channel."
NOT_INSIDE = "I am not in this channel, so I cannot read it: write `/invite @Parley` first."
TROUBLE = "Slack did not let me read this just now; please ask again in a minute."
MISSING = {"thread_not_found", "message_not_found"}


class Reading:
    """Reads for one workspace."""

    def __init__(self, history: History, people: People) -> None:
        self._history, self._people = history, people

    async def read(self, request: Request, asked: Asked, place: Place) -> Request:
        """The request with its thread, or with the one message that it is about. Raises `NotReadable`.

        Whoever asks about another channel must be able to read that one: this is proved before anything is fetched.
        Whoever writes or clicks in a channel can read it.
        """
        elsewhere = place.channel != asked.channel
        try:
            if (elsewhere or not asked.there) and not await self._people.may_read(asked.user, place.channel):
                raise NotReadable(NO_ACCESS)
            if place.message and request.intent in ("translate", "sentiment"):
                return replace(request, quoted=await self._history.one(place.channel, place.message))
            return replace(request, thread=await self._thread(request, asked, place))
        except SlackApiError as error:
            raise NotReadable(_why(api.code(error), elsewhere=elsewhere)) from None
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("Slack could not be read: %s", type(error).__name__)
            raise NotReadable(TROUBLE) from None

    async def placed(self, asked: Asked) -> Asked:
        """A request about a message, such as a reaction to it, with the thread that it stands in."""
        channel, _, message = asked.place
        try:
            root = message and await self._history.root(channel, message)
        except (SlackApiError, aiohttp.ClientError, TimeoutError):  # which is told when the message is to be read
            return asked
        return replace(asked, root=root if root != message else None, about=Place(channel, root, message))

    async def _thread(self, request: Request, asked: Asked, place: Place) -> Thread:
        asked_at = float(asked.until or time.time())  # what is shared or told again later is about the same messages
        now = datetime.fromtimestamp(asked_at, await self._people.zone(asked.user))
        window = await asyncio.to_thread(windows.read, request.text, now=now) or Window()
        root = place.root or (place.message and await self._history.root(place.channel, place.message))
        if root:
            return await self._history.thread(place.channel, root, window, until=asked.until, asker=asked.user)
        return await self._history.channel(place.channel, window, until=asked.until, asker=asked.user)


def _why(code: str, *, elsewhere: bool) -> str:
    """What to say when Slack refuses; of another channel, it does not tell whether that is there."""
    if code not in OUTSIDE | MISSING or code == "missing_scope":
        log.warning("Slack refused to be read: %s", code or "with a page that is not its own")
    if code not in OUTSIDE | MISSING:
        return TROUBLE
    if elsewhere:
        return NO_ACCESS
    return GONE if code in MISSING else NOT_INSIDE
