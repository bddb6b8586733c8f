"""Slack over HTTP: signed requests to the real server, several workspaces, what stands in their channels then."""

from __future__ import annotations

import asyncio
import re
import subprocess
import time
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
import yaml
from slack_sdk.oauth.installation_store import Installation
from sqlalchemy import func, select

from bot.address import Address
from bot.assistant import Assistant
from bot.health import CONNECTION, MODELS, Health
from bot.platforms.slack.desks import Desks
from bot.platforms.slack.http import EVENTS, NOT_INSTALLED, NOT_NOW, served
from bot.platforms.slack.installations import Installations
from bot.platforms.slack.oauth import REDIRECT
from bot.platforms.slack.workspaces import One, several
from bot.router import Router
from bot.sealing import keyring, new_key
from handlers import build

from ..slack.wire import signature
from ..slack_fake import FakeSlack

pytestmark = [
    pytest.mark.timeout(30),
    pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning"),  # slack_sdk uses aiohttp's
]

README = Path(__file__).parents[2] / "README.md"
MANIFEST = README.parent / "deploy" / "slack-manifest.yaml"
KEY = new_key()
ANY = Address("127.0.0.1", 0)


@pytest.fixture
def health():
    health = Health(MODELS, CONNECTION)
    health.tell(MODELS)
    return health


@pytest.fixture
async def browser():
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as browser:
        yield browser


@pytest.fixture
def serve(slack, engine, state, health):
    """Serves some workspaces; gives the address of the server."""

    @asynccontextmanager
    async def serve(workspaces, **more):
        assistant = Assistant(Router(engine), build(engine))
        secret = slack.signing_secret
        async with (
            Desks(assistant, state, url=slack.api_url, pace_s=0.0) as desks,
            served(
                desks, workspaces, ANY, signing_secret=secret, health=health, url=slack.api_url, **({"grace_s": 5.0} | more)
            ) as bound,
        ):
            yield f"http://{bound}"

    return serve


@pytest.fixture
async def events(slack, serve):
    """Where one workspace's requests go."""
    async with serve(One(slack.bot_token)) as url:
        yield f"{url}/slack/events"


@pytest.fixture
def installable(slack, state):
    """All workspaces that install Parley, with Slack's Web API somewhere."""

    async def installable(url):
        return await several(state.engine, client_id=slack.client_id, client_secret=slack.client_secret, keys=KEY, url=url)

    return installable


@pytest.fixture
async def app(slack, installable, serve):
    """The address of Parley, which any workspace may install."""
    async with serve(await installable(slack.api_url)) as url:
        yield url


def asked(team, *, text="help"):
    """Somebody calls the bot in a new channel of a workspace; returns the channel, the message and its event."""
    person = team.user("ana")
    channel = team.channel("general", person)
    ts = team.say(channel, person, f"<@{team.bot_user}> {text}")
    return channel, ts, team.app_mention(channel, ts)


def answers(team, channel, ts):
    return [message for message in team.messages(channel, ts) if message.get("user") == team.bot_user]


async def eventually(ask, wanted):
    """Wait until something is as it should be that tells nobody when it changes."""
    async with asyncio.timeout(5):
        while await ask() != wanted:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


# Requests


async def test_a_mention_is_acknowledged_at_once_and_answered_in_its_thread(slack, events):
    channel, ts, event = asked(slack)
    slack.delays["conversations.replies"] = slack.delays["users.info"] = 0.5
    ack = await slack.send_event(events, event)
    assert ack.status == 200
    assert ack.seconds < 0.5
    assert not answers(slack, channel, ts)
    await slack.until(lambda: answers(slack, channel, ts))


async def test_a_command_and_a_shortcut_are_answered_to_whoever_asked(slack, events):
    channel, ts, _ = asked(slack, text="the release is great")
    ana = slack.channels[channel].members[0]
    assert (await slack.send_command(events, slack.command(ana, channel, "help"))).status == 200
    await slack.until(lambda: slack.responses)
    shortcut = slack.message_shortcut("sentiment", ana, channel, ts)
    assert (await slack.send_interaction(events, shortcut)).status == 200
    await slack.until(lambda: len(slack.responses) == 2)
    assert {each["response_type"] for each in slack.responses} == {"ephemeral"}


async def test_the_address_is_confirmed_to_slack(slack, events):
    ack = await slack.send_event(events, {"type": "url_verification", "challenge": "abc", "token": "unused"})
    assert (ack.status, ack.body) == (200, {"challenge": "abc"})


@pytest.mark.parametrize(("late", "how"), [(0, {"secret": "another"}), (400, {}), (-400, {})])
async def test_a_request_that_slack_did_not_sign_lately_is_refused(slack, events, late, how):
    channel, ts, event = asked(slack)
    how = how | {"signed_at": time.time() - late}
    assert (await slack.send_event(events, event, **how)).status == 401
    assert (await slack.send_event(events, event)).status == 200
    await slack.until(lambda: answers(slack, channel, ts))
    assert len(answers(slack, channel, ts)) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Request-Timestamp": "soon", "X-Slack-Signature": "v0=0"},
        {"X-Slack-Request-Timestamp": "9" * 5000, "X-Slack-Signature": "v0=0"},
        {"X-Slack-Request-Timestamp": str(int(time.time())), "X-Slack-Signature": "v0=é"},
    ],
)
@pytest.mark.parametrize("body", [b'{"type": "event_callback"}', b"[1]", b"{", b"\xff\xfe", b"ssl_check=1"])
async def test_what_anybody_may_send_is_refused_and_breaks_nothing(events, browser, caplog, headers, body):
    async with browser.post(events, data=body, headers=headers) as answer:
        assert answer.status == 401
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_a_signature_is_good_for_its_own_body_only(slack, events, browser):
    stamp = str(int(time.time()))
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature(slack.signing_secret, stamp, "{}")}
    async with browser.post(events, data=b'{"type": "event_callback"}', headers=headers) as answer:
        assert answer.status == 401


async def test_deliveries_of_one_message_get_one_answer(slack, events):
    channel, ts, mention = asked(slack)
    envelope = slack.callback(mention)
    await slack.send_event(events, envelope)
    await slack.send_event(events, envelope, retry=1)
    await slack.send_event(events, mention, event_id="EvAGAIN", retry=2)
    await slack.send_event(events, slack.message(channel, ts))
    await slack.until(lambda: answers(slack, channel, ts))
    other_channel, other, event = asked(slack)
    await slack.send_event(events, event)
    await slack.until(lambda: answers(slack, other_channel, other))
    assert len(answers(slack, channel, ts)) == 1


async def test_an_event_is_put_off_while_slack_does_not_say_whose_it_is(slack, events):
    channel, ts, event = asked(slack)
    envelope = slack.callback(event)
    slack.fail("auth.test", "internal_error")
    assert (await slack.send_event(events, envelope)).status == 503
    assert (await slack.send_event(events, envelope, retry=1)).status == 200
    await slack.until(lambda: answers(slack, channel, ts))
    _, _, more = asked(slack)
    await slack.send_event(events, more)
    assert len(slack.called("auth.test")) == 1


async def test_a_command_says_so_instead(slack, events):
    channel, _, _ = asked(slack)
    slack.fail("auth.test", "internal_error")
    ack = await slack.send_command(events, slack.command(slack.channels[channel].members[0], channel, "help"))
    assert ack.status == 200
    await slack.until(lambda: slack.responses)
    assert slack.responses[0]["text"] == NOT_NOW


async def test_slow_slack_does_not_hold_up_the_acknowledgement(slack, events):
    channel, ts, event = asked(slack)
    slack.delays["auth.test"] = 2.5
    late = await slack.send_event(events, event)
    assert late.status == 503
    assert late.seconds < 3
    await slack.until(lambda: slack.called("auth.test"))
    again = await slack.send_event(events, event, retry=1)
    assert again.status == 200
    await slack.until(lambda: answers(slack, channel, ts))
    assert len(slack.called("auth.test")) == 1


# Start and stop


async def test_before_all_is_there_events_are_put_off(slack, serve, health, browser):
    health.tell(MODELS, lambda: asyncio.sleep(0, False))
    channel, ts, event = asked(slack)
    async with serve(One(slack.bot_token)) as url:
        async with browser.get(f"{url}/readyz") as answer:
            assert (answer.status, (await answer.json())["missing"]) == (503, ["models"])
        assert (await slack.send_event(f"{url}/slack/events", event)).status == 503
        health.tell(MODELS)
        async with browser.get(f"{url}/readyz") as answer:
            assert answer.status == 200
        assert (await slack.send_event(f"{url}/slack/events", event, retry=1)).status == 200
        await slack.until(lambda: answers(slack, channel, ts))


async def test_while_it_stops_answers_are_finished_and_no_new_ones_begun(slack, serve, browser):
    slack.delays["users.info"] = 1.0
    channel, ts, event = asked(slack)
    _, _, late = asked(slack)
    told = []

    async def meanwhile(url):
        async with browser.get(f"{url}/readyz") as answer:
            told.append((answer.status, (await answer.json()).get("stopping")))
        told.append((await slack.send_event(f"{url}/slack/events", late)).status)

    async with asyncio.TaskGroup() as group, serve(One(slack.bot_token)) as url:
        assert (await slack.send_event(f"{url}/slack/events", event)).status == 200
        group.create_task(meanwhile(url))
    assert len(answers(slack, channel, ts)) == 1
    assert told == [(503, True), 503]


async def test_one_workspace_has_no_pages_to_install_it(events, browser):
    async with browser.get(events.replace("events", "install")) as answer:
        assert answer.status == 404


# Several workspaces


async def begin(browser, app):
    """Open the install page; returns the query of its link to Slack, and the cookie that the browser got."""
    async with browser.get(f"{app}/slack/install") as answer:
        page, cookie = await answer.text(), answer.headers["Set-Cookie"].partition(";")[0]
        assert answer.headers["Cache-Control"] == "no-store"
    link = unescape(re.search(r'href="(https://slack.com[^"]+)"', page)[1])
    return {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}, cookie


async def come_back(browser, app, cookie="", **query):
    """Return from Slack; gives the status and the page."""
    async with browser.get(f"{app}/slack/oauth_redirect", params=query, headers={"Cookie": cookie}) as answer:
        return answer.status, await answer.text()


async def install(slack, browser, app, team):
    query, cookie = await begin(browser, app)
    return await come_back(browser, app, cookie, state=query["state"], code=slack.code(team))


@pytest.fixture
def globex(slack):
    """A second workspace."""
    globex = FakeSlack("globex", team_id="T0GLOBEX")
    slack.also(globex, "xoxb-globex")
    return globex


async def test_each_workspace_that_installs_it_gets_its_answers(slack, globex, app, browser, tmp_path):
    for team in (slack, globex):
        status, page = await install(slack, browser, app, team)
        assert status == 200
        assert f"Parley is installed in {team.team}" in page
    for team in (slack, globex):
        channel, ts, event = asked(team)
        assert (await slack.send_event(f"{app}/slack/events", team.callback(event))).status == 200
        await team.until(lambda team=team, channel=channel, ts=ts: answers(team, channel, ts))
        assert len(team.called("chat.postMessage")) == 1
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"T0GLOBEX" in written
    assert b"xoxb" not in written


async def test_slack_is_asked_for_the_permissions_of_the_manifest(slack, app, browser):
    query, _ = await begin(browser, app)
    manifest = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    assert query["scope"].split(",") == manifest["oauth_config"]["scopes"]["bot"]
    assert (query["client_id"], query.get("user_scope", "")) == (slack.client_id, "")


def test_the_manifest_for_http_names_the_addresses_that_are_served():
    command = re.search(r"^sed .*slack-manifest.yaml$", README.read_text(encoding="utf-8"), re.MULTILINE)[0]
    printed = subprocess.run(["sh", "-c", command], cwd=README.parent, capture_output=True, encoding="utf-8", check=True)
    assert "#http" not in printed.stdout
    manifest = yaml.safe_load(printed.stdout)
    settings, commands = manifest["settings"], manifest["features"]["slash_commands"]
    addresses = {settings["event_subscriptions"]["request_url"], settings["interactivity"]["request_url"]}
    assert addresses | {each["url"] for each in commands} == {f"https://your.host{EVENTS}"}
    assert manifest["oauth_config"]["redirect_urls"] == [f"https://your.host{REDIRECT}"]
    assert {"app_uninstalled", "tokens_revoked"} <= set(settings["event_subscriptions"]["bot_events"])
    assert settings["socket_mode_enabled"] is False


async def test_a_state_is_good_for_one_installation_in_one_browser(slack, app, browser):
    query, cookie = await begin(browser, app)
    for cookies in ("", "slack-app-oauth-state=other"):
        status, page = await come_back(browser, app, cookies, state=query["state"], code=slack.code(slack))
        assert (status, "another browser" in page) == (400, True)
    assert (await come_back(browser, app, cookie, state=query["state"], code=slack.code(slack)))[0] == 200
    status, page = await come_back(browser, app, cookie, state=query["state"], code=slack.code(slack))
    assert (status, "loaded twice" in page) == (401, True)
    assert len(slack.called("oauth.v2.access")) == 1


async def test_an_installation_that_fails_says_why_and_how_to_go_on(slack, app, browser, state):
    for reason, words in (("access_denied", "was cancelled"), ("<script>", "&lt;script&gt;")):
        _, page = await come_back(browser, app, error=reason)
        assert words in page
        assert 'href="/slack/install"' in page
        assert "<script>" not in page
    for query, words in (({"code": "invented"}, "did not confirm"), ({}, "did not say")):
        begun, cookie = await begin(browser, app)
        status, page = await come_back(browser, app, cookie, state=begun["state"], **query)
        assert (status, words in page) == (401, True)
    store = Installations(state.engine, slack.client_id, keyring(KEY))
    async with state.engine.connect() as connection:
        assert (await connection.execute(select(func.count()).select_from(store.bots))).scalar() == 0


async def test_an_installation_while_slack_is_away_is_no_blank_page(installable, serve, browser, caplog):
    async with serve(await installable("http://127.0.0.1:1/api/")) as app:
        begun, cookie = await begin(browser, app)
        status, page = await come_back(browser, app, cookie, state=begun["state"], code="secret-code")
    assert (status, "Parley is not installed" in page) == (502, True)
    assert "secret-code" not in caplog.text


async def test_a_workspace_that_removed_it_is_told_so_and_may_come_back(slack, globex, app, browser, state):
    events, store = f"{app}/slack/events", Installations(state.engine, slack.client_id, keyring(KEY))
    for team in (slack, globex):
        await install(slack, browser, app, team)
    await slack.send_event(events, slack.callback({"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}}))  # not ours
    for _ in range(2):
        channel, ts, event = asked(slack)
        await slack.send_event(events, event)
        await slack.until(lambda channel=channel, ts=ts: answers(slack, channel, ts))

    slack.revoked.add(slack.bot_token)
    for kind in ("tokens_revoked", "app_uninstalled"):
        ended = slack.callback({"type": kind, "tokens": {"bot": [slack.bot_user]}})
        assert (await slack.send_event(events, ended)).status == 200
    await eventually(lambda: store.token(None, slack.team_id), None)
    calls = len(slack.calls)
    assert (await slack.send_event(events, asked(slack)[2])).status == 200
    ana = slack.channels[channel].members[0]
    assert (await slack.send_command(events, slack.command(ana, channel, "help"))).status == 200
    await slack.until(lambda: slack.responses)
    assert slack.responses[0]["text"] == NOT_INSTALLED
    assert len(slack.calls) == calls

    slack.bot_token = "xoxb-again"
    await install(slack, browser, app, slack)
    for team in (slack, globex):
        channel, ts, event = asked(team)
        await slack.send_event(events, team.callback(event))
        await team.until(lambda team=team, channel=channel, ts=ts: answers(team, channel, ts))


async def test_a_token_that_slack_does_not_take_any_more_counts_as_removed(slack, state, app):
    store = Installations(state.engine, slack.client_id, keyring(KEY))
    gone = {"bot_token": slack.bot_token, "bot_id": slack.bot_id, "bot_user_id": slack.bot_user, "user_id": "U1"}
    await store.async_save(Installation(app_id=slack.app_id, team_id=slack.team_id, **gone))
    slack.revoked.add(slack.bot_token)
    channel, ts, event = asked(slack)
    ana = slack.channels[channel].members[0]
    assert (await slack.send_event(f"{app}/slack/events", event)).status == 200
    assert (await slack.send_command(f"{app}/slack/events", slack.command(ana, channel, "help"))).status == 200
    await slack.until(lambda: slack.responses)
    assert slack.responses[0]["text"] == NOT_INSTALLED
    assert not answers(slack, channel, ts)
