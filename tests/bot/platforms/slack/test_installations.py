"""What is stored of the workspaces that installed Parley: found again by us, of no use to whoever reads the file."""

import asyncio
from datetime import datetime

import pytest
from slack_sdk.oauth.installation_store import Installation
from sqlalchemy import select, update

from bot.platforms.slack.installations import Installations, OAuthStates
from bot.sealing import KeyUnusable, keyring, new_key
from bot.state import State

TOKENS = {
    "bot_token": "xoxb-acme-1",
    "bot_refresh_token": "xoxe-acme-2",
    "user_token": "xoxp-acme-3",
    "user_refresh_token": "xoxe-acme-4",
    "incoming_webhook_url": "https://hooks.example/acme-5",
}
KEY = new_key()


@pytest.fixture
async def state(tmp_path):
    async with State(f"sqlite+aiosqlite:///{tmp_path}/parley.db") as state:
        yield state


@pytest.fixture
async def opened(state):
    """Opens the store with some keys."""

    async def open_it(keys=KEY, client_id="1.2"):
        store = Installations(state.engine, client_id, keyring(keys))
        await store.prepare()
        return store

    return open_it


def installation(team="T1", at=1000.0, **more):
    about = {"app_id": "A1", "enterprise_id": None, "team_id": team, "bot_id": "B1", "bot_user_id": "U1", "user_id": "U2"}
    return Installation(**(about | TOKENS | {"installed_at": at} | more))


async def test_a_workspace_gets_its_own_token_and_the_newest(opened):
    store = await opened()
    await store.async_save(installation("T1", 1000.0))
    await store.async_save(installation("T1", 2000.0, bot_token="xoxb-newer"))
    await store.async_save(installation("T2", 3000.0, bot_token="xoxb-other"))
    assert await store.token(None, "T1") == "xoxb-newer"
    assert await store.token(None, "T2") == "xoxb-other"
    assert await store.token(None, "T3") is None
    assert await store.token("E1", "T1") is None


async def test_apps_share_a_database_and_nothing_else(opened):
    await (await opened(client_id="1.2")).async_save(installation())
    assert await (await opened(client_id="3.4")).token(None, "T1") is None


async def test_no_token_stands_in_the_file(opened, state, tmp_path):
    store = await opened()
    await store.async_save(installation())
    found = await store.async_find_installation(enterprise_id=None, team_id="T1")
    assert {name: getattr(found, name) for name in TOKENS} == TOKENS
    await state.engine.dispose()
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"T1" in written
    assert [token for token in TOKENS.values() if token.encode() in written or token[-6:].encode() in written] == []


async def test_another_key_is_noticed_at_the_start(opened):
    await (await opened()).async_save(installation())
    with pytest.raises(KeyUnusable, match="does not open"):
        await opened(new_key())


async def test_a_key_is_replaced_by_one_in_front_of_it(opened):
    new = new_key()
    await (await opened()).async_save(installation())
    await opened(f"{new},{KEY}")
    assert await (await opened(new)).token(None, "T1") == TOKENS["bot_token"]
    with pytest.raises(KeyUnusable):
        await opened(KEY)


async def test_who_leaves_is_forgotten_and_nobody_else(opened):
    store = await opened()
    for team in ("T1", "T2"):
        await store.async_save(installation(team))
    await store.forget(None, "T1", until=2000.0)
    assert await store.token(None, "T1") is None
    assert await store.async_find_installation(enterprise_id=None, team_id="T1") is None
    assert await store.token(None, "T2")


async def test_late_word_of_an_end_does_not_undo_a_new_beginning(opened):
    store = await opened()
    await store.async_save(installation(at=1000.0))
    await store.async_save(installation(at=3000.0, bot_token="xoxb-again"))
    await store.forget(None, "T1", until=2000.0)
    assert await store.token(None, "T1") == "xoxb-again"


@pytest.fixture
async def states(state):
    states = OAuthStates(state.engine)
    await states.prepare()
    return states


async def test_a_state_is_good_once(states):
    issued = await states.async_issue()
    assert sorted(await asyncio.gather(*(states.async_consume(issued) for _ in range(5)))) == [False] * 4 + [True]
    assert not await states.async_consume("invented")


async def test_a_state_runs_out_and_is_swept_away(states, state):
    issued = await states.async_issue()
    async with state.engine.begin() as connection:
        await connection.execute(update(states.oauth_states).values(expire_at=datetime(2020, 1, 1)))
    assert not await states.async_consume(issued)
    fresh = await states.async_issue()
    async with state.engine.connect() as connection:
        assert (await connection.execute(select(states.oauth_states.c.state))).scalars().all() == [fresh]
