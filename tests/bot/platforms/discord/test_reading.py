"""What is fetched for whom, and what is said where it is not."""

from __future__ import annotations

import logging

import aiohttp
import pytest
from discord import Message

from bot.assistant import NotReadable
from bot.platforms.asked import Asked, Place
from bot.platforms.desk import GONE
from bot.platforms.discord.access import AGE_RESTRICTED, NO_ACCESS, NO_HISTORY, NOT_INSIDE, Access
from bot.platforms.discord.history import NO_CONTENT, History
from bot.platforms.discord.people import People
from bot.platforms.discord.reading import TROUBLE, Reading
from handlers.conversation import Request

from .conftest import connected

DAY = 86_400
PAGES = "/channels/*/messages"


@pytest.fixture
def reading(discord, access, history):
    return Reading(access, history, me=discord.bot.id)


@pytest.fixture
def channel(discord, guild):
    return discord.channel(guild, "general")


@pytest.fixture
def elsewhere(discord, guild):
    return discord.channel(guild, "elsewhere")


@pytest.fixture
def ask(reading, ana):
    """Reads what a request is about, Ana's unless somebody else asks."""

    async def ask(place, *, here=None, text="/summarize", intent="summarize", user=ana, using=reading, **about):
        asked = Asked("discord", str(here.id) if here else place.channel, str(user.id), text, about=place, **about)
        return await using.read(Request(text, intent=intent), asked, place)

    return ask


def at(channel, root=None, message=None):
    return Place(str(channel.id), *(str(one.id) if one else None for one in (root, message)))


def texts(request):
    return [turn.text for turn in request.thread.turns]


# What is read


@pytest.mark.parametrize("intent", ["translate", "sentiment"])
async def test_what_is_about_one_message_reads_that_one(discord, ask, channel, ana, ben, intent):
    said = discord.say(channel, ben, "First.")
    discord.say(channel, ana, "Second.")
    request = await ask(at(channel, None, said), intent=intent)
    assert request.quoted
    assert (request.quoted.text, request.quoted.link) == ("First.", said.url)
    assert not request.thread.turns


@pytest.mark.parametrize("intent", ["translate", "sentiment", "ask", "summarize"])
async def test_what_is_about_no_message_reads_the_place(discord, ask, channel, ana, ben, intent):
    discord.say(channel, ana, "First.")
    thread = discord.thread(discord.say(channel, ben, "Second."), "topic", ben)
    discord.say(thread, ben, "Reply.")
    assert texts(await ask(at(channel), intent=intent)) == ["First.", "Second.", "Reply."]
    assert texts(await ask(at(thread), intent=intent)) == ["Second.", "Reply."]


async def test_from_here_on_reads_what_follows(discord, ask, channel, ana, ben):
    said = [discord.say(channel, ana, f"Step {number}.") for number in range(4)]
    assert texts(await ask(at(channel, said[1]))) == ["Step 1.", "Step 2.", "Step 3."]
    assert texts(await ask(at(channel, said[1], said[1]), until=str(said[3].id))) == ["Step 1.", "Step 2."]


@pytest.mark.parametrize("archived", [False, True])
async def test_a_message_stands_for_its_conversation(discord, ask, channel, ana, ben, archived):
    discord.say(channel, ana, "Before.")
    root, after = discord.say(channel, ana, "Root."), discord.say(channel, ben, "After.")
    thread = discord.thread(root, "topic", ben)
    reply = discord.say(thread, ben, "Reply.")
    discord.archive(thread, archived=archived)
    assert texts(await ask(at(channel, None, root))) == ["Root.", "Reply."]
    assert texts(await ask(at(thread, None, reply))) == ["Root.", "Reply."]
    assert texts(await ask(at(channel, None, after))) == ["After."]


async def test_direct_messages_are_read_by_whom_they_are_with(discord, ask, ana, ben):
    direct = discord.dm(ana)
    discord.say(direct, ana, "The deploy failed.")
    assert texts(await ask(at(direct), direct=True)) == ["The deploy failed."]
    with pytest.raises(NotReadable, match=NO_ACCESS):
        await ask(at(direct), here=discord.dm(ben), user=ben)


@pytest.mark.parametrize("text", ["/summarize yesterday", "/summarize the last 24 hours"])
async def test_a_time_counts_from_when_it_was_asked(discord, ask, channel, ana, text):
    noon = discord.now() // DAY * DAY + DAY / 2
    for days in (2.4, 1, 0.4):
        discord.say(channel, ana, f"{days} days ago.", at=noon - days * DAY)
    asked = discord.snowflake(noon - 0.5 * DAY)
    assert texts(await ask(at(channel), text=text, until=str(asked))) == ["1 days ago."]


async def test_what_the_asker_missed_is_read(discord, ask, channel, ana, ben):
    discord.say(channel, ben, "Old.")
    discord.say(channel, ana, "Bye.")
    discord.say(channel, ben, "New.")
    request = discord.say(channel, ana, f"{discord.bot.mention} what did I miss?")
    assert texts(await ask(at(channel), text="what did I miss?", until=str(request.id))) == ["New."]


# What is not


@pytest.mark.parametrize("kind", ["not there", "hidden", "without history", "another server", "a message that is not there"])
async def test_whoever_asks_about_another_channel_is_told_the_same_whatever_is_wrong(
    discord, ask, guild, channel, elsewhere, ana, ben, kind
):
    open_to_ana = discord.channel(guild, "open")
    hidden = discord.channel(guild, "hidden", private=True)
    discord.allow(hidden, "view_channel", to=discord.bot)
    discord.deny(elsewhere, "read_message_history", to=ana)
    place = {
        "not there": lambda: Place("1"),
        "hidden": lambda: at(hidden),
        "without history": lambda: at(elsewhere),
        "another server": lambda: at(discord.channel(discord.guild("Other", ben), "general")),
        "a message that is not there": lambda: at(open_to_ana)._replace(message="1"),
    }[kind]()
    with pytest.raises(NotReadable, match=NO_ACCESS):
        await ask(place, here=channel)


@pytest.mark.parametrize("intent", ["summarize", "translate"])
@pytest.mark.parametrize("here", [True, False])
async def test_access_is_proved_before_anything_is_read(discord, ask, channel, elsewhere, ana, ben, intent, here):
    said = discord.say(channel, ben, "Secret.")
    discord.deny(channel, "read_message_history", to=ana)
    with pytest.raises(NotReadable, match=NO_HISTORY if here else NO_ACCESS):
        await ask(at(channel, None, said), here=None if here else elsewhere, intent=intent)
    assert not [call for call in discord.calls if call.fits("GET", f"{PAGES}*")]


async def test_a_member_of_two_servers_may_ask_in_one_about_the_other(discord, ask, channel, ana):
    other = discord.channel(discord.guild("Other", ana), "general")
    discord.say(other, ana, "Over there.")
    assert texts(await ask(at(other), here=channel)) == ["Over there."]


async def test_what_is_age_restricted_is_not_shown_elsewhere(discord, ask, guild, channel, ana):
    adult = discord.channel(guild, "adult", nsfw=True)
    discord.say(adult, ana, "Hello.")
    with pytest.raises(NotReadable, match=AGE_RESTRICTED):
        await ask(at(adult), here=channel)
    assert texts(await ask(at(adult))) == ["Hello."]


async def test_a_message_that_is_gone_is_told_where_it_was(discord, ask, channel, caplog):
    with pytest.raises(NotReadable, match=GONE):
        await ask(at(channel)._replace(message="1"), intent="translate")
    assert caplog.records == []


@pytest.mark.parametrize("elsewhere", [True, False])
async def test_a_channel_that_goes_meanwhile_is_gone(discord, ask, guild, channel, elsewhere):
    discord.fail("GET", PAGES, status=404, code=10003)
    with pytest.raises(NotReadable, match=NO_ACCESS if elsewhere else GONE):
        await ask(at(channel), here=discord.channel(guild, "here") if elsewhere else None)


async def test_what_is_forbidden_elsewhere_is_told_like_all_that(discord, ask, channel, elsewhere):
    discord.fail("GET", PAGES, status=403, code=50001)
    with pytest.raises(NotReadable, match=NO_ACCESS):
        await ask(at(channel), here=elsewhere)


@pytest.mark.parametrize(
    ("status", "told"), [(503, "503 7"), (400, "400 7"), (403, "403 7"), (None, "ServerDisconnectedError")]
)
async def test_what_the_operator_can_mend_is_logged(discord, ask, channel, caplog, status, told):
    discord.fail("GET", PAGES, status=status, code=7, times=2)  # a connection that breaks is tried once more
    with caplog.at_level(logging.WARNING, "bot"), pytest.raises(NotReadable, match=TROUBLE):
        await ask(at(channel))
    assert told in caplog.text


async def test_a_connection_that_breaks_is_told_as_trouble(ask, channel, history, monkeypatch):
    async def broken(*_, **__):
        raise aiohttp.ServerDisconnectedError

    monkeypatch.setattr(history, "stretch", broken)
    with pytest.raises(NotReadable, match=TROUBLE):
        await ask(at(channel))


# What came along with a request


@pytest.fixture
def seen(client, guild, ana):
    """A message as it comes along with a click of Ana's, and her with it."""

    async def seen(discord, message, channel=None):
        place = channel or client.get_channel(message.channel.id)
        told = discord.message_json(message, content=True)
        return await client.get_guild(guild.id).fetch_member(ana.id), Message(
            state=client._connection, channel=place, data=told
        )

    return seen


@pytest.mark.parametrize("intent", ["translate", "sentiment"])
async def test_a_message_that_came_along_needs_no_permissions(discord, ask, reading, seen, channel, ana, ben, intent):
    said = discord.say(channel, ben, "Hello.")
    discord.content = "none"
    discord.deny(channel, "view_channel read_message_history", to=discord.bot)
    reading.bring(*await seen(discord, said))
    request = await ask(at(channel, None, said), intent=intent)
    assert request.quoted
    assert request.quoted.text == "Hello."
    assert not [call for call in discord.calls if call.fits("GET", f"{PAGES}*")]


async def test_what_came_along_is_for_who_sent_it_and_where_they_did(
    discord, ask, reading, seen, channel, elsewhere, ana, ben
):
    said = discord.say(channel, ben, "Hello.")
    discord.deny(channel, "read_message_history")
    discord.allow(channel, "read_message_history", to=discord.bot)
    reading.bring(*await seen(discord, said))
    with pytest.raises(NotReadable, match=NO_HISTORY):
        await ask(at(channel, None, said), intent="translate", user=ben)
    with pytest.raises(NotReadable, match=NO_ACCESS):
        await ask(at(channel, None, said), intent="translate", here=elsewhere)


async def test_what_came_along_without_its_text_is_fetched(discord, ask, reading, seen, channel, ana, ben):
    said = discord.say(channel, ben, "Hello.")
    reader, message = await seen(discord, said)
    message.content = ""
    reading.bring(reader, message)
    request = await ask(at(channel, None, said), intent="translate")
    assert request.quoted
    assert request.quoted.text == "Hello."


@pytest.mark.parametrize("named", ["the message", "where it begins"])
async def test_without_contents_a_question_is_answered_from_what_came_along(discord, ask, seen, channel, ben, named):
    said = discord.say(channel, ben, "The deploy failed.")
    discord.say(channel, ben, "We try again.")
    discord.content = "none"
    async with connected(discord, message_content=False) as blind:
        reading = Reading(Access(blind), History(blind, People(blind), me=discord.bot.id), me=discord.bot.id)
        place = at(channel, said, said if named == "the message" else None)
        with pytest.raises(NotReadable, match=NO_CONTENT.split(":")[0]):
            await ask(place, intent="ask", using=reading)
        reading.bring(*await seen(discord, said))
        request = await ask(place, intent="ask", using=reading)
        assert (texts(request), request.thread.more) == (["The deploy failed."], True)
        with pytest.raises(NotReadable, match=NO_CONTENT.split(":")[0]):
            await ask(place, intent="summarize", using=reading)


async def test_where_the_bot_is_not_what_came_along_is_all_there_is(discord, client, ask, reading, seen, ana, ben):
    group = discord.group(ana, ben, name="Friends")
    said = discord.say(group, ben, "Hello.")
    with pytest.raises(NotReadable, match=NOT_INSIDE):
        await ask(at(group, None, said), intent="translate")
    reading.bring(*await seen(discord, said, client.get_partial_messageable(group.id)))
    request = await ask(at(group, None, said), intent="translate")
    assert request.quoted
    assert request.quoted.text == "Hello."
