"""`parley discord` says what is missing, tells how it is, and stops in order whenever it is told to."""

from __future__ import annotations

import asyncio
import os
import signal
from functools import partial

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.commands import discord as command
from bot.platforms.discord import gateway, sync
from bot.platforms.discord.client import Client
from bot.settings import Settings

from ...discord_fake import FakeDiscord

pytestmark = [pytest.mark.timeout(30), pytest.mark.usefixtures("_fake_models", "channel")]

NOWHERE = "127.0.0.1:1"
WRONG = "MTIz.wrong.token"


@pytest.fixture
async def discord():
    async with FakeDiscord() as discord:
        yield discord


@pytest.fixture
def ana(discord):
    return discord.user("Ana")


@pytest.fixture
def channel(discord, ana):
    return discord.channel(discord.guild("Acme", ana), "general")


@pytest.fixture
def parley(discord, written, tmp_path, monkeypatch):
    """Starts the command; gives its task."""
    monkeypatch.setattr(command, "connected", partial(gateway.connected, ready_s=0.05))
    given = {
        "discord_token": discord.token,
        "discord_api_url": discord.api_url,
        "discord_gateway_url": discord.gateway_url,
        "database": f"sqlite+aiosqlite:///{tmp_path}/parley.db",
        "_env_file": None,
    }
    return lambda **settings: asyncio.create_task(command.run(Settings(**(given | settings)), written))


async def stopped(task):
    os.kill(os.getpid(), signal.SIGTERM)
    assert await task == 0


# Coming and going


async def test_it_says_where_it_is_and_stops_in_order(parley, written, discord):
    task = parley()
    await written.says("Connected to Discord as Parley, in 1 server; Ctrl-C stops")
    await stopped(task)
    assert "Finishing the answers under way" in written.text
    assert "Message Content Intent" not in written.text
    assert not discord.connections


async def test_it_says_what_cannot_be_read_without_the_content_intent(parley, written, discord):
    discord.content = "none"
    task = parley()
    await written.says("Connected")
    await stopped(task)
    assert "The Message Content Intent is off" in written.text


async def test_whoever_has_invited_it_nowhere_is_told_how(parley, written, discord, channel):
    discord.leave(channel.guild, discord.bot)
    task = parley()
    await written.says("in 0 servers")
    await stopped(task)
    assert "parley discord invite" in written.text


async def test_an_answer_under_way_is_finished_before_it_stops(parley, written, discord, channel, ana):
    sending = discord.hold("POST", "/channels/*/messages")
    task = parley()
    await written.says("Connected")
    discord.say(channel, ana, f"{discord.bot.mention} help")
    await discord.until(lambda: sending.waiting)
    os.kill(os.getpid(), signal.SIGINT)
    await written.says("Finishing the answers under way")
    sending.open()
    assert await task == 0
    assert len(discord.answers(channel)) == 1


async def test_it_is_not_connected_before_it_can_answer(parley, written, discord, loaded):
    loaded.clear()
    task = parley()
    await written.says("Loading the models")
    await stopped(task)
    assert not discord.identified


async def test_commands_are_registered_when_they_have_changed_and_no_sooner(parley, written, discord, monkeypatch):
    async def registered():
        task = parley()
        await discord.ready()
        await stopped(task)
        await discord.until(lambda: not discord.connections)
        return len(discord.called("PUT", "/applications/*/commands"))

    assert [await registered(), await registered()] == [1, 1]
    monkeypatch.setattr(sync, "fingerprint", lambda commands: f"{len(commands)} others")
    assert [await registered(), await registered()] == [2, 2]


# What keeps it from answering


@pytest.mark.parametrize(
    ("settings", "code", "words"),
    [
        ({"discord_token": None}, 2, "Set PARLEY_DISCORD_TOKEN"),
        ({"discord_token": "Bot MTIz.fake.token"}, 2, "PARLEY_DISCORD_TOKEN begins with the word Bot"),
        ({"discord_token": WRONG}, 1, "does not accept the token"),
        ({"discord_api_url": f"http://{NOWHERE}/api/v10"}, 1, "cannot be reached"),
    ],
)
async def test_what_is_wrong_is_one_sentence_at_once(parley, written, settings, code, words):
    assert await parley(**settings) == code
    assert words in written.complaint


@pytest.mark.parametrize(("status", "words"), [(503, "trouble on its side"), (403, "refuses"), (None, "cannot be reached")])
async def test_what_fails_while_it_logs_in_is_one_sentence(parley, written, discord, status, words):
    discord.fail("GET", "/users/@me", status=status, times=10)
    assert await parley() == 1
    assert words in written.complaint


async def test_a_discord_that_stumbles_once_is_asked_again(parley, written, discord):
    discord.fail("GET", "/users/@me", status=500)
    task = parley()
    await written.says("Connected")
    await stopped(task)


async def test_a_gateway_out_of_reach_is_one_sentence(parley, written, monkeypatch):
    monkeypatch.setattr(gateway, "CONNECT_S", 0.2)
    assert await parley(discord_gateway_url=f"ws://{NOWHERE}/") == 1
    assert "Discord's gateway cannot be reached" in written.text.splitlines()[-1]


async def test_an_intent_that_discord_takes_back_is_one_sentence(parley, written, discord):
    asking = discord.hold("GET", "/gateway/bot")
    task = parley()
    await discord.until(lambda: asking.waiting)
    discord.content = "none"
    asking.open()
    assert await task == 1
    assert "Message Content Intent" in written.text.splitlines()[-1]


async def test_a_token_that_is_reset_ends_it_in_one_sentence(parley, written, discord):
    task = parley()
    await written.says("Connected")
    discord.token = WRONG
    await discord.close(4004)
    assert await task == 1
    assert written.text.splitlines()[-1].startswith("parley: Discord does not accept the token")


# What is told of it


@pytest.fixture
def _at_once(monkeypatch):
    async def identify(self, shard_id, *, initial=False):
        pass

    monkeypatch.setattr(Client, "before_identify_hook", identify)


@pytest.mark.usefixtures("_at_once")
async def test_figures_are_those_of_each_shard(parley, written, discord, ana, free, get):
    discord.shards, discord.heartbeat_s = 2, 0.05
    for shard in (0, 1):
        discord.guild(f"number {shard}", ana, shard=shard)
    task = parley(health=str(free))
    await written.says("in 3 servers")
    await discord.until(lambda: all(len(each.beats) > 2 for each in discord.connections))
    figures = {}
    for family in text_string_to_metric_families((await get(free, "/metrics"))[1]):
        figures |= {(one.name, one.labels.get("shard")): one.value for one in family.samples}
    await stopped(task)
    assert figures["parley_discord_servers", None] == 3
    for shard in ("0", "1"):
        assert figures["parley_discord_shard_up", shard] == 1
        assert 0 < figures["parley_discord_shard_latency_seconds", shard] < 1


async def test_health_follows_the_connection(parley, written, discord, channel, ana, free, get):
    task = parley(health=str(free))
    await written.says("Connected")
    assert (await get(free, "/readyz"))[0] == 200
    sending = discord.hold("POST", "/channels/*/messages")
    discord.say(channel, ana, f"{discord.bot.mention} help")
    await discord.until(lambda: sending.waiting)
    os.kill(os.getpid(), signal.SIGTERM)
    await written.says("Finishing")
    assert (await get(free, "/readyz"))[0] == 503
    sending.open()
    assert await task == 0
