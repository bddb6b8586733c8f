"""The gateway: sessions over websockets, what is dispatched to them, and what goes wrong with them."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from .errors import Json
from .payloads import Payloads
from .rights import rights
from .world import Channel, Guild

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, MEMBERS, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 8, 9, 10, 11
SEEN_BY = {  # the intents that an event needs: in a server, in a direct message
    "GUILD": (1 << 0, 0),
    "CHANNEL": (1 << 0, 0),
    "THREAD": (1 << 0, 0),
    "GUILD_MEMBER": (1 << 1, 0),
    "MESSAGE": (1 << 9, 1 << 12),
    "MESSAGE_REACTION": (1 << 10, 1 << 13),
    "INTERACTION": (0, 0),
}
MEMBERS_INTENT, PRESENCES_INTENT, CONTENT_INTENT = 1 << 1, 1 << 8, 1 << 15


@dataclass(eq=False)
class Session:
    """What survives a lost connection: everything dispatched since IDENTIFY, by sequence number."""

    id: str
    shard: int
    shards: int
    intents: int
    sent: list[tuple[str, Json]] = field(default_factory=list)
    connection: Connection | None = None

    def frame(self, number: int) -> Json:
        name, about = self.sent[number - 1]
        return {"op": DISPATCH, "t": name, "s": number, "d": about}


@dataclass(eq=False)
class Connection:
    """An open socket.

    Attributes:
        beats: when each heartbeat came, in seconds of the event loop's clock, the first from HELLO on.
        deaf: a connection that is open, but neither answers nor sends.
        refused: the code that the fake closed it with, if it did.
    """

    socket: web.WebSocketResponse
    transport: asyncio.Transport
    opened: float
    session: Session | None = None
    deaf: bool = False
    refused: int | None = None
    beats: list[float] = field(default_factory=list)
    outbox: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    @property
    def gaps(self) -> list[float]:
        """The seconds between two heartbeats."""
        return [later - earlier for earlier, later in zip(self.beats, self.beats[1:], strict=False)]

    def send(self, frame: Json) -> None:
        if not self.deaf:
            self.outbox.put_nowait(json.dumps(frame))

    async def close(self, code: int, why: str = "") -> None:
        self.refused = code
        await self.socket.close(code=code, message=why.encode())


class Gateway(Payloads):
    """A world that reaches the app's clients, and knows what came of it.

    Attributes:
        token: the bot's token; `heartbeat_s` the interval that HELLO asks for.
        connections: the open sockets, oldest first. `identified` and `resumed` list the shards that did, in order.
        sessions: those that can be resumed.
        concurrency: how many shards may identify at once; `starts` how many sessions may be started today.
        broken: what the fake itself failed with; leaving it raises the first.
        rewind: how many events that a client has had already a RESUME brings once more.
    """

    token = "MTIz.fake.token"

    def __init__(self) -> None:
        super().__init__()
        self.heartbeat_s = 41.25
        self.concurrency, self.rewind, self.starts = 16, 0, 1000
        self.connections: list[Connection] = []
        self.sessions: dict[str, Session] = {}
        self.identified: list[int] = []
        self.resumed: list[int] = []
        self.url = ""
        self.broken: list[Exception] = []
        self._news = asyncio.Event()

    @property
    def gateway_url(self) -> str:
        return self.url.replace("http", "ws", 1) + "/"

    # Waiting

    async def until(self, true: Callable[[], object], *, within: float = 5) -> None:
        """Wait until something is true; it is asked again whenever the app has called, come, gone or heartbeaten.

        Raises:
            TimeoutError: It did not come true.
        """
        async with asyncio.timeout(within):
            while not true():
                await self._news.wait()

    async def ready(self, *, shards: int = 1, within: float = 5) -> None:
        """Wait until this many shards have a session and hear."""
        await self.until(lambda: len({each.shard for each in self._heard()}) >= shards, within=within)

    async def reconnected(self, number: int = 1, *, within: float = 10) -> None:
        """Wait until a lost session has been resumed, this many times in all."""
        await self.until(lambda: len(self.resumed) >= number, within=within)

    def told(self) -> None:
        """Let those who wait look again."""
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _heard(self) -> list[Session]:
        return [each.session for each in self.connections if each.session and not each.deaf]

    # What is dispatched

    def dispatch(
        self, name: str, about: Json | Callable[[bool], Json], *, guild: Guild | None = None, channel: Channel | None = None
    ) -> None:
        """Send an event to every session that is to get it; `about` may be made for those with or without content."""
        guild = guild or (channel.guild if channel else None)
        if guild and self.bot.id not in guild.members and name not in {"INTERACTION_CREATE", "GUILD_DELETE"}:
            return
        if channel and not rights(channel, self.bot) and name != "INTERACTION_CREATE":
            return
        for session in list(self.sessions.values()):
            if session.shard == self._shard(session, guild) and _wants(session, name, guild):
                content = self.content != "none" and bool(session.intents & CONTENT_INTENT)
                self._push(session, name, about(content) if callable(about) else about)

    def replay(self, number: int = 1, *, of: str = "") -> None:
        """Send the last events once more, under new sequence numbers; `of` keeps to those of one name."""
        for session in self.sessions.values():
            for name, about in [each for each in session.sent if of in {"", each[0]}][-number:]:
                self._push(session, name, about)

    def _push(self, session: Session, name: str, about: Json) -> None:
        session.sent.append((name, json.loads(json.dumps(about))))  # as it is now, whatever becomes of it later
        if session.connection:
            session.connection.send(session.frame(len(session.sent)))

    @staticmethod
    def _shard(session: Session, guild: Guild | None) -> int:
        return (guild.id >> 22) % session.shards if guild else 0

    # What goes wrong

    def drop(self) -> None:
        """Cut every connection without a word; the sessions can be resumed."""
        for connection in self.connections:
            connection.transport.abort()

    def ask_reconnect(self) -> None:
        """Ask every client to connect anew and resume (op 7)."""
        for connection in self.connections:
            connection.send({"op": RECONNECT, "d": None})

    def invalidate(self, *, resumable: bool = False) -> None:
        """Tell every client that its session is invalid (op 9); without `resumable` it is forgotten."""
        for connection in self.connections:
            if not resumable and connection.session:
                self.sessions.pop(connection.session.id, None)
            connection.send({"op": INVALID, "d": resumable})

    async def close(self, code: int) -> None:
        """Close every connection with a code of Discord's, such as 4000 or 4004."""
        for connection in list(self.connections):
            await connection.close(code)

    @property
    def deaf(self) -> bool:
        """True while no open connection hears; setting it makes those now open deaf (later ones hear), or wakes them."""
        return all(connection.deaf for connection in self.connections)

    @deaf.setter
    def deaf(self, deaf: bool) -> None:
        for connection in self.connections:
            connection.deaf = deaf

    # The socket

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(timeout=1)
        await socket.prepare(request)
        assert isinstance(request.transport, asyncio.Transport)
        connection = Connection(socket, request.transport, self._clock())
        self.connections.append(connection)
        writer = asyncio.create_task(_write(connection))
        self.told()
        connection.send({"op": HELLO, "d": {"heartbeat_interval": round(self.heartbeat_s * 1000)}})
        try:
            async for frame in socket:
                if frame.type == WSMsgType.TEXT and not connection.deaf:
                    await self._heed(connection, json.loads(frame.data))
                    self.told()
        except Exception as broken:
            self.broken.append(broken)
            raise
        finally:
            writer.cancel()
            self.connections.remove(connection)
            self._parted(connection)
            self.told()
        return socket

    async def _heed(self, connection: Connection, frame: Json) -> None:
        code: int = frame["op"]
        about: Any = frame.get("d")
        if code == HEARTBEAT:
            connection.beats.append(self._clock())
            connection.send({"op": ACK})
        elif code == IDENTIFY:
            await self._identify(connection, about)
        elif code == RESUME:
            await self._resume(connection, about)
        elif connection.session is None:
            await connection.close(4003, "Not authenticated.")
        elif code == MEMBERS:
            self._chunk(connection.session, about)

    async def _identify(self, connection: Connection, about: Json) -> None:
        shard, shards = about.get("shard") or (0, 1)
        allowed = 0 if self.content == "none" else CONTENT_INTENT
        allowed |= 0 if self.members == "none" else MEMBERS_INTENT
        privileged = about["intents"] & (CONTENT_INTENT | MEMBERS_INTENT | PRESENCES_INTENT)
        refusals = [
            (connection.session is not None, 4005, "Already authenticated."),
            (about["token"] != self.token, 4004, "Authentication failed."),
            (not 0 <= shard < shards, 4010, "Invalid shard."),
            (bool(privileged & ~allowed), 4014, "Disallowed intent(s)."),
        ]
        for refused, code, why in refusals:
            if refused:
                await connection.close(code, why)
                return
        session = Session(secrets.token_hex(16), shard, shards, about["intents"], connection=connection)
        connection.session = self.sessions[session.id] = session
        self.identified.append(shard)
        self._greet(session)

    def _greet(self, session: Session) -> None:
        mine = [each for each in self.guilds.values() if self.bot.id in each.members]
        guilds = [each for each in mine if self._shard(session, each) == session.shard]
        ready = {
            "v": 10,
            "user": self.user_json(self.bot) | {"verified": True, "mfa_enabled": False, "email": None, "flags": 0},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.gateway_url,
            "shard": [session.shard, session.shards],
            "application": {"id": str(self.bot.id), "flags": self.app_flags},
        }
        self._push(session, "READY", ready)
        for guild in guilds if session.intents & 1 else []:
            self._push(session, "GUILD_CREATE", self.guild_create(guild))

    async def _resume(self, connection: Connection, about: Json) -> None:
        if about["token"] != self.token:
            await connection.close(4004, "Authentication failed.")
            return
        session = self.sessions.get(about["session_id"])
        if session is None:
            connection.send({"op": INVALID, "d": False})
            return
        had = about["seq"] or 0
        if not 0 <= had <= len(session.sent):
            await connection.close(4007, "Invalid seq.")
            return
        session.connection, connection.session = connection, session
        for number in range(max(2, had + 1 - self.rewind), len(session.sent) + 1):  # READY is never sent twice
            connection.send(session.frame(number))
        self._push(session, "RESUMED", {"_trace": []})
        self.resumed.append(session.shard)

    def _chunk(self, session: Session, about: Json) -> None:
        """Some members of a server, or all of them."""
        guild = self.guilds[int(about["guild_id"])]
        wanted = {int(user) for user in about.get("user_ids", [])}
        found = [each for each in guild.members.values() if not wanted or each.user.id in wanted]
        kept = [each for each in found if each.user.name.lower().startswith(about.get("query", "").lower())]
        told: Json = {"guild_id": str(guild.id), "members": [self.member_json(each) for each in kept]}
        told |= {"chunk_index": 0, "chunk_count": 1, "not_found": []}
        self._push(session, "GUILD_MEMBERS_CHUNK", told | ({"nonce": about["nonce"]} if "nonce" in about else {}))

    def _parted(self, connection: Connection) -> None:
        """A client that says goodbye (1000, 1001) gives its session up; one that is lost may resume it."""
        session = connection.session
        if session and session.connection is connection:
            session.connection = None
            if connection.refused is None and connection.socket.close_code in {1000, 1001}:
                self.sessions.pop(session.id, None)

    @staticmethod
    def _clock() -> float:
        return asyncio.get_running_loop().time()


async def _write(connection: Connection) -> None:
    while True:
        frame = await connection.outbox.get()
        try:
            await connection.socket.send_str(frame)
        except ConnectionError:
            return


def _wants(session: Session, name: str, guild: Guild | None) -> bool:
    """Whether a session asked for events of this kind; the longest known beginning of the name says which kind it is."""
    kind = max((each for each in SEEN_BY if name.startswith(each)), key=len)
    needed = SEEN_BY[kind][0 if guild else 1]
    return not needed or bool(session.intents & needed)
