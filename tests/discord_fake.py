"""A local Discord: its REST interface over real HTTP, its gateway over a real websocket, on a free port.

    async with FakeDiscord() as discord:
        ana = discord.user("Ana")
        channel = discord.channel(discord.guild("Acme", ana), "incident")
        with discord.addressed():
            ...  # start a client of discord.py with discord.token
        await discord.ready()
        message = discord.say(channel, ana, f"{discord.bot.mention} what changed?")
        await discord.until(lambda: discord.answers(channel))
        shown = await discord.command(ana, channel, "summarize").answer()

The world is in `discord/world.py`, what people do in `discord/talk.py` and `discord/interactions.py`, the gateway in
`discord/gateway.py`, and the routes in `discord/routes.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import pytest
import yarl
from aiohttp import web
from discord.gateway import DiscordWebSocket
from discord.http import Route

from .discord.calls import BASE, Bucket, Call, Failure, Hold, answer, limits, read, too_many
from .discord.errors import DiscordError
from .discord.interactions import Interactions
from .discord.routes import OPEN, found

PROXIES = [name for plain in ("http_proxy", "https_proxy", "all_proxy") for name in (plain, plain.upper())]


class FakeDiscord(Interactions):
    """A world, served. Entering it starts the server and hides proxies.

    Attributes:
        calls: what the app called, in order.
        delays: seconds that a call takes to be answered, by method and pattern of the path ("GET /channels/*/messages").
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.delays: dict[str, float] = {}
        self._failures: list[Failure] = []
        self._holds: list[Hold] = []
        self._buckets: list[Bucket] = []

    async def __aenter__(self) -> Self:
        self._patch = pytest.MonkeyPatch()
        for name in PROXIES:
            self._patch.delenv(name, raising=False)
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get("/", self._socket)
        app.router.add_get("/attachments/{channel}/{number}/{name}", self._file)
        app.router.add_route("*", BASE + "/{path:.*}", self._api)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        self._site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await self._site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._site.stop()  # first, so that a client whose socket is cut does not come back
        for hold in self._holds:
            hold.open()
        self.drop()
        await self.until(lambda: not self.connections)
        await self._runner.cleanup()
        self._patch.undo()
        if self.broken:
            raise self.broken[0]

    @property
    def api_url(self) -> str:
        """What discord.py calls `Route.BASE`."""
        return self.url + BASE

    @contextmanager
    def addressed(self) -> Iterator[None]:
        """Let discord.py find this Discord; clients are to be started within."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Route, "BASE", self.api_url)
            patch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(self.gateway_url))
            yield

    # What goes wrong

    def fail(
        self,
        method: str,
        pattern: str,
        *,
        status: int | None = 500,
        code: int = 0,
        message: str = "",
        times: int = 1,
        after: int = 0,
        retry_after: float | None = None,
        everywhere: bool = False,
        landed: bool = False,
    ) -> None:
        """Let calls fail, `times` times after `after` good ones.

        Args:
            pattern: of the path, as in "/channels/*/messages"; a `*` stands for anything.
            status: of the answer; None cuts the connection instead.
            code: Discord's own, such as 50013.
            retry_after: seconds, for a 429; `everywhere` makes it a global one.
            landed: the call takes effect, and only the answer is lost.
        """
        if status == 429:
            retry_after = 0.05 if retry_after is None else retry_after
        failure = Failure(method, pattern, status, code, message, times, after, retry_after, everywhere, landed)
        self._failures.append(failure)

    def hold(self, method: str, pattern: str) -> Hold:
        """Let calls wait until the returned gate is opened; it counts those `waiting`."""
        hold = Hold(method, pattern)
        self._holds.append(hold)
        return hold

    def limit(self, method: str, pattern: str, calls: int, per: float) -> None:
        """Put a rate limit on a route: so many calls in so many seconds, for each channel, server or token."""
        self._buckets.append(Bucket(method, pattern, calls, per))

    def called(self, method: str, pattern: str) -> list[Call]:
        """The calls of one kind that were answered well."""
        return [each for each in self.calls if each.fits(method, pattern) and each.status is not None and each.status < 300]

    # The server

    async def _api(self, request: web.Request) -> web.StreamResponse:
        call = await read(request)
        self.calls.append(call)
        try:
            response = await self._answered(call)
        except DiscordError as refused:
            response = answer(refused.status, refused.json(), {})
            call.code = refused.code
        except Exception as broken:
            self.broken.append(broken)
            raise
        if response is None:
            assert request.transport is not None
            request.transport.abort()
            response = web.Response()
        call.status = response.status
        self.told()
        return response

    async def _answered(self, call: Call) -> web.Response | None:
        await self._waited(call)
        failure = self._failing(call)
        if failure and not failure.landed:
            return self._failed(failure, call)
        bucket = next((each for each in self._buckets if call.fits(each.method, each.pattern)), Bucket("*", "*", 50, 1.0))
        left, wait = bucket.take(call)
        if left < 0:
            return too_many(call, wait, limit=bucket.limit)
        route, parts = found(call.method, call.path)
        if not OPEN.fullmatch(call.path) and call.token != self.token:
            raise DiscordError(401, 0, "401: Unauthorized")
        body = route(self, call, *parts)
        if failure:
            return self._failed(failure, call)
        return answer(204 if body is None else 200, body, limits(call, bucket.limit, left, wait))

    async def _waited(self, call: Call) -> None:
        for pattern, seconds in self.delays.items():
            if call.fits(*pattern.split(" ", 1)):
                await asyncio.sleep(seconds)
        for hold in self._holds:
            if call.fits(hold.method, hold.pattern) and not hold.opened.is_set():
                hold.waiting += 1
                self.told()
                await hold.opened.wait()
                hold.waiting -= 1

    def _failing(self, call: Call) -> Failure | None:
        for failure in self._failures:
            if not call.fits(failure.method, failure.pattern):
                continue
            if failure.after:
                failure.after -= 1
                continue
            failure.times -= 1
            if not failure.times:
                self._failures.remove(failure)
            return failure
        return None

    @staticmethod
    def _failed(failure: Failure, call: Call) -> web.Response | None:
        call.code = failure.code
        if failure.status is None:
            return None
        if failure.retry_after is not None:
            return too_many(call, failure.retry_after, everywhere=failure.everywhere)
        body = {"message": failure.message or f"{failure.status}: fails on purpose", "code": failure.code}
        return answer(failure.status, body, {})

    async def _file(self, request: web.Request) -> web.Response:
        content = self.stored.get(request.path)
        return web.Response(body=content) if content is not None else web.Response(status=404)
