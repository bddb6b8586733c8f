"""`parley slack` says what is missing, and stops in order whenever it is told to."""

from __future__ import annotations

import asyncio
import io
import os
import re
import signal
from contextlib import asynccontextmanager
from types import SimpleNamespace

import aiohttp
import pytest
from rich.console import Console

from bot.address import Address
from bot.assistant import Assistant
from bot.commands import serving
from bot.commands import slack as command
from bot.listening import listening
from bot.router import Router
from bot.sealing import new_key
from bot.settings import Settings
from handlers import build

from ...slack_fake import FakeSlack

pytestmark = pytest.mark.timeout(30)

ANY = Address("127.0.0.1", 0)
OAUTH = {"slack_signing_secret": "ab12", "slack_client_id": "1.2", "slack_client_secret": "cd34", "slack_bot_token": None}


@pytest.fixture
async def slack():
    async with FakeSlack() as slack:
        yield slack


@pytest.fixture
def loaded():
    """Set once the models may be loaded."""
    event = asyncio.Event()
    event.set()
    return event


@pytest.fixture
def parley(slack, engine, loaded, monkeypatch, tmp_path):
    """Runs the command with fake models; gives the task, and what is written."""

    async def warm(report):
        report("model", 0, 1)
        await loaded.wait()

    @asynccontextmanager
    async def running(_):
        yield SimpleNamespace(assistant=Assistant(Router(engine), build(engine)), engine=SimpleNamespace(warm=warm))

    monkeypatch.setattr(serving, "running", running)
    given = {
        "slack_bot_token": slack.bot_token,
        "slack_app_token": slack.app_token,
        "slack_signing_secret": slack.signing_secret,
        "slack_api_url": slack.api_url,
        "database": f"sqlite+aiosqlite:///{tmp_path}/parley.db",
    }

    def start(http=None, **settings):
        written = io.StringIO()
        run = command.run(Settings(**(given | settings)), Console(file=written, width=200), http)
        return asyncio.create_task(run), written

    return start


async def said(written, pattern):
    """Wait for words; gives what they match."""
    async with asyncio.timeout(10):
        while not (found := re.search(pattern, written.getvalue())):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return found


def complaint(written):
    (line,) = written.getvalue().splitlines()
    assert re.fullmatch(r"parley: [^\n]+\.", line)
    return line


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("http", [None, ANY])
async def test_it_stops_in_order_when_told_to(parley, name, http):
    task, written = parley(http)
    await said(written, "Ctrl-C stops")
    os.kill(os.getpid(), name)
    assert await task == 0
    assert "Finishing the answers under way" in written.getvalue()


@pytest.mark.parametrize("http", [None, ANY])
async def test_it_stops_while_models_load(parley, loaded, slack, http):
    loaded.clear()
    task, written = parley(http)
    await said(written, "Loading the models")
    os.kill(os.getpid(), signal.SIGTERM)
    assert await task == 0
    assert "Ctrl-C stops" not in written.getvalue()
    assert slack.opened == 0


async def test_an_answer_under_way_is_finished_before_it_stops(parley, slack):
    task, written = parley()
    await said(written, "Connected")
    slack.delays["users.info"] = 0.5
    ana = slack.user("ana")
    channel = slack.channel("general", ana)
    ts = slack.say(channel, ana, f"<@{slack.bot_user}> help")
    await slack.deliver("events_api", slack.callback(slack.app_mention(channel, ts)))
    os.kill(os.getpid(), signal.SIGTERM)
    assert await task == 0
    assert len(slack.messages(channel, ts)) == 2


async def test_health_is_told_from_the_start_on(parley, loaded):
    async with listening(aiohttp.web.Application(), ANY) as free:
        pass
    loaded.clear()
    task, written = parley(health=str(free))
    await said(written, "Loading the models")
    async with aiohttp.ClientSession() as client:

        async def asked(path):
            async with client.get(f"http://{free}{path}") as answer:
                return answer.status, await answer.json()

        assert (await asked("/healthz"))[0] == 200
        assert (await asked("/readyz"))[1]["missing"] == ["models", "connection"]
        loaded.set()
        await said(written, "Connected")
        assert await asked("/readyz") == (200, {"ready": True})
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
async def test_what_is_missing_is_one_sentence(parley, http, settings, named):
    task, written = parley(http, **settings)
    assert await task == 2
    assert named in complaint(written)


async def test_a_port_in_use_is_one_sentence(parley):
    async with listening(aiohttp.web.Application(), ANY) as taken:
        for http, settings in ((taken, {}), (None, {"health": str(taken)})):
            task, written = parley(http, **settings)
            assert await task == 1
            assert f"cannot listen on {taken}" in complaint(written)


@pytest.mark.parametrize("http", [None, ANY])
async def test_a_token_that_slack_refuses_is_one_sentence(parley, slack, http):
    slack.revoked.add(slack.bot_token)
    task, written = parley(http)
    assert await task == 1
    assert "the token was revoked" in written.getvalue().splitlines()[-1]
