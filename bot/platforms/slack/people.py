"""Who people are and what they may read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from cachetools import TTLCache
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms.slack import api

REMEMBERED, FOR_S = 10_000, 900.0
AT_ONCE = 8

UNSEEN = {"channel_not_found", "not_in_channel", "missing_scope", "is_archived", "fetch_members_failed"}

UNKNOWN = {"user_not_found", "user_not_visible"}

User = Mapping[str, Any]


class People:
    """The people of one workspace, each asked for once in a quarter of an hour."""

    def __init__(self, client: AsyncWebClient, *, team: str) -> None:
        self._client, self._team = client, team
        self._known: TTLCache[str, User] = TTLCache(REMEMBERED, FOR_S)
        self._free = asyncio.Semaphore(AT_ONCE)

    async def user(self, user: str) -> User:
        """What Slack says of a user; nothing where it knows nobody by that id, or does not answer just now."""
        if (known := self._known.get(user)) is not None:
            return known
        async with self._free:
            if (known := self._known.get(user)) is not None:  # meanwhile
                return known
            try:
                found: User = (await self._client.users_info(user=user, include_locale=True))["user"]
            except SlackApiError as error:
                if api.code(error) not in UNKNOWN:
                    return {}
                found = {}
            except (aiohttp.ClientError, TimeoutError):
                return {}
        self._known[user] = found
        return found

    async def names(self, users: Iterable[str]) -> dict[str, str]:
        """The names by which others see them, by id."""
        wanted = sorted(set(users))
        found = await asyncio.gather(*map(self.user, wanted))
        return {user: name for user, known in zip(wanted, found, strict=True) if (name := _name(known))}

    async def language(self, user: str) -> str | None:
        """The language in which a user reads Slack (ISO 639-1), if it says."""
        locale = (await self.user(user)).get("locale", "")
        return locale[:2].lower() or None

    async def zone(self, user: str) -> tzinfo:
        """The time zone where a user is, as far as Slack knows."""
        known = await self.user(user)
        try:
            return ZoneInfo(known.get("tz") or "")
        except (LookupError, ValueError, OSError):  # none, one that is none, or the folder of some
            return timezone(timedelta(seconds=known.get("tz_offset") or 0))

    async def may_read(self, user: str, channel: str) -> bool:
        """Whether a user may read a channel without our help.

        A full member of the workspace may read its public channels; guests and people of other workspaces only those
        they are in, like everybody else private channels and direct messages. A channel that the bot cannot see, or that
        is not there, may not be read: the answer does not tell which.
        """
        known = await self.user(user)
        try:
            if known.get("team_id") == self._team and not _guest(known) and await self._public(channel):
                return True
            return await self._member(user, channel)
        except SlackApiError as error:
            if api.code(error) in UNSEEN:
                return False
            raise

    async def _public(self, channel: str) -> bool:
        """Whether every full member of the workspace may read a channel."""
        place = (await self._client.conversations_info(channel=channel))["channel"]
        return place.get("is_channel") is True and place.get("is_private") is False

    async def _member(self, user: str, channel: str) -> bool:
        async for page in await self._client.conversations_members(channel=channel, limit=1000):
            if user in page["members"]:
                return True
        return False


def _name(user: User) -> str | None:
    profile = user.get("profile", {})
    return profile.get("display_name") or user.get("real_name") or profile.get("real_name") or user.get("name")


def _guest(user: User) -> bool:
    """Guests, people whom another workspace shares with this one, and those who left."""
    return any(user.get(mark) for mark in ("is_restricted", "is_ultra_restricted", "is_stranger", "deleted"))
