"""The fake Slack against the real slack_sdk and slack_bolt: what it answers is what they expect of Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest, AsyncRespond, AsyncSay
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from .slack_fake import FakeSlack

pytestmark = pytest.mark.timeout(20)


@pytest.fixture
async def slack(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeSlack]:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # the fake must hide it from slack_sdk
    async with FakeSlack() as slack:
        yield slack


@pytest.fixture
def client(slack: FakeSlack) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)


@pytest.fixture
def ana(slack: FakeSlack) -> str:
    return slack.user("ana")


@pytest.fixture
def general(slack: FakeSlack, ana: str) -> str:
    return slack.channel("general", ana)


@pytest.fixture
async def socket(slack: FakeSlack, client: AsyncWebClient) -> AsyncIterator[SocketModeClient]:
    socket = SocketModeClient(app_token=slack.app_token, web_client=client, ping_interval=0.2)
    socket.socket_mode_request_listeners.append(_acknowledge)
    await socket.connect()
    await slack.connected()
    yield socket
    await socket.close()


@pytest.fixture
async def app(slack: FakeSlack, client: AsyncWebClient) -> AsyncApp:
    app = AsyncApp(signing_secret=slack.signing_secret, client=client)

    @app.event("app_mention")
    async def mentioned(event: dict, say: AsyncSay) -> None:
        await say(f"heard {event['text']}", thread_ts=event["ts"])

    @app.command("/parley")
    async def commanded(ack: AsyncAck, respond: AsyncRespond, command: dict) -> None:
        await ack()
        await respond(f"asked {command['text']}")

    @app.action("share")
    async def shared(ack: AsyncAck, respond: AsyncRespond, action: dict) -> None:
        await ack()
        await respond(text=f"shared {action['value']}", replace_original=True)

    return app


@pytest.fixture
async def address(app: AsyncApp) -> AsyncIterator[str]:
    """Where the Bolt app listens for HTTP."""

    async def handle(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    served = web.Application()
    served.router.add_post("/slack/events", handle)
    runner = web.AppRunner(served, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}/slack/events"
    await runner.cleanup()


async def _acknowledge(client: SocketModeClient, request: SocketModeRequest) -> None:
    await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, {"heard": request.type}))


# The Web API


async def test_reads_a_channel_page_by_page(slack: FakeSlack, client: AsyncWebClient, ana: str, general: str) -> None:
    said = [slack.say(general, ana, f"line {number}") for number in range(40)]
    slack.page_cap = 15
    pages = [page["messages"] async for page in await client.conversations_history(channel=general, limit=200)]
    assert [len(page) for page in pages] == [15, 15, 10]
    assert [each["ts"] for page in pages for each in page] == said[::-1]
    assert [call.arguments.get("cursor") for call in slack.calls] == [None, "history:15", "history:30"]


@pytest.mark.parametrize("sent", [{"params": {}}, {"data": {}}, {"json": {}}], ids=["query", "form", "json"])
async def test_takes_arguments_however_they_come(client: AsyncWebClient, general: str, sent: dict) -> None:
    ((place, _),) = sent.items()
    answer = await client.api_call("conversations.info", **{place: {"channel": general, "include_num_members": 1}})
    assert answer["channel"]["num_members"] == 2


async def test_history_keeps_to_its_bounds(slack: FakeSlack, client: AsyncWebClient, ana: str, general: str) -> None:
    first, second, third = (slack.say(general, ana, word, at=1_700_000_000 + i) for i, word in enumerate("abc"))
    outside = await client.conversations_history(channel=general, oldest=first, latest=third)
    inside = await client.conversations_history(channel=general, oldest=first, latest=third, inclusive=True)
    assert [each["ts"] for each in outside["messages"]] == [second]
    assert [each["ts"] for each in inside["messages"]] == [third, second, first]


async def test_reads_a_thread_from_its_parent(slack: FakeSlack, client: AsyncWebClient, ana: str, general: str) -> None:
    parent = slack.say(general, ana, "shall we ship?")
    replies = [slack.say(general, ana, f"reply {number}", parent) for number in range(3)]
    pages = [page["messages"] async for page in await client.conversations_replies(channel=general, ts=parent, limit=2)]
    assert [[each["ts"] for each in page] for page in pages] == [[parent, replies[0]], replies[1:]]
    (shown,) = (await client.conversations_history(channel=general))["messages"]
    assert (shown["reply_count"], shown["latest_reply"], shown["thread_ts"]) == (3, replies[-1], parent)


async def test_posts_answers_that_can_be_read_changed_and_taken_back(
    slack: FakeSlack, client: AsyncWebClient, ana: str, general: str
) -> None:
    parent = slack.say(general, ana, "shall we ship?")
    ts = (await client.chat_postMessage(channel=general, thread_ts=parent, text="Not yet.", unfurl_links=False))["ts"]
    assert slack.transcript(general, parent) == ["ana: shall we ship?", "parley: Not yet."]
    assert slack.transcript(general) == ["ana: shall we ship?"]
    await client.chat_update(channel=general, ts=ts, text="Yes.")
    assert slack.messages(general, parent)[1]["edited"]
    assert slack.transcript(general, parent) == ["ana: shall we ship?", "parley: Yes."]
    with pytest.raises(SlackApiError, match="msg_too_long"):
        await client.chat_update(channel=general, ts=ts, text="é" * 2001)
    link = await client.chat_getPermalink(channel=general, message_ts=ts)
    assert link["permalink"].endswith(f"/p{ts.replace('.', '')}?thread_ts={parent}&cid={general}")
    await client.reactions_add(channel=general, timestamp=parent, name="memo")
    assert slack.message_at(general, parent)["reactions"] == [{"name": "memo", "users": [slack.bot_user], "count": 1}]
    await client.chat_delete(channel=general, ts=ts)
    assert slack.transcript(general, parent) == ["ana: shall we ship?"]
    assert slack.called("chat.postMessage")[0]["unfurl_links"] is False


async def test_shows_to_one_person_only(slack: FakeSlack, client: AsyncWebClient, ana: str, general: str) -> None:
    await client.chat_postEphemeral(channel=general, user=ana, text="only you")
    assert [(each["user"], each["text"]) for each in slack.ephemeral] == [(ana, "only you")]
    assert slack.transcript(general) == []
    with pytest.raises(SlackApiError, match="user_not_in_channel"):
        await client.chat_postEphemeral(channel=general, user=slack.user("bea"), text="x")


@pytest.mark.parametrize(
    ("blocks", "error"),
    [
        ([{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}], "invalid_blocks"),
        ([{"type": "divider"}] * 51, "invalid_blocks"),
        ([{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}], "invalid_blocks"),
        ([{"type": "section", "text": {"type": "mrkdwn", "text": ""}}], "invalid_blocks"),
        ([{"type": "markdown", "text": "x" * 12_001}], "invalid_blocks"),
        ([{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2700}}] * 5, "msg_blocks_too_long"),
    ],
)
async def test_refuses_blocks_that_slack_refuses(client: AsyncWebClient, general: str, blocks: list, error: str) -> None:
    with pytest.raises(SlackApiError, match=rf"'{error}'"):
        await client.chat_postMessage(channel=general, text="x", blocks=blocks)


async def test_takes_blocks_up_to_the_limits(slack: FakeSlack, client: AsyncWebClient, general: str) -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}
    await client.chat_postMessage(channel=general, text="x", blocks=[section] * 4 + [{"type": "divider"}] * 46)
    assert len(slack.messages(general)[0]["blocks"]) == 50


async def test_shows_the_bot_no_more_than_it_may_see(slack: FakeSlack, client: AsyncWebClient, ana: str) -> None:
    elsewhere = slack.channel("elsewhere", ana, bot=False)
    secret = slack.channel("secret", ana, kind="private", bot=False)
    for channel, error in ((elsewhere, "not_in_channel"), (secret, "channel_not_found"), ("C404", "channel_not_found")):
        with pytest.raises(SlackApiError, match=error):
            await client.conversations_history(channel=channel)
        with pytest.raises(SlackApiError, match=error):
            await client.chat_postMessage(channel=channel, text="x")
    assert (await client.conversations_members(channel=elsewhere))["members"] == [ana]
    shared = await client.users_conversations(user=ana, types="public_channel,private_channel")
    assert [each["id"] for each in shared["channels"]] == [elsewhere]


async def test_knows_people_guests_and_direct_messages(slack: FakeSlack, client: AsyncWebClient, ana: str) -> None:
    guest = slack.user("gil", is_restricted=True, is_ultra_restricted=True, tz="Asia/Tokyo", tz_offset=32400)
    user = (await client.users_info(user=guest))["user"]
    assert (user["is_ultra_restricted"], user["tz"], user["profile"]["display_name"]) == (True, "Asia/Tokyo", "gil")
    slack.list_cap = 2
    people = [user["id"] async for page in await client.users_list() for user in page["members"]]
    assert people == [slack.bot_user, ana, guest]
    opened = (await client.conversations_open(users=ana))["channel"]["id"]
    assert (await client.conversations_info(channel=opened))["channel"]["user"] == ana
    assert (await client.chat_postMessage(channel=ana, text="hi"))["channel"] == opened


async def test_limits_the_rate_when_told(slack: FakeSlack, client: AsyncWebClient, ana: str, general: str) -> None:
    parent = slack.say(general, ana, "hello")
    slack.fail("conversations.replies", after=1, status=429, retry_after=1)
    await client.conversations_replies(channel=general, ts=parent)
    with pytest.raises(SlackApiError) as refused:
        await client.conversations_replies(channel=general, ts=parent)
    assert refused.value.response.status_code == 429
    assert refused.value.response["error"] == "ratelimited"
    assert refused.value.response.headers["Retry-After"] == "1"
    await client.conversations_replies(channel=general, ts=parent)
    assert [call.error for call in slack.calls] == [None, "ratelimited", None]


async def test_a_retry_after_is_honoured_by_the_sdks_handler(slack: FakeSlack, client: AsyncWebClient, general: str) -> None:
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    slack.fail("chat.postMessage", status=429, retry_after=1)
    await client.chat_postMessage(channel=general, text="at last")
    refused, taken = slack.calls
    assert taken.at - refused.at >= 1
    assert slack.transcript(general) == ["parley: at last"]


async def test_posts_that_come_too_fast_are_refused(slack: FakeSlack, client: AsyncWebClient, general: str) -> None:
    slack.post_gap = 1
    await client.chat_postMessage(channel=general, text="one")
    with pytest.raises(SlackApiError, match="ratelimited"):
        await client.chat_postMessage(channel=general, text="two")
    slack.skew += 1
    await client.chat_postMessage(channel=general, text="two")


async def test_checks_tokens_and_scopes(slack: FakeSlack, client: AsyncWebClient, general: str) -> None:
    answer = await client.auth_test()
    assert answer["user_id"] == slack.bot_user
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")
    with pytest.raises(SlackApiError, match="invalid_auth"):
        await client.auth_test(token="xoxb-other")
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        await client.apps_connections_open(app_token=slack.bot_token)
    slack.scopes.remove("channels:history")
    with pytest.raises(SlackApiError) as refused:
        await client.conversations_history(channel=general)
    assert (refused.value.response["error"], refused.value.response["needed"]) == ("missing_scope", "channels:history")


async def test_streams_text_into_a_thread(slack: FakeSlack, client: AsyncWebClient, ana: str, general: str) -> None:
    parent = slack.say(general, ana, "tell me")
    stream = await client.chat_stream(
        channel=general, thread_ts=parent, recipient_team_id=slack.team_id, recipient_user_id=ana
    )
    await stream.append(markdown_text="x" * 300)
    await stream.append(markdown_text=" end")
    await stream.stop()
    assert slack.transcript(general, parent)[1] == f"parley: {'x' * 300} end"


async def test_keeps_views(slack: FakeSlack, client: AsyncWebClient, ana: str) -> None:
    button = {"type": "button", "action_id": "save", "value": "pt", "text": {"type": "plain_text", "text": "Save"}}
    view = {"type": "home", "blocks": [{"type": "actions", "block_id": "a", "elements": [button]}]}
    await client.views_publish(user_id=ana, view=view)
    assert slack.home_actions(ana, "save")["actions"][0]["value"] == "pt"
    modal = {"type": "modal", "title": {"type": "plain_text", "text": "Ask"}, "blocks": []}
    await client.views_open(trigger_id=slack.trigger(), view=modal)
    late = slack.trigger()
    slack.skew += 4
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await client.views_open(trigger_id=late, view=modal)
    assert len(slack.modals) == 1


# Events, commands and clicks over HTTP


async def test_a_signed_event_is_accepted_by_bolt(slack: FakeSlack, address: str, ana: str, general: str) -> None:
    ts = slack.say(general, ana, f"<@{slack.bot_user}> hi")
    ack = await slack.send_event(address, slack.app_mention(general, ts), retry=1)
    assert ack.status == 200
    assert ack.seconds < 3
    await slack.until(lambda: len(slack.transcript(general, ts)) == 2)
    assert slack.transcript(general, ts)[1] == f"parley: heard <@{slack.bot_user}> hi"


async def test_a_wrong_or_old_signature_is_refused_by_bolt(slack: FakeSlack, address: str, ana: str, general: str) -> None:
    event = slack.app_mention(general, slack.say(general, ana, "hi"))
    assert (await slack.send_event(address, event, secret="other")).status == 401
    assert (await slack.send_event(address, event, signed_at=1_700_000_000)).status == 401


async def test_a_command_is_answered_at_its_response_url(slack: FakeSlack, address: str, ana: str, general: str) -> None:
    ack = await slack.send_command(address, slack.command(ana, general, "help"))
    assert (ack.status, ack.body) == (200, None)
    await slack.until(lambda: slack.ephemeral)
    assert slack.ephemeral[0]["text"] == "asked help"


async def test_a_click_replaces_what_it_was_on(
    slack: FakeSlack, address: str, client: AsyncWebClient, ana: str, general: str
) -> None:
    button = {"type": "button", "action_id": "share", "value": "42", "text": {"type": "plain_text", "text": "Share"}}
    await client.chat_postEphemeral(channel=general, user=ana, text="x", blocks=[{"type": "actions", "elements": [button]}])
    click = slack.block_actions(ana, general, slack.ephemeral[0], "share")
    assert (await slack.send_interaction(address, click)).status == 200
    await slack.until(lambda: slack.responses)
    assert [each["text"] for each in slack.ephemeral] == ["shared 42"]


async def test_a_response_url_wears_out(slack: FakeSlack, ana: str, general: str) -> None:
    used, old = (AsyncWebhookClient(slack.response_url(general, ana)) for _ in range(2))
    answers = [await used.send(text=f"{number}", response_type="in_channel") for number in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    assert slack.transcript(general) == [f"parley: {number}" for number in range(5)]
    slack.skew += 31 * 60
    assert (await old.send(text="late")).body == "expired_url"


async def test_a_response_url_can_be_limited_too(slack: FakeSlack, ana: str, general: str) -> None:
    slack.fail("response_url", status=429, retry_after=1)
    hook = AsyncWebhookClient(slack.response_url(general, ana))
    answer = await hook.send(text="too fast")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert (await hook.send(text="in time")).status_code == 200
    assert [each["text"] for each in slack.ephemeral] == ["in time"]


def test_builds_the_events_of_edits_deletions_and_reactions() -> None:
    slack = FakeSlack()
    ana = slack.user("ana")
    channel = slack.channel("secret", ana, kind="private")
    ts = slack.say(channel, ana, "helo")
    changed = slack.edit(channel, ts, "hello")
    assert (changed["subtype"], changed["message"]["text"], changed["previous_message"]["text"]) == (
        "message_changed",
        "hello",
        "helo",
    )
    assert slack.react(channel, ts, ana, "flag-pt")["item"] == {"type": "message", "channel": channel, "ts": ts}
    assert slack.message(channel, ts)["channel_type"] == "group"
    assert slack.message_shortcut("translate", ana, channel, ts)["message"]["text"] == "hello"
    assert slack.delete(channel, ts)["deleted_ts"] == ts
    assert slack.transcript(channel) == []


# Socket Mode


async def test_an_envelope_is_acknowledged(slack: FakeSlack, socket: SocketModeClient, ana: str, general: str) -> None:
    ack = await slack.deliver("slash_commands", slack.command(ana, general, "help"))
    assert ack.body == {"heard": "slash_commands"}
    assert ack.seconds < 3


async def test_a_refresh_leads_to_a_new_connection(slack: FakeSlack, socket: SocketModeClient) -> None:
    await slack.disconnect()
    await slack.connected(opened=2)
    assert (await slack.deliver("events_api", {})).body == {"heard": "events_api"}
    assert len(slack.called("apps.connections.open")) == 2


async def test_a_dropped_connection_is_made_again(slack: FakeSlack, socket: SocketModeClient) -> None:
    await slack.drop()
    await slack.connected(opened=2)
    assert (await slack.deliver("events_api", {})).body == {"heard": "events_api"}


async def test_a_deaf_connection_is_noticed(slack: FakeSlack, socket: SocketModeClient) -> None:
    slack.deaf = True
    with pytest.raises(TimeoutError):
        await slack.deliver("events_api", {}, within=0.1)
    await slack.connected(opened=2)
    assert (await slack.deliver("events_api", {}, on=slack.connections[-1])).body == {"heard": "events_api"}


async def test_several_connections_take_turns(slack: FakeSlack, socket: SocketModeClient, client: AsyncWebClient) -> None:
    async def other(socket: SocketModeClient, request: SocketModeRequest) -> None:
        await socket.send_socket_mode_response(SocketModeResponse(request.envelope_id, {"heard": "other"}))

    second = SocketModeClient(app_token=slack.app_token, web_client=client)
    second.socket_mode_request_listeners.append(other)
    await second.connect()
    await slack.connected(opened=2)
    assert [(await slack.deliver("events_api", {})).body["heard"] for _ in range(2)] == ["events_api", "other"]
    await second.close()


async def test_bolt_hears_of_a_redelivery_over_the_socket(slack: FakeSlack, app: AsyncApp, ana: str, general: str) -> None:
    seen: list[list[str]] = []

    @app.use
    async def look(req: AsyncBoltRequest, next: Callable[[], Awaitable[None]]) -> None:
        seen.append(req.headers.get("x-slack-retry-num", []))
        await next()

    handler = AsyncSocketModeHandler(app, slack.app_token)
    await handler.connect_async()
    event = slack.callback(slack.app_mention(general, slack.say(general, ana, "hi")))
    await slack.deliver("events_api", event, retry_attempt=1, retry_reason="timeout")
    await slack.until(lambda: len(slack.calls) > 2)
    await handler.close_async()
    assert seen == [["1"]]
