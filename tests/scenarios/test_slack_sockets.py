"""Socket Mode when the connection fails: it is made anew, nothing is lost, and readiness tells the truth."""

from __future__ import annotations

import asyncio

import pytest

from bot.assistant import Assistant
from bot.health import CONNECTION, Health
from bot.platforms.refused import Refused
from bot.platforms.slack import sockets
from bot.platforms.slack.desks import Desks
from bot.platforms.slack.sockets import connected
from bot.router import Router
from bot.state import State
from handlers import build

pytestmark = pytest.mark.timeout(30)

NEVER = 3600.0


@pytest.fixture
def health():
    return Health(CONNECTION)


@pytest.fixture
async def connect(slack, engine, tmp_path, health):
    """Connects Parley to the fake, with some patience."""
    assistant = Assistant(Router(engine), build(engine))
    async with (
        State(f"sqlite+aiosqlite:///{tmp_path}/parley.db") as state,
        Desks(assistant, state, url=slack.api_url, pace_s=0.0) as desks,
    ):

        def connect(**patience):
            return connected(desks, slack.bot_token, slack.app_token, url=slack.api_url, health=health, **patience)

        yield connect


@pytest.fixture
def ana(slack):
    return slack.user("ana")


@pytest.fixture
def channel(slack, ana):
    return slack.channel("incident", ana)


async def ask(slack, channel, user, **how):
    """Somebody calls the bot; returns the message's timestamp once it is acknowledged."""
    ts = slack.say(channel, user, f"<@{slack.bot_user}> help")
    await slack.deliver("events_api", slack.callback(slack.app_mention(channel, ts)), **how)
    return ts


def answers(slack, channel, ts):
    return [message for message in slack.messages(channel, ts) if message.get("user") == slack.bot_user]


async def settled(health, ready):
    """Wait until readiness is as it should be; nobody tells when it changes."""
    async with asyncio.timeout(10):
        while await health.ready() is not ready:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_deaf_connection_is_replaced_before_it_goes(slack, connect, channel, ana):
    async with connect(quiet_s=0.5):
        await slack.connected()
        (old,) = slack.connections
        slack.deaf = True
        await slack.until(lambda: slack.opened == 2)
        assert slack.connections[0] is old  # the new one was made while the old one was there
        await slack.until(lambda: old not in slack.connections)
        ts = await ask(slack, channel, ana)
        await slack.until(lambda: answers(slack, channel, ts))


async def test_a_connection_that_hears_is_left_alone(slack, connect, channel, ana):
    async with connect(quiet_s=1.0):
        await slack.connected()
        for _ in range(6):
            await ask(slack, channel, ana)
            await asyncio.sleep(0.25)
        assert slack.opened == 1


async def test_what_was_sent_to_a_deaf_connection_comes_again_and_is_answered_once(slack, connect, channel, ana):
    async with connect(quiet_s=0.5):
        await slack.connected()
        ts = slack.say(channel, ana, f"<@{slack.bot_user}> help")
        mention = slack.callback(slack.app_mention(channel, ts))
        slack.deaf = True
        with pytest.raises(TimeoutError):
            await slack.deliver("events_api", mention, within=0.1)
        await slack.connected(opened=2)
        for attempt in (1, 2):
            await slack.deliver("events_api", mention, retry_attempt=attempt, retry_reason="timeout")
        await slack.until(lambda: answers(slack, channel, ts))
    assert len(answers(slack, channel, ts)) == 1


async def test_readiness_follows_the_connection(slack, connect, health):
    assert not await health.ready()
    slack.fail("apps.connections.open", "internal_error", after=2, times=4)  # the check at the start, then the connection
    async with connect(quiet_s=NEVER, ping_s=0.1):
        await slack.connected()
        assert await health.ready()
        await slack.drop()
        await settled(health, False)
        await slack.until(lambda: sum(call.error == "internal_error" for call in slack.calls) == 4, within=10)
        await slack.connected(opened=2, within=10)
        await settled(health, True)
        assert not health.stopping
    assert health.stopping


async def test_an_address_that_slack_does_not_honour_any_more_is_given_up(slack, connect, health, channel, ana):
    """slack_sdk keeps trying the one address it got; a ticket is good for a while only."""
    async with connect(quiet_s=2.0, ping_s=0.1):
        await slack.connected()
        issue, slack.socket_url = slack.socket_url, lambda: f"{slack.url.replace('http', 'ws', 1)}/link?ticket=stale"
        await slack.drop()
        await settled(health, False)
        await slack.until(lambda: len(slack.called("apps.connections.open")) == 3)
        slack.socket_url = issue
        await slack.connected(opened=2, within=10)
        await settled(health, True)
        ts = await ask(slack, channel, ana)
        await slack.until(lambda: answers(slack, channel, ts))


async def test_a_websocket_that_cannot_be_opened_is_one_sentence(slack, connect, monkeypatch):
    monkeypatch.setattr(sockets, "CONNECT_S", 0.3)
    slack.socket_url = lambda: "ws://127.0.0.1:1/link"
    with pytest.raises(Refused, match=r"^Slack's websocket cannot be reached; [^\n]+\.$"):
        async with connect():
            pass


async def test_parley_can_be_stopped_while_it_replaces_a_connection(slack, connect, health):
    async with connect(quiet_s=0.2):
        await slack.connected()
        slack.delays["apps.connections.open"] = 5.0
        slack.deaf = True
        await asyncio.sleep(0.5)
    assert not await health.ready()
    assert slack.opened == 1
