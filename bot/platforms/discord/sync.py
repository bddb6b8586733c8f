"""Telling Discord which commands there are, and only when they have changed: it takes 200 new ones a day."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import AppCommandType
from discord.app_commands import MissingApplicationID

from bot.platforms.discord.locales import Locales
from bot.platforms.discord.tree import Tree
from bot.state import State

COMMANDS = "commands"


@dataclass(frozen=True, slots=True)
class Changes:
    """What registering changes, by the names that people see ("/ask", "Translate").

    Of what is `kept` everything but the name may be new.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    kept: tuple[str, ...]


async def sync(tree: Tree, state: State, *, force: bool = False) -> Changes | None:
    """Register the commands, if they are others than this database remembers; None where they are the same.

    The client of the tree must be logged in, and need not be connected. Raises `discord.DiscordException` where Discord
    refuses, and `OSError` or `aiohttp.ClientError` where it cannot be reached.
    """
    remembered = (await state.preferences(_owner(tree))).get(COMMANDS)
    if not force and remembered == fingerprint(await payload(tree)):
        return None
    return await _register(tree, state)


async def synced(client: discord.Client, state: State) -> Changes:
    """Register the commands of a client that is logged in and has no tree yet, whatever is remembered. Raises as `sync`."""
    return await _register(Tree(client), state)


async def difference(tree: Tree) -> Changes:
    """What registering would change: nothing is added or removed where all is well. Raises as `sync`."""
    ours = dict.fromkeys(_name(command["type"], command["name"]) for command in await payload(tree))
    theirs = dict.fromkeys(_name(command.type.value, command.name) for command in await tree.fetch_commands())
    added, removed = [name for name in ours if name not in theirs], [name for name in theirs if name not in ours]
    return Changes(tuple(added), tuple(removed), tuple(name for name in ours if name in theirs))


async def payload(tree: Tree) -> list[dict[str, Any]]:
    """The commands as Discord is told them, in every language."""
    if not tree.translator:
        await tree.set_translator(Locales())
    assert tree.translator is not None
    return [await command.get_translated_payload(tree, tree.translator) for command in tree.get_commands()]


def fingerprint(payload: Sequence[Mapping[str, Any]]) -> str:
    """The SHA-256 of commands: the same for the same set of them, in whatever order."""
    each = sorted(json.dumps(command, sort_keys=True, separators=(",", ":")) for command in payload)
    return hashlib.sha256("\n".join(each).encode()).hexdigest()


async def _register(tree: Tree, state: State) -> Changes:
    changes = await difference(tree)
    await tree.sync()
    await state.prefer(_owner(tree), COMMANDS, fingerprint(await payload(tree)))
    return changes


def _owner(tree: Tree) -> str:
    """Under which name the database remembers what was registered."""
    if tree.client.application_id is None:
        raise MissingApplicationID
    return f"discord:{tree.client.application_id}"


def _name(kind: int, name: str) -> str:
    return f"/{name}" if kind == AppCommandType.chat_input.value else name
