"""A local Slack: its Web API and response_urls over real HTTP, its Socket Mode over a real websocket, on a free port.

    async with FakeSlack() as slack:
        ana = slack.user("ana")
        general = slack.channel("general", ana)
        ts = slack.say(general, ana, f"<@{slack.bot_user}> what changed?")
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        ...
        await slack.deliver("events_api", slack.callback(slack.app_mention(general, ts)))
        assert slack.transcript(general, ts) == [...]

The workspace is in `slack/workspace.py`, what it sends in `slack/payloads.py` and `slack/wire.py`, and its methods in
`slack/methods.py`.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any, Self

import aiohttp
import pytest
from aiohttp import web

from .slack.blocks import checked
from .slack.methods import METHODS, SCOPES, needed_scopes
from .slack.payloads import Hook
from .slack.wire import Wire
from .slack.workspace import Json, SlackError

PROXIES = [name for plain in ("http_proxy", "https_proxy", "all_proxy") for name in (plain, plain.upper())]
HOOK_USES, HOOK_LIFE = 5, 30 * 60


@dataclass(frozen=True)
class Call:
    """One call of the Web API: when it came, and the error it was answered with."""

    method: str
    arguments: Json
    at: float
    error: str | None


@dataclass
class Failure:
    error: str
    status: int
    retry_after: int | None
    after: int
    times: int


class FakeSlack(Wire):
    """A workspace, served. Entering it starts the server and hides proxies, which slack_sdk would otherwise use.

    Attributes:
        calls, ephemeral, responses, statuses, modals: what the app did, in order (`modals` by view id).
        page_cap: the most messages on one page of history or replies: 999, or 15 for an app of the restricted tier.
        list_cap: the same for people, members and channels.
        post_gap: seconds that must lie between two posts to one channel; none by default.
        delays: seconds that a method takes to answer, by method.
        scopes: what the bot may do.
        revoked: bot tokens that are good no more.
    """

    bot_token, app_token = "xoxb-parley", "xapp-parley"
    client_id, client_secret = "1000.2000", "fedcba9876543210"

    def __init__(self, *args: Any, **about: Any) -> None:
        super().__init__(*args, **about)
        self.calls: list[Call] = []
        self.ephemeral: list[Json] = []
        self.responses: list[Json] = []
        self.statuses: list[tuple[str, str, str]] = []
        self.modals: dict[str, Json] = {}
        self.page_cap, self.list_cap, self.post_gap = 999, 200, 0.0
        self.delays: dict[str, float] = {}
        self.scopes = set(SCOPES)
        self.revoked: set[str] = set()
        self._teams: dict[str, FakeSlack] = {}
        self._codes: dict[str, FakeSlack] = {}
        self._failures: dict[str, deque[Failure]] = {}
        self._posted: dict[str, float] = {}

    async def __aenter__(self) -> Self:
        self._patch = pytest.MonkeyPatch()
        for name in PROXIES:
            self._patch.delenv(name, raising=False)
        app = web.Application(client_max_size=8 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/response/{hook}", self._respond)
        app.router.add_get("/link", self._socket)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        self._site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await self._site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._site.stop()  # first, so that a client whose socket is cut does not come back
        await self.drop()
        await self._session.close()
        await self._runner.cleanup()
        self._patch.undo()

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    # Several workspaces

    def also(self, team: FakeSlack, token: str) -> None:
        """Serve another workspace, which is not entered itself, as well; `token` is its bot token."""
        team.bot_token, team.url = token, self.url
        self._teams[token] = team

    def code(self, team: FakeSlack) -> str:
        """What Slack sends an installer back with; it is good for the bot token of `team`, once."""
        code = self.number("code")
        self._codes[code] = team
        return code

    def redeemed(self, code: str) -> FakeSlack | None:
        return self._codes.pop(code, None)

    # What goes wrong

    def fail(
        self,
        method: str,
        error: str = "internal_error",
        *,
        status: int = 200,
        retry_after: int | None = None,
        after: int = 0,
        times: int = 1,
    ) -> None:
        """Let a method, or "response_url", fail `times` times after `after` good calls; 429 says `ratelimited`."""
        error = "ratelimited" if status == 429 else error
        self._failures.setdefault(method, deque()).append(Failure(error, status, retry_after, after, times))

    def paced(self, channel: str) -> None:
        """Refuse a post that comes too soon after the last one."""
        wait = self._posted.get(channel, -math.inf) + self.post_gap - self.now()
        if wait > 0:
            raise SlackError("ratelimited", retry_after=math.ceil(wait))
        self._posted[channel] = self.now()

    def called(self, method: str) -> list[Json]:
        """The arguments of every call of one method that was answered well."""
        return [call.arguments for call in self.calls if call.method == method and call.error is None]

    # What the app writes

    def post(self, channel: str, content: Json, *, thread: str | None = None, broadcast: bool = False) -> Json:
        if thread and not self.messages(channel, thread):
            raise SlackError("thread_not_found")
        more = {"subtype": "thread_broadcast", "reply_broadcast": True} if broadcast else {}
        more |= {"app_id": self.app_id} | {key: value for key, value in content.items() if key != "text"}
        return self.message_at(channel, self.say(channel, self.bot_user, content.get("text", ""), thread, **more))

    def show(self, channel: str, user: str, content: Json, *, thread: str | None = None) -> Json:
        """Show a person a message that nobody else sees and no method finds."""
        message = {"type": "message", "channel": channel, "user": user, "ts": self._stamp(), "is_ephemeral": True, **content}
        self.ephemeral.append(message | ({"thread_ts": thread} if thread else {}))
        return self.ephemeral[-1]

    # The server

    async def _api(self, request: web.Request) -> web.Response:
        method, args = request.match_info["method"], await _arguments(request)
        await asyncio.sleep(self.delays.get(method, 0))
        headers = {"x-oauth-scopes": ",".join(sorted(self.scopes)), "Date": formatdate(self.now(), usegmt=True)}
        status, error, team = 200, None, self
        try:
            if failure := self._failing(method):
                status = failure.status
                raise SlackError(failure.error, **({"retry_after": failure.retry_after} if failure.retry_after else {}))
            team = self._authorise(method, request.headers.get("Authorization", ""), args)
            body = {"ok": True} | METHODS[method][0](team, args)
        except SlackError as refused:
            error = refused.name
            if (wait := refused.more.pop("retry_after", None)) is not None:
                status, headers = status if status != 200 else 429, headers | {"Retry-After": str(wait)}
            body = {"ok": False, "error": error} | refused.more
        team.calls.append(Call(method, args, self.now(), error))
        await team._told()
        return web.json_response(body, status=status, headers=headers)

    def _failing(self, method: str) -> Failure | None:
        waiting = self._failures.get(method)
        if not waiting:
            return None
        failure = waiting[0]
        if failure.after:
            failure.after -= 1
            return None
        failure.times -= 1
        if not failure.times:
            waiting.popleft()
        return failure

    def _authorise(self, method: str, header: str, args: Json) -> FakeSlack:
        """The workspace that a call is about: the one whose token it brings."""
        if method == "oauth.v2.access" and header != aiohttp.encode_basic_auth(self.client_id, self.client_secret):
            raise SlackError("bad_client_secret")
        if method in {"api.test", "oauth.v2.access"}:
            return self
        token = args.pop("token", None) or header.removeprefix("Bearer ")
        if not token:
            raise SlackError("not_authed")
        team = self._teams.get(token, self)
        if token not in {team.bot_token, self.app_token}:
            raise SlackError("invalid_auth")
        if token in self.revoked:
            raise SlackError("token_revoked")
        if method not in METHODS:
            raise SlackError("unknown_method", req_method=method)
        if (token == self.app_token) != (method == "apps.connections.open"):
            raise SlackError("not_allowed_token_type")
        lacking = [scope for scope in needed_scopes(team, method, args) if scope not in team.scopes]
        if lacking:
            raise SlackError("missing_scope", needed=",".join(lacking), provided=",".join(sorted(team.scopes)))
        return team

    async def _respond(self, request: web.Request) -> web.Response:
        hook, content = self.hooks.get(request.match_info["hook"]), await request.json()
        if failure := self._failing("response_url"):
            wait = {"Retry-After": str(failure.retry_after)} if failure.retry_after else {}
            return web.Response(status=failure.status, text=failure.error, headers=wait)
        if hook is None or self.now() - hook.made > HOOK_LIFE:
            return web.Response(status=404, text="expired_url")
        if hook.uses >= HOOK_USES:
            return web.Response(status=404, text="used_url")
        hook.uses += 1
        try:
            self._answer(hook, content)
        except SlackError as refused:
            return web.Response(status=400, text=refused.name)
        self.responses.append(content | {"channel": hook.channel, "user": hook.user})
        await self._told()
        return web.Response(text="ok")

    def _answer(self, hook: Hook, content: Json) -> None:
        """What `replace_original` writes over is the message that was clicked on, else the last one shown this way."""
        channel, user, clicked = hook.channel, hook.user, hook.message
        kept = {key: content[key] for key in ("text", "thread_ts") if key in content}
        if content.get("blocks"):
            kept["blocks"] = checked(content["blocks"])
        hidden = next((each for each in self.ephemeral if each["ts"] == clicked), None)
        if content.get("delete_original"):
            self.ephemeral.remove(hidden) if hidden else self.delete(channel, str(clicked))
        elif content.get("replace_original"):
            mine = hidden or next((each for each in self.ephemeral if each["ts"] == hook.shown), None)
            mine.update(kept) if mine else self.edit(channel, str(hook.message), **({"text": ""} | kept))
        elif not kept.get("text") and not kept.get("blocks"):
            raise SlackError("no_text")
        elif content.get("response_type") == "in_channel":
            self.post(channel, kept, thread=kept.pop("thread_ts", None))
        else:
            hook.shown = self.show(channel, user, kept)["ts"]


async def _arguments(request: web.Request) -> Json:
    """The arguments of a call, from wherever the client put them: the query, a form or JSON."""
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        args |= await request.json()
    elif request.can_read_body:
        args |= dict(await request.post())
    return args
