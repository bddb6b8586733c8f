"""How Slack reaches an app: signed requests over HTTP, envelopes over a websocket."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import WSMsgType, web

from .payloads import Payloads, form
from .workspace import Json


@dataclass(frozen=True)
class Ack:
    """The app's acknowledgement: how long it took, and its body (parsed when it is JSON, None when empty)."""

    status: int
    body: Any
    seconds: float


@dataclass(eq=False)
class Connection:
    socket: web.WebSocketResponse
    transport: asyncio.Transport
    deaf: bool = False


@dataclass
class Waiting:
    """An envelope under way."""

    sent: float
    answer: asyncio.Future[Ack] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Wire(Payloads):
    """A workspace that reaches an app, and knows what came of it.

    Attributes:
        socket_mode: whether the app has Socket Mode; without, a socket is closed at once.
        connections: the open sockets, oldest first; `opened` counts all there ever were.
    """

    signing_secret = "0123456789abcdef"
    _session: aiohttp.ClientSession

    def __init__(self, *args: Any, **about: Any) -> None:
        super().__init__(*args, **about)
        self.socket_mode = True
        self.connections: list[Connection] = []
        self.opened = 0
        self._tickets: set[str] = set()
        self._waiting: dict[str, Waiting] = {}
        self._turn = itertools.count()
        self._news = asyncio.Condition()

    async def until(self, true: Callable[[], object], *, within: float = 5) -> None:
        """Wait until something is true; it is asked again whenever the app has called, answered, come or gone.

        Raises:
            TimeoutError: It did not come true.
        """
        async with asyncio.timeout(within), self._news:
            await self._news.wait_for(true)

    async def _told(self) -> None:
        async with self._news:
            self._news.notify_all()

    # What Slack sends over HTTP

    async def send_event(
        self,
        url: str,
        event: Json,
        *,
        event_id: str | None = None,
        retry: int = 0,
        retry_reason: str = "http_timeout",
        **signature: Any,
    ) -> Ack:
        """Send an event, or a whole envelope made by `callback`; `retry` is the number of the redelivery."""
        envelope = (
            event if event.get("type") in {"event_callback", "url_verification"} else self.callback(event, event_id=event_id)
        )
        headers = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": retry_reason} if retry else {}
        return await self._send(url, json.dumps(envelope), "application/json", headers, **signature)

    async def send_command(self, url: str, command: Json, **signature: Any) -> Ack:
        """Send a slash command made by `command`."""
        return await self._send(url, urlencode(command), "application/x-www-form-urlencoded", {}, **signature)

    async def send_interaction(self, url: str, payload: Json, **signature: Any) -> Ack:
        """Send a shortcut, a click or a modal."""
        return await self._send(url, urlencode(form(payload)), "application/x-www-form-urlencoded", {}, **signature)

    async def _send(
        self,
        url: str,
        body: str,
        kind: str,
        headers: dict[str, str],
        *,
        secret: str | None = None,
        signed_at: float | None = None,
    ) -> Ack:
        stamp = str(int(signed_at if signed_at is not None else time.time()))
        signed = {
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature(secret or self.signing_secret, stamp, body),
        }
        start = time.perf_counter()
        async with self._session.post(url, data=body, headers={"Content-Type": kind} | headers | signed) as answer:
            text = await answer.text()
        return Ack(answer.status, _parsed(text), time.perf_counter() - start)

    # What Slack sends over a socket

    def socket_url(self) -> str:
        """A URL that one connection can be made with."""
        ticket = self.number("ticket")
        self._tickets.add(ticket)
        return f"{self.url.replace('http', 'ws', 1)}/link?ticket={ticket}&app_id={self.app_id}"

    async def connected(self, *, opened: int = 1, within: float = 5) -> None:
        """Wait until a socket is open that can hear, and `opened` of them have been opened in all."""
        await self.until(lambda: self.opened >= opened and not self.deaf, within=within)

    async def deliver(
        self,
        kind: str,
        payload: Json,
        *,
        retry_attempt: int | None = None,
        retry_reason: str = "",
        within: float = 5,
        on: Connection | None = None,
    ) -> Ack:
        """Send an envelope ("events_api", "slash_commands" or "interactive") over one of the sockets, taking turns.

        Raises:
            TimeoutError: It was not acknowledged; the app may be deaf, or refuse it.
        """
        envelope: Json = {"envelope_id": self.number("env"), "type": kind, "payload": payload}
        envelope["accepts_response_payload"] = kind != "events_api"
        if kind == "events_api":
            envelope |= {"retry_attempt": retry_attempt or 0, "retry_reason": retry_reason}
        if on is None:
            await self.until(lambda: self.connections, within=within)
            on = self.connections[next(self._turn) % len(self.connections)]
        waiting = self._waiting[envelope["envelope_id"]] = Waiting(time.perf_counter())
        try:
            if not on.deaf:
                await on.socket.send_json(envelope)
            return await asyncio.wait_for(waiting.answer, within)
        finally:
            del self._waiting[envelope["envelope_id"]]

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the oldest connection to be made anew, as Slack does every few hours."""
        await self.connections[0].socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "fake"}})

    async def drop(self) -> None:
        """Cut every connection without a word."""
        for connection in self.connections:
            connection.transport.abort()
        await self.until(lambda: not self.connections)

    @property
    def deaf(self) -> bool:
        """True while no open connection hears.

        Setting it makes the connections now open stop answering pings and sending, or wakes them; later ones hear.
        """
        return all(connection.deaf for connection in self.connections)

    @deaf.setter
    def deaf(self, deaf: bool) -> None:
        for connection in self.connections:
            connection.deaf = deaf

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if request.query.get("ticket") not in self._tickets:
            return web.Response(status=401, text="invalid ticket")
        self._tickets.remove(request.query["ticket"])
        socket = web.WebSocketResponse(autoping=False, timeout=1)
        await socket.prepare(request)
        if not self.socket_mode:
            await socket.send_json({"type": "disconnect", "reason": "link_disabled"})
            return socket
        assert isinstance(request.transport, asyncio.Transport)
        connection = Connection(socket, request.transport)
        hello = {"type": "hello", "num_connections": len(self.connections) + 1, "connection_info": {"app_id": self.app_id}}
        await socket.send_json(hello | {"debug_info": {"host": "fake", "approximate_connection_time": 18060}})
        self.connections.append(connection)
        self.opened += 1
        await self._told()
        try:
            await self._listen(connection)
        finally:
            self.connections.remove(connection)
            await self._told()
        return socket

    async def _listen(self, connection: Connection) -> None:
        async for frame in connection.socket:
            if connection.deaf:
                continue
            if frame.type == WSMsgType.PING:
                await connection.socket.pong(frame.data)
            elif frame.type == WSMsgType.TEXT:
                said = json.loads(frame.data)
                waiting = self._waiting.get(said.get("envelope_id", ""))
                if waiting and not waiting.answer.done():
                    waiting.answer.set_result(Ack(200, said.get("payload"), time.perf_counter() - waiting.sent))


def signature(secret: str, stamp: str, body: str) -> str:
    """What Slack signs a request with."""
    return "v0=" + hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()


def _parsed(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text
