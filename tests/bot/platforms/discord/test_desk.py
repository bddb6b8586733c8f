"""How the desk behaves, driven through discord.py by `simcord`: commands, menus, buttons and settings."""

from __future__ import annotations

import pytest

from bot.assistant import Assistant
from bot.platforms.discord.client import Client
from bot.router import Router
from bot.work import Work
from handlers import build

pytestmark = pytest.mark.timeout(30)


@pytest.fixture
async def simcord_bot(engine, state):
    """What the fixtures of `simcord` connect: Parley."""
    assistant = Assistant(Router(engine), build(engine))
    async with Work() as work:
        yield Client(assistant, state, work, content=True, shards=1, ready_s=0.05)


@pytest.fixture
def world(simcord_env):
    return simcord_env


@pytest.fixture
def guild(world):
    return world.create_guild("Acme")


@pytest.fixture
def ana(world, guild):
    return guild.add_member(world.create_user("Ana"))


@pytest.fixture
def ben(world, guild):
    return guild.add_member(world.create_user("Ben"))


@pytest.fixture
async def channel(guild, ana, ben):
    channel = guild.create_text_channel("incident")
    await ana.send(channel, "Payments are failing since the deploy.")
    await ben.send(channel, "I roll back to 4.11 & watch it.")
    return channel


def text(message):
    return "\n".join(embed.description or "" for embed in message.embeds) or message.content


async def test_a_command_is_acknowledged_and_answered_to_the_asker_alone(channel, ana):
    result = await ana.slash(channel, "summarize", points=2)
    assert result.acknowledged
    assert result.ephemeral
    assert "Payments are failing" in text(result.response)


async def test_everyone_may_be_shown_it(channel, ana):
    result = await ana.slash(channel, "summarize", show="everyone")
    assert not result.ephemeral
    assert "Payments are failing" in text(channel.last_message)


async def test_a_question_is_answered_with_its_evidence(engine, channel, ana):
    engine.answers["who rolls back?"] = "I roll back"
    result = await ana.slash(channel, "ask", question="who rolls back?")
    assert "> **I roll back**" in text(result.response)


async def test_languages_are_offered_while_they_are_typed(channel, ana):
    offered = await ana.autocomplete(channel, "translate", "to", "Portug")
    assert [choice["value"] for choice in offered] == ["pt"]


async def test_a_text_is_translated(channel, ana):
    result = await ana.slash(channel, "translate", text="Good morning.", to="pt")
    assert "GOOD MORNING." in text(result.response)


async def test_the_menu_of_a_message_is_about_that_message(engine, channel, ana):
    first = channel.history()[0]
    await ana.context_menu(channel, "Sentiment", first)
    assert [given for name, given in engine.calls if name == "sentiment"] == [first.content]


async def test_a_question_about_a_message_is_asked_in_a_modal(engine, channel, ana):
    engine.answers["who rolls back?"] = "I roll back"
    opened = await ana.context_menu(channel, "Ask about this", channel.history()[0])
    assert opened.modal["title"] == "Ask about this"
    result = await ana.submit_modal(opened, {"question": "who rolls back?"})
    assert "I roll back" in text(result.response)


async def test_a_mention_is_answered_in_reply(world, channel, ana):
    asked = await ana.send(channel, f"<@{world.guild.me.id}> summarize")
    await world.settle()
    answer = channel.last_message
    assert answer.reference.message_id == asked.id
    assert "Payments are failing" in text(answer)


async def test_a_direct_message_is_answered(world, guild, ana):
    user = world.create_user("Cleo")
    guild.add_member(user)
    await user.send_dm("translate to pt: Good morning.")
    await world.settle()
    assert "GOOD MORNING." in text(user.dm_channel.last_message)


async def test_what_only_the_asker_saw_is_shared_with_their_name(world, channel, ana):
    shown = (await ana.slash(channel, "summarize")).response
    await ana.click(shown, label="Share")
    await world.settle()
    by, shared = channel.history()[-2:]
    assert text(by) == "Ana shared this answer:"
    assert "Payments are failing" in text(shared)


async def test_an_answer_is_told_in_a_language_of_ones_choice(channel, ana, ben):
    await ana.slash(channel, "summarize", show="everyone")
    asked = await ben.click(channel.last_message, label="Translate this answer")
    told = await ben.click(asked.response, label="Portuguese")
    assert "PAYMENTS ARE FAILING" in text(told.response)
    assert told.ephemeral


async def test_a_verdict_is_counted(state, channel, ana):
    await ana.slash(channel, "summarize", show="everyone")
    await ana.click(channel.last_message, label="Helpful")
    await ana.click(channel.last_message, label="Helpful")
    assert await state.feedback() == {("summarize", "good"): 1}


async def test_settings_are_kept_and_shown_as_they_are(state, channel, ana):
    shown = (await ana.slash(channel, "settings")).response
    await ana.select(shown, ["pt"], custom_id="language:0")
    await ana.click(shown, label="Answers to me alone: off")
    assert await state.preferences(f"discord:{ana.id}") == {"language": "pt", "private": "on"}
    again = (await ana.slash(channel, "settings")).response
    labels = [part.get("label") for row in again.components for part in row["components"]]
    assert "Answers to me alone: on" in labels


async def test_what_cannot_be_a_time_is_told(channel, ana):
    result = await ana.slash(channel, "summarize", since="soonish")
    assert "I cannot tell which time that is" in text(result.response)
    assert result.ephemeral


async def test_a_deleted_request_takes_its_answer_along(world, channel, ana):
    asked = await ana.send(channel, f"<@{world.guild.me.id}> summarize")
    await world.settle()
    before = len(channel.history())
    await ana.delete(asked)
    await world.settle()
    assert len(channel.history()) == before - 2
