"""Whether Parley lives, and whether it can answer: `/healthz` and `/readyz`, for whatever watches over it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

Check = Callable[[], Awaitable[bool]]

MODELS, CONNECTION = "models", "connection"
"""What answering takes: the models are loaded, and the platform's requests come in."""


async def _there() -> bool:
    return True


async def _missing() -> bool:
    return False


class Health:
    """Whether requests can be answered now.

    Args:
        needed: the names of what that takes, e.g. `MODELS`; each is missing until `tell` says otherwise.
    """

    def __init__(self, *needed: str) -> None:
        self._checks: dict[str, Check] = dict.fromkeys(needed, _missing)
        self.stopping = False

    def tell(self, name: str, check: Check = _there) -> None:
        """From now on, `check` tells whether `name` is there; without one, it simply is."""
        self._checks[name] = check

    async def missing(self) -> list[str]:
        """The names of what is needed and not there."""
        return [name for name, check in self._checks.items() if not await check()]

    async def ready(self) -> bool:
        """Whether everything is there, and Parley is not `stopping`."""
        return not self.stopping and not await self.missing()


def routes(health: Health) -> list[web.RouteDef]:
    """`/healthz` answers as long as the event loop turns; `/readyz` says 503, and why, while requests cannot be answered."""

    async def alive(_: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def ready(_: web.Request) -> web.Response:
        missing = await health.missing()
        if missing or health.stopping:
            told = {"ready": False, "missing": missing, "stopping": health.stopping}
            return web.json_response(told, status=503)
        return web.json_response({"ready": True})

    return [web.get("/healthz", alive), web.get("/readyz", ready)]
