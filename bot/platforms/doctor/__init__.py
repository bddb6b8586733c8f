"""How a platform's set-up is examined: by checks that each end in sentences, and never in an error."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

import aiohttp

from bot.platforms import credentials
from bot.platforms.doctor.way import Way
from bot.platforms.refused import Refused
from bot.platforms.visible import visible
from bot.settings import Settings

LIMIT_S = 10.0
"""Seconds that any one thing may take."""

Verdict = Literal["ok", "note", "problem", "skipped"]
"""A `problem` keeps Parley from working, a `note` does not, and what was `skipped` could not be checked."""


class Skip(Exception):
    """Raised by a check that cannot be made; a sentence that says why."""


@dataclass(kw_only=True)
class Visit:
    """A set-up that is being examined. A platform adds what its checks leave to those after them.

    Attributes:
        session: what connections are opened with.
        way: how the platform is reached.
        reached: whether something answers as the platform does.
    """

    settings: Settings
    session: aiohttp.ClientSession
    way: Way
    reached: bool = False


V = TypeVar("V", bound=Visit)
Said = tuple[Verdict, str]
Check = Callable[[V], AsyncIterator[Said]]
"""Says what it found. What it raises instead is put into words for it."""


@dataclass(frozen=True)
class Finding:
    """What a check found: a verdict, and a sentence that says why and what to do. It tells no secret."""

    check: str
    verdict: Verdict
    words: str


async def examine(
    checks: Mapping[str, Check[V]], visit: V, refusal: Callable[[Exception], Said | None]
) -> AsyncIterator[Finding]:
    """Make one check after the other; a finding comes as soon as it is there. Never raises.

    Args:
        refusal: what an error of the platform's own library says; None for any other error.
    """
    for name, check in checks.items():
        async for verdict, words in _worded(check, visit, refusal):
            yield Finding(name, verdict, visible(credentials.hidden(words, visit.settings)))


async def _worded(check: Check[V], visit: V, refusal: Callable[[Exception], Said | None]) -> AsyncIterator[Said]:
    """What a check says, with what it raises in words."""
    try:
        async for said in check(visit):
            yield said
    except Skip as reason:
        yield "skipped", str(reason)
    except Refused as reason:
        yield "problem", str(reason)
    except Exception as error:  # whatever a check did not think of must not keep the others from telling what they know
        yield refusal(error) or _failure(error, visit)


def _failure(error: Exception, visit: Visit) -> Said:
    if isinstance(error, aiohttp.ClientError | TimeoutError):
        return "problem", visit.way.failure(error)
    return "problem", f"This check broke off ({type(error).__name__}); please report it."
