"""The commands are registered when they have changed, and only then."""

from __future__ import annotations

import copy

import pytest
from discord import Client, HTTPException, Intents
from discord.app_commands import MissingApplicationID

from bot.platforms.discord import sync
from bot.platforms.discord.sync import Changes
from bot.platforms.discord.tree import Tree

COMMANDS = "/applications/*/commands"
NAMES = (
    *("/summarize", "/ask", "/translate", "/sentiment", "/settings", "/help"),
    *("Translate", "Summarize from here", "Sentiment", "Ask about this"),
)


@pytest.fixture
async def client(discord):
    """A client that is logged in and not connected."""
    with discord.addressed():
        async with Client(intents=Intents.none()) as client:
            await client.login(discord.token)
            yield client


@pytest.fixture
def tree(client):
    return Tree(client)


def sent(discord):
    """What was told to Discord, each time."""
    return discord.called("PUT", COMMANDS)


async def test_the_first_start_registers_all_commands(discord, tree, state):
    assert await sync.sync(tree, state) == Changes(NAMES, (), ())
    assert {command["name"] for command in discord.commands} == {name.removeprefix("/") for name in NAMES}
    summarize = next(command for command in discord.commands if command["name"] == "summarize")
    assert summarize["name_localizations"]["de"] == "zusammenfassen"


async def test_the_next_start_asks_nothing_of_discord(discord, tree, state):
    await sync.sync(tree, state)
    before = len(discord.calls)
    assert await sync.sync(tree, state) is None
    assert len(discord.calls) == before


async def test_changed_commands_are_registered_again(discord, tree, state):
    await sync.sync(tree, state)
    tree.remove_command("help")
    assert await sync.sync(tree, state) == Changes((), ("/help",), tuple(name for name in NAMES if name != "/help"))
    assert await sync.sync(tree, state) is None


async def test_a_command_that_only_says_something_else_is_registered_again(discord, tree, state):
    await sync.sync(tree, state)
    tree.get_command("help").description = "Tell what there is"
    assert await sync.sync(tree, state) == Changes((), (), NAMES)
    assert len(sent(discord)) == 2


async def test_it_can_be_forced(discord, tree, state):
    await sync.sync(tree, state)
    discord.commands.clear()
    assert await sync.sync(tree, state, force=True) == Changes(NAMES, (), ())
    assert len(sent(discord)) == 2


async def test_commands_are_registered_without_a_tree_or_a_connection(discord, client, state):
    discord.register([{"name": "old", "type": 1, "description": "Gone"}])
    assert await sync.synced(client, state) == Changes(NAMES, ("/old",), ())
    assert not discord.connections


async def test_each_application_is_remembered_by_itself(discord, tree, state):
    await state.prefer("discord:1", "commands", sync.fingerprint(await sync.payload(tree)))
    assert await sync.sync(tree, state)
    assert await state.preferences(f"discord:{discord.bot.id}") == await state.preferences("discord:1")


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_what_discord_refused_is_tried_again(discord, tree, state, status):
    discord.fail("PUT", COMMANDS, status=status)
    with pytest.raises(HTTPException):
        await sync.sync(tree, state)
    assert await sync.sync(tree, state)


async def test_the_difference_is_told_and_nothing_changed(discord, tree):
    assert await sync.difference(tree) == Changes(NAMES, (), ())
    await tree.sync()
    assert await sync.difference(tree) == Changes((), (), NAMES)
    assert discord.syncs == 1


async def test_a_client_that_is_not_logged_in_is_refused(state):
    async with Client(intents=Intents.none()) as client:
        with pytest.raises(MissingApplicationID):
            await sync.sync(Tree(client), state)


async def test_commands_may_be_used_by_everyone_and_everywhere(tree):
    for command in await sync.payload(tree):
        assert command["contexts"] == [0, 1, 2]
        assert command["integration_types"] == [0, 1]
        assert command["default_member_permissions"] is None
        assert not command["nsfw"]


async def test_the_fingerprint_is_that_of_the_set(tree):
    commands = await sync.payload(tree)
    print_ = sync.fingerprint(commands)
    assert sync.fingerprint(commands[::-1]) == print_ == sync.fingerprint(copy.deepcopy(commands))
    assert len(print_) == 64


@pytest.mark.parametrize("change", ["description", "name_localizations", "options"])
async def test_whatever_changes_makes_another_fingerprint(tree, change):
    commands = await sync.payload(tree)
    changed = copy.deepcopy(commands)
    if change == "options":
        changed[0]["options"][0]["description_localizations"]["fr"] = "Depuis"
    else:
        changed[0][change] = "Sum up" if change == "description" else {"de": "kurz"}
    assert sync.fingerprint(changed) != sync.fingerprint(commands)
    assert sync.fingerprint(commands[1:]) != sync.fingerprint(commands)
