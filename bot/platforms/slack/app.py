"""Connects a desk to Slack: slack-bolt hears, acknowledges at once, and hands over."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler, AsyncServerErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.assistant import Assistant
from bot.platforms.slack import asked
from bot.platforms.slack.desk import Desk
from bot.platforms.slack.render import Message
from bot.state import State

log = logging.getLogger(__name__)

API = "https://slack.com/api/"
GRACE_S = 20.0
"""Seconds that answers under way get to be finished when Parley is stopped."""

REASONS = {
    "invalid_auth": "it does not accept the token; copy it again from the app's page",
    "not_authed": "it does not accept the token; copy it again from the app's page",
    "account_inactive": "the app was removed from the workspace; install it again",
    "token_revoked": "the token was revoked; install the app again and copy the new one",
    "missing_scope": "the app lacks a permission; give it deploy/slack-manifest.yaml as its manifest and install it again",
}

SHORTCUTS = {"summarize": "/summarize", "translate": "/translate", "sentiment": "/sentiment"}


class Refused(Exception):
    """Raised when Slack does not let us in, or cannot be reached; a sentence that says why and what to do."""


class Work:
    """Tasks under way; use it as `async with`. At its end they get some time, then they are cancelled."""

    def __init__(self, *, grace_s: float = GRACE_S) -> None:
        self._grace_s = grace_s
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Work:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._tasks:
            done, late = await asyncio.wait(self._tasks, timeout=self._grace_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*done, *late, return_exceptions=True)

    def begin(self, job: Coroutine[Any, Any, None]) -> None:
        """Start a job that nobody waits for; an error in it is logged by its type alone."""
        task = asyncio.create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("slack: a request failed with %s", type(error).__name__)


def client(token: str, *, url: str = API) -> AsyncWebClient:
    """Slack's Web API. Where it asks for patience, a call waits as long as it is told; where it stumbles, it tries again."""
    made = AsyncWebClient(token=token, base_url=url)
    made.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=5))
    made.retry_handlers.append(AsyncServerErrorRetryHandler(max_retry_count=2))
    return made


@asynccontextmanager
async def connected(
    web: AsyncWebClient, app_token: str, assistant: Assistant, state: State, *, pace_s: float = 1.0, grace_s: float = GRACE_S
) -> AsyncIterator[Desk]:
    """Answer in Slack through Socket Mode as long as the block runs. Raises `Refused`."""
    with _worded(web.base_url):
        me = await web.auth_test()
        await web.apps_connections_open(app_token=app_token)  # the socket's client would try a wrong token for ever
    known = AuthorizeResult.from_auth_test_response(bot_token=web.token, auth_test_response=me)

    async def authorize(**_: object) -> AuthorizeResult:
        """What Slack has told already: slack-bolt would ask again for each event, and drop those for which that fails."""
        return known

    desk = Desk(web, assistant, state, home=me["url"], me=me["user_id"], team=me["team_id"], pace_s=pace_s)
    async with Work(grace_s=grace_s) as work:
        app = AsyncApp(client=web, authorize=authorize, request_verification_enabled=False)
        listen(app, desk, work)
        socket = AsyncSocketModeHandler(app, app_token)
        try:
            await socket.connect_async()
            yield desk
        finally:
            await socket.close_async()


@contextmanager
def _worded(url: str) -> Iterator[None]:
    try:
        yield
    except SlackApiError as error:
        code = error.response["error"]
        raise Refused(f"Slack refused the connection: {REASONS.get(code, f'it says {code!r}')}.") from None
    except (aiohttp.ClientError, TimeoutError):
        raise Refused(f"Slack cannot be reached at {url}; check the network, or a proxy in HTTPS_PROXY.") from None


def listen(app: AsyncApp, desk: Desk, work: Work) -> None:
    """Tell slack-bolt what the desk wants to hear."""

    async def heard(event: dict[str, Any]) -> None:
        if event.get("subtype") == "message_deleted":
            work.begin(desk.deleted(event["channel"], event["deleted_ts"]))
        elif request := asked.from_event(desk.team, event, me=desk.me):
            work.begin(desk.answer(request))

    async def commanded(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        await ack()
        work.begin(desk.whisper(asked.from_command(body), _whispered(respond)))

    async def shortcut(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        await ack()
        request = asked.from_shortcut(body, SHORTCUTS[body["callback_id"]])
        work.begin(desk.whisper(request, _whispered(respond)))

    async def ignored() -> None:
        """Acknowledged by slack-bolt; without a listener Slack would deliver it again and again."""

    app.event("app_mention")(heard)
    app.event("message")(heard)
    app.command("/parley")(commanded)
    for name in SHORTCUTS:
        app.shortcut(name)(shortcut)
    app.event(re.compile(".*"))(ignored)


def _whispered(respond: AsyncRespond) -> Any:
    """Shows messages to the one who asked, through the address that came with the request."""

    async def say(message: Message) -> object:
        return await respond(
            text=message.text, blocks=message.blocks, response_type="ephemeral", replace_original=False, unfurl_links=False
        )

    return say
