"""Calls of the REST interface, and what goes wrong with them on purpose."""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import re
import time
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from aiohttp import web

from .errors import Json, invalid, wrong
from .posts import Files

BASE = "/api/v10"


@dataclass
class Call:
    """One call: what was asked (`path` without the base), when, and how it was answered.

    Attributes:
        at: when it came, in seconds of the event loop's clock.
        status: None while it is under way; `code` is Discord's own, of an error.
    """

    method: str
    path: str
    query: dict[str, str]
    body: Any
    files: Files
    at: float
    token: str = ""
    status: int | None = None
    code: int | None = None

    def fits(self, method: str, pattern: str) -> bool:
        return method in {self.method, "*"} and fnmatchcase(self.path, pattern)

    @property
    def bucket(self) -> str:
        """What a rate limit counts together: the route, with the channel, server or token that it is about."""
        kept = re.sub(r"(?<!channels)(?<!guilds)(?<!webhooks)/\d{15,}", "/{id}", self.path)
        return f"{self.method} {kept}"

    def number(self, key: str, default: int) -> int:
        """A number of the query."""
        text = self.query.get(key, str(default))
        if not text.isdigit():
            raise invalid({key: wrong("NUMBER_TYPE_COERCE", f'Value "{text}" is not int.')})
        return int(text)


@dataclass
class Failure:
    """What a call is answered with instead; `landed` lets it take effect all the same."""

    method: str
    pattern: str
    status: int | None
    code: int
    message: str
    times: int
    after: int
    retry_after: float | None
    everywhere: bool
    landed: bool


@dataclass(eq=False)
class Hold:
    """A gate that calls wait at until it is opened."""

    method: str
    pattern: str
    waiting: int = 0
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    def open(self) -> None:
        self.opened.set()


@dataclass
class Bucket:
    """A rate limit: so many calls within so many seconds, for each thing that the route is about."""

    method: str
    pattern: str
    limit: int
    per: float
    taken: dict[str, list[float]] = field(default_factory=dict)

    def take(self, call: Call) -> tuple[int, float]:
        """How many calls are left after this one (-1: it is one too many), and the seconds until all are free again."""
        times = [at for at in self.taken.get(call.bucket, []) if call.at - at < self.per]
        left = self.limit - len(times) - 1
        if left >= 0:
            times.append(call.at)
        self.taken[call.bucket] = times
        return left, self.per - (call.at - times[0])


async def read(request: web.Request) -> Call:
    """A call as it came: JSON, or JSON with files."""
    body, files = None, dict[int, tuple[str, bytes]]()
    if request.content_type == "multipart/form-data":
        async for part in await request.multipart():
            name = getattr(part, "name", "") or ""
            content = bytes(await part.read())  # type: ignore[union-attr]
            if name == "payload_json":
                body = json.loads(content)
            elif found := re.fullmatch(r"files\[(\d+)\]", name):
                files[int(found[1])] = (getattr(part, "filename", None) or "file", content)
    elif request.can_read_body:
        body = await request.json()
    path = request.rel_url.raw_path.removeprefix(BASE)
    at = asyncio.get_running_loop().time()
    token = request.headers.get("Authorization", "").removeprefix("Bot ")
    return Call(request.method, path, dict(request.query), body, files, at, token)


def answer(status: int, body: Json | list[Any] | None, headers: dict[str, str]) -> web.Response:
    """An answer whose content type is exactly what clients look for."""
    headers = {"Via": "1.1 google"} | headers
    if body is None:
        return web.Response(status=status, headers=headers)
    return web.Response(
        status=status, body=json.dumps(body).encode(), headers=headers | {"Content-Type": "application/json"}
    )


def limits(call: Call, limit: int, left: int, wait: float) -> dict[str, str]:
    """The headers that say how much of a rate limit is left."""
    named = {"Limit": limit, "Remaining": max(left, 0), "Reset": round(time.time() + wait, 3), "Reset-After": round(wait, 3)}
    route = re.sub(r"\d{15,}", "{id}", call.bucket)
    bucket = {"X-RateLimit-Bucket": hashlib.sha256(route.encode()).hexdigest()[:32]}
    return bucket | {f"X-RateLimit-{name}": str(value) for name, value in named.items()}


def too_many(call: Call, wait: float, *, limit: int = 1, everywhere: bool = False) -> web.Response:
    """A 429, of one route or of all."""
    headers = limits(call, limit, 0, wait) | {"Retry-After": str(math.ceil(wait)), "X-RateLimit-Scope": "user"}
    headers |= {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"} if everywhere else {}
    return answer(429, {"message": "You are being rate limited.", "retry_after": wait, "global": everywhere}, headers)
