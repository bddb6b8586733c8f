"""The first message over a platform's websocket."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp

from bot.platforms.doctor import Visit
from bot.platforms.refused import Refused


async def greeting(visit: Visit, link: str) -> dict[str, Any]:
    """What comes first over the websocket at `link`; {} where that is no JSON object. Raises `Refused`."""
    # A platform may leave the TCP connection open after the last frames, and send something else before them.
    patience = aiohttp.ClientWSTimeout(ws_close=1.0)
    try:
        async with asyncio.timeout(visit.way.limit_s):
            async with visit.session.ws_connect(link, proxy=visit.way.proxy, timeout=patience) as socket:
                message = await socket.receive()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise Refused(visit.way.failure(error, link)) from None
    return parsed(message.data)


def parsed(body: Any) -> dict[str, Any]:
    """A JSON object, {} where a body is anything else."""
    try:
        read = json.loads(body)
    except (TypeError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}
