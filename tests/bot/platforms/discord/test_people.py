"""How people are called, and which language they use Discord in."""

from __future__ import annotations

import asyncio

import pytest
from discord import Locale

MEMBERS = "/guilds/*/members/*"


@pytest.fixture
def names(client, people, guild):
    """The names of people as the members of a server see them."""

    async def names(*users):
        return await people.names([str(user.id) for user in users], client.get_guild(guild.id))

    return names


async def test_people_have_the_names_that_others_see(discord, names, guild, ana, ben):
    guild.members[ben.id].nick = "Benno"
    bare = discord.user("carla", global_name=None)
    discord.join(guild, bare)
    assert await names(ana, ben, bare) == {str(ana.id): "Ana", str(ben.id): "Benno", str(bare.id): "carla"}


async def test_who_left_is_still_called_something(discord, names, guild, ana):
    discord.leave(guild, ana)
    assert await names(ana) == {str(ana.id): "Ana"}


async def test_outside_servers_people_have_no_nicknames(people, guild, ana):
    guild.members[ana.id].nick = "Annie"
    assert await people.names([str(ana.id)]) == {str(ana.id): "Ana"}


async def test_whom_the_client_knows_costs_no_call(discord, names):
    assert await names(discord.bot) == {str(discord.bot.id): "Parley"}
    assert discord.called("GET", MEMBERS) == []


async def test_who_is_nobody_is_asked_for_once_and_what_is_no_id_never(discord, people, guild):
    for _ in range(2):
        assert await people.names(["1", "U1"]) == {}
    assert [call.path for call in discord.calls if call.path.startswith("/users/") and "@me" not in call.path] == [
        "/users/1"
    ]


async def test_many_who_ask_for_one_person_at_once_ask_discord_a_few_times(discord, names, ana):
    await asyncio.gather(*(names(ana) for _ in range(100)))
    await names(ana)
    assert len(discord.called("GET", MEMBERS)) <= 8


async def test_who_is_not_known_just_now_may_be_known_later(discord, names, ana):
    discord.fail("GET", MEMBERS, status=503)
    assert await names(ana) == {}
    assert await names(ana) == {str(ana.id): "Ana"}


@pytest.mark.parametrize(("locale", "language"), [("pt-BR", "pt"), ("en-GB", "en"), ("es-419", "es"), ("ja", "ja")])
async def test_the_language_is_that_of_the_last_click(people, ana, locale, language):
    assert await people.language(str(ana.id)) is None
    people.met(str(ana.id), Locale("de"))
    people.met(str(ana.id), Locale(locale))
    assert await people.language(str(ana.id)) == language
