"""What is wrong with a Slack set-up, and how to mend it: checks that each end in sentences, and never in an error."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.platforms.slack import api, credentials
from bot.platforms.slack.api import Refused
from bot.platforms.slack.doctor import connection, reach, storage, workspace
from bot.platforms.slack.doctor.visit import Check, Said, Skip, Verdict, Visit
from bot.settings import Settings

LIMIT_S = 10.0
CHECKS: dict[str, Check] = {
    "settings": workspace.tokens,
    "network": connection.network,
    "clock": connection.clock,
    "bot token": workspace.bot,
    "permissions": workspace.permissions,
    "app token": connection.app_token,
    "websocket": connection.websocket,
    "same app": workspace.pair,
    "channels": workspace.channels,
    "history": workspace.history,
    "database": storage.database,
    "commands": workspace.interactivity,
}


@dataclass(frozen=True)
class Finding:
    """What a check found: a verdict, and a sentence that says why and what to do. It tells no secret."""

    check: str
    verdict: Verdict
    words: str


async def examine(settings: Settings, *, http: bool = False, limit_s: float = LIMIT_S) -> AsyncIterator[Finding]:
    """Check a set-up, one thing after the other; a finding comes as soon as it is there. Never raises.

    Args:
        settings: the set-up.
        http: whether Slack's events come over HTTP instead of a websocket.
        limit_s: seconds that any one thing may take.
    """
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=limit_s)) as session:
        visit = Visit(settings, http, session, limit_s)
        for name, check in CHECKS.items():
            async for verdict, words in _worded(check, visit):
                yield Finding(name, verdict, credentials.hidden(words, settings))


async def _worded(check: Check, visit: Visit) -> AsyncIterator[Said]:
    """What a check says, with what it raises in words."""
    try:
        async for said in check(visit):
            yield said
    except Skip as reason:
        yield "skipped", str(reason)
    except Refused as reason:
        yield "problem", str(reason)
    except SlackApiError as error:
        yield "skipped" if api.code(error) == "ratelimited" else "problem", reach.refusal(error)
    except (aiohttp.ClientError, TimeoutError) as error:
        url = visit.settings.slack_api_url
        yield "problem", reach.failure(error, url, proxy=visit.proxy, limit_s=visit.limit_s)
    except Exception as error:  # whatever a check did not think of must not keep the others from telling what they know
        yield "problem", f"This check broke off ({type(error).__name__}); please report it."
