"""`parley slack` says what is missing, and stops in order whenever it is told to."""

from __future__ import annotations

import asyncio
import os
import signal

import aiohttp
import pytest

from bot.address import Address
from bot.commands import slack as command
from bot.listening import listening
from bot.sealing import new_key
from bot.settings import Settings

pytestmark = [pytest.mark.timeout(30), pytest.mark.usefixtures("_fake_models")]

ANY = Address("127.0.0.1", 0)
OAUTH = {"slack_signing_secret": "ab12", "slack_client_id": "1.2", "slack_client_secret": "cd34", "slack_bot_token": None}


@pytest.fixture
def parley(slack, written, tmp_path):
    """Starts the command; gives its task."""
    given = {
        "slack_bot_token": slack.bot_token,
        "slack_app_token": slack.app_token,
        "slack_signing_secret": slack.signing_secret,
        "slack_api_url": slack.api_url,
        "database": f"sqlite+aiosqlite:///{tmp_path}/parley.db",
        "_env_file": None,
    }
    return lambda http=None, **settings: asyncio.create_task(command.run(Settings(**(given | settings)), written, http))


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("http", [None, ANY])
async def test_it_stops_in_order_when_told_to(parley, written, name, http):
    task = parley(http)
    await written.says("Ctrl-C stops")
    os.kill(os.getpid(), name)
    assert await task == 0
    assert "Finishing the answers under way" in written.text


@pytest.mark.parametrize("http", [None, ANY])
async def test_it_stops_while_models_load(parley, written, loaded, slack, http):
    loaded.clear()
    task = parley(http)
    await written.says("Loading the models")
    os.kill(os.getpid(), signal.SIGTERM)
    assert await task == 0
    assert "Ctrl-C stops" not in written.text
    assert slack.opened == 0


async def test_an_answer_under_way_is_finished_before_it_stops(parley, written, slack):
    task = parley()
    await written.says("Connected")
    slack.delays["users.info"] = 0.5
    ana = slack.user("ana")
    channel = slack.channel("general", ana)
    ts = slack.say(channel, ana, f"<@{slack.bot_user}> help")
    await slack.deliver("events_api", slack.callback(slack.app_mention(channel, ts)))
    os.kill(os.getpid(), signal.SIGTERM)
    assert await task == 0
    assert len(slack.messages(channel, ts)) == 2


async def test_it_is_ready_once_it_is_connected(parley, written, loaded, free, get):
    loaded.clear()
    task = parley(health=str(free))
    await written.says("Loading the models")
    assert (await get(free, "/readyz"))[0] == 503
    loaded.set()
    await written.says("Connected")
    assert (await get(free, "/readyz"))[0] == 200
    task.cancel()
    assert await task == 0


@pytest.mark.parametrize(
    ("http", "settings", "named"),
    [
        (None, {"slack_bot_token": None}, "PARLEY_SLACK_BOT_TOKEN"),
        (None, {"slack_app_token": None}, "PARLEY_SLACK_APP_TOKEN"),
        (ANY, {"slack_signing_secret": None}, "PARLEY_SLACK_SIGNING_SECRET"),
        (ANY, OAUTH, "PARLEY_SECRET_KEY"),
        (ANY, OAUTH | {"secret_key": "short"}, "PARLEY_SECRET_KEY"),
        (ANY, OAUTH | {"secret_key": new_key(), "slack_client_secret": None}, "PARLEY_SLACK_CLIENT_SECRET"),
    ],
)
async def test_what_is_missing_is_one_sentence(parley, written, http, settings, named):
    assert await parley(http, **settings) == 2
    assert named in written.complaint


async def test_a_port_in_use_is_one_sentence(parley, written):
    async with listening(aiohttp.web.Application(), ANY) as taken:
        assert await parley(taken) == 1
    assert f"cannot listen on {taken}" in written.complaint


@pytest.mark.parametrize("http", [None, ANY])
async def test_a_token_that_slack_refuses_is_one_sentence(parley, written, slack, http):
    slack.revoked.add(slack.bot_token)
    assert await parley(http) == 1
    assert "the token was revoked" in written.text.splitlines()[-1]
