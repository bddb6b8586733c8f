import io

import pytest
from rich.console import Console

from bot.commands import sync
from bot.settings import Settings
from tests.discord_fake import FakeDiscord


@pytest.fixture
async def fake():
    async with FakeDiscord() as fake:
        yield fake


@pytest.fixture
def parley(fake, tmp_path):
    """Runs the command; gives its exit code and what it wrote."""
    right = {"discord_token": fake.token, "discord_api_url": fake.api_url}

    async def run(**wrong):
        out, err = io.StringIO(), io.StringIO()
        settings = Settings(**(right | {"database": f"sqlite+aiosqlite:///{tmp_path}/parley.db"} | wrong))
        code = await sync.run(settings, Console(file=out, width=60), Console(file=err, width=60))
        return code, out.getvalue(), err.getvalue()

    return run


async def test_commands_are_registered_and_named(fake, parley):
    fake.register([{"name": "dance", "description": "Dance"}, {"name": "help", "description": "Help"}])
    code, out, err = await parley()
    assert (code, err) == (0, "")
    added, removed, renewed = out.splitlines()
    assert {"/summarize", "Translate"} < set(added.removeprefix("Added: ").split(", "))
    assert (removed, renewed) == ("Removed: /dance", "Renewed: /help")
    assert {"summarize", "Translate", "help"} < {command["name"] for command in fake.commands}
    assert fake.connections == []


async def test_what_is_there_is_registered_again(fake, parley):
    await parley()
    code, out, _ = await parley()
    assert code == 0
    assert out.startswith("Renewed: /")
    assert fake.syncs == 2


@pytest.mark.parametrize(
    ("wrong", "code", "told"),
    [
        ({"discord_token": None}, 2, "Set PARLEY_DISCORD_TOKEN"),
        ({"discord_token": "MTIz.other.token"}, 1, "Discord does not accept the token"),
        ({"discord_api_url": "http://127.0.0.1:1/api/v10"}, 1, "Discord cannot be reached"),
    ],
)
async def test_what_is_wrong_is_one_sentence(fake, parley, wrong, code, told):
    left, out, err = await parley(**wrong)
    assert (left, out) == (code, "")
    assert err.startswith(f"parley: {told}")
    assert err.count("\n") == 1
    assert fake.syncs == 0


async def test_what_discord_refuses_is_one_sentence(fake, parley):
    fake.fail("PUT", "/applications/*/commands", status=403, code=20012)
    assert await parley() == (1, "", "parley: Discord refuses (HTTP 403, code 20012).\n")
