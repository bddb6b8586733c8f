"""What is read of channels, threads and direct messages, and what is told of the rest."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from discord import HTTPException, NotFound

from bot.assistant import NotReadable
from bot.platforms.discord.history import NO_CONTENT, PAGE, History
from bot.platforms.discord.people import People
from bot.platforms.latest import CAP, RECENT, THREADS
from bot.windows import Window

from .conftest import connected

HOUR = 3600
NOON = 1_800_000_000.0
PAGES = "/channels/*/messages"


@pytest.fixture
def channel(discord, guild):
    return discord.channel(guild, "busy")


@pytest.fixture
async def reader(client, guild, ana):
    return await client.get_guild(guild.id).fetch_member(ana.id)


@pytest.fixture
def read(discord, client, history, reader):
    """Reads a channel, or a thread, for Ana."""

    async def read(channel, window=None, *, root=None, until=None):
        found = client.get_channel(channel.id) or await client.fetch_channel(channel.id)
        return await history.stretch(found, window or Window(), reader=reader, root=_id(root), until=_id(until))

    return read


def _id(message):
    return None if message is None else str(getattr(message, "id", message))


def texts(thread):
    return [turn.text for turn in thread.turns]


def at(hours):
    return datetime.fromtimestamp(NOON + hours * HOUR, UTC)


def say_many(discord, channel, user, count, *, step=1.0):
    numbers = range(count)
    return [discord.say(channel, user, f"Step {number}.", at=NOON + number * step, quiet=True) for number in numbers]


def steps(*numbers):
    return [f"Step {number}." for number in numbers]


# Windows


async def test_the_latest_messages_of_a_channel_are_read(discord, read, channel, ana):
    say_many(discord, channel, ana, RECENT + 10)
    thread = await read(channel)
    assert texts(thread) == steps(*range(10, RECENT + 10))
    assert (thread.more, thread.missing) == (True, 0)
    assert len(discord.called("GET", PAGES)) == 1


@pytest.mark.parametrize("last", [60, 250, 3 * CAP])
async def test_as_many_as_are_asked_for_are_read_and_no_more_are_missed(discord, read, channel, ana, last):
    say_many(discord, channel, ana, 250)
    thread = await read(channel, Window(last=last))
    assert (len(thread), thread.more, thread.missing) == (min(last, 250), False, 0)
    assert len({turn.link for turn in thread.turns}) == len(thread)


async def test_of_three_thousand_messages_the_latest_up_to_the_cap_are_read(discord, read, channel, ana):
    say_many(discord, channel, ana, 3000)
    thread = await read(channel, Window(last=3000))
    assert texts(thread) == steps(*range(3000 - CAP, 3000))
    assert (thread.more, thread.missing) == (True, 0)
    assert len(discord.called("GET", PAGES)) <= CAP / PAGE + 1


async def test_of_three_thousand_messages_the_end_is_found_by_time(discord, read, channel, ana):
    say_many(discord, channel, ana, 3000)
    thread = await read(channel, Window(since=datetime.fromtimestamp(NOON + 2850, UTC)))
    assert texts(thread) == steps(*range(2850, 3000))
    assert not thread.more
    assert len(discord.called("GET", PAGES)) == 2


async def test_a_stretch_in_the_middle_costs_no_pages_after_it(discord, read, channel, ana):
    say_many(discord, channel, ana, 3000)
    window = Window(since=datetime.fromtimestamp(NOON + 1000, UTC), until=datetime.fromtimestamp(NOON + 1010, UTC))
    assert texts(await read(channel, window)) == steps(*range(1000, 1010))
    assert len(discord.called("GET", PAGES)) == 1


async def test_that_there_are_more_is_told_where_many_are_no_messages(discord, read, channel, ana):
    for number in range(CAP + 400):
        discord.say(channel, ana, f"Step {number}.", at=NOON + number, quiet=True, type=7 if number % 2 else 0)
    thread = await read(channel, Window(last=RECENT))
    assert texts(thread)[-2:] == steps(CAP + 396, CAP + 398)
    assert (len(thread), thread.more) == (RECENT, False)
    assert (await read(channel)).more


async def test_windows_of_a_channel_hold_together(discord, read, channel, ana, ben):
    said = say_many(discord, channel, ben, 10, step=HOUR)
    discord.say(channel, ana, "I was here.", at=NOON + 6.5 * HOUR)
    assert texts(await read(channel, Window(since=at(3.5), until=at(6)))) == steps(4, 5)
    assert texts(await read(channel, Window(since=at(4), until=at(6)))) == steps(4, 5)
    assert texts(await read(channel, Window(absence=True))) == steps(7, 8, 9)
    assert texts(await read(channel, Window(absence=True, last=2))) == steps(8, 9)
    assert texts(await read(channel, Window(absence=True, since=at(7.5)))) == steps(8, 9)
    assert texts(await read(channel, Window(since=at(-1), until=at(5)), until=said[2])) == steps(0, 1)


async def test_an_absence_beyond_the_first_page_ends_with_what_the_asker_wrote_last(discord, read, channel, ana, ben):
    said = say_many(discord, channel, ben, 250)
    said[20].author = ana
    thread = await read(channel, Window(absence=True))
    assert (texts(thread)[0], len(thread), thread.more) == ("Step 21.", 229, False)


async def test_from_a_message_on_all_is_read(discord, read, channel, ana):
    said = say_many(discord, channel, ana, 300)
    thread = await read(channel, root=said[150], until=said[290])
    assert texts(thread) == steps(*range(150, 290))
    assert (thread.more, thread.missing) == (False, 0)
    assert texts(await read(channel, Window(last=3), root=said[150])) == steps(297, 298, 299)
    assert texts(await read(channel, Window(since=datetime.fromtimestamp(NOON + 298, UTC)), root=said[150])) == steps(
        298, 299
    )


async def test_from_a_message_on_holds_also_where_that_is_gone(discord, read, channel, ana):
    said = say_many(discord, channel, ana, 5)
    discord.delete(said[2])
    assert texts(await read(channel, root=said[2])) == steps(3, 4)


async def test_what_is_deleted_between_two_pages_is_no_trouble(discord, read, channel, ana):
    said = say_many(discord, channel, ana, 200)
    hold = discord.hold("GET", PAGES)
    task = asyncio.create_task(read(channel, Window(last=150)))
    await discord.until(lambda: hold.waiting)
    discord.delete(said[100])
    discord.delete(said[120])
    hold.open()
    assert texts(await task) == steps(*range(48, 100), *range(101, 120), *range(121, 200))


# Threads


async def test_a_thread_is_read_from_the_message_that_began_it(discord, read, channel, ana, ben):
    root = discord.say(channel, ana, f"The cache is down, {ben.mention}.")
    thread = discord.thread(root, "cache", ben)
    discord.say(thread, ben, "I look.")
    told = await read(thread)
    assert [(turn.speaker, turn.text) for turn in told.turns] == [("Ana", "The cache is down, @Ben."), ("Ben", "I look.")]
    assert [turn.link for turn in told.turns] == [root.url, thread.messages[-1].url]


async def test_a_thread_whose_first_message_is_gone_is_read_without_it(discord, read, channel, ana, ben):
    root = discord.say(channel, ana, "Oops.")
    thread = discord.thread(root, "cache", ben)
    discord.say(thread, ben, "That was the plan.")
    discord.delete(root)
    assert texts(await read(thread)) == ["That was the plan."]


async def test_what_began_a_thread_by_calling_us_is_no_part_of_it(discord, read, channel, ana, ben):
    root = discord.say(channel, ana, f"{discord.bot.mention} summarize")
    thread = discord.thread(root, "cache", ben)
    discord.say(thread, ben, "Thanks.")
    assert texts(await read(thread)) == ["Thanks."]


async def test_of_a_thread_beyond_the_cap_the_latest_are_read_and_the_others_counted(discord, read, channel, ana):
    thread = discord.thread(discord.say(channel, ana, "Root."), "long", ana)
    for number in range(CAP + 200):
        discord.say(thread, ana, f"Step {number}.", quiet=True)
    told = await read(thread)
    assert (texts(told)[0], texts(told)[-1]) == ("Step 200.", f"Step {CAP + 199}.")
    assert (told.coverage().total, told.more) == (CAP + 201, False)
    windowed = await read(thread, Window(last=2 * CAP))
    assert (len(windowed), windowed.missing, windowed.more) == (CAP, 0, True)


async def test_replies_follow_the_message_that_began_their_thread(discord, read, channel, ana, ben):
    first = discord.say(channel, ana, "First.", at=NOON)
    discord.say(channel, ana, "Second.", at=NOON + HOUR)
    thread = discord.thread(first, "first", ben)
    discord.say(thread, ben, "Early reply.", at=NOON + 0.5 * HOUR)
    late = discord.say(thread, ben, "Late reply.", at=NOON + 5 * HOUR)
    assert texts(await read(channel)) == ["First.", "Early reply.", "Late reply.", "Second."]
    assert texts(await read(channel, Window(since=at(-1), until=at(2)))) == ["First.", "Early reply.", "Second."]
    assert texts(await read(channel, until=late)) == ["First.", "Early reply.", "Second."]


async def test_from_a_message_on_nobody_knows_how_much_of_a_long_thread_is_missing(discord, read, channel, ana, monkeypatch):
    for module in ("latest", "discord.history"):
        monkeypatch.setattr(f"bot.platforms.{module}.CAP", 3)
    thread = discord.thread(discord.say(channel, ana, "Root."), "long", ana)
    said = [discord.say(thread, ana, f"Step {number}.") for number in range(10)]
    told = await read(thread, root=said[4])
    assert (texts(told), told.missing, told.more) == (steps(7, 8, 9), 0, True)


async def test_of_a_window_only_the_times_hold_in_the_threads_that_began_there(discord, read, channel, ana, ben):
    discord.say(channel, ana, "Before.")
    thread = discord.thread(discord.say(channel, ben, "Root."), "topic", ben)
    for user, text in ((ben, "One."), (ana, "Two."), (ben, "Three.")):
        discord.say(thread, user, text)
    for window in (Window(last=1), Window(absence=True)):
        assert texts(await read(channel, window)) == ["Root.", "One.", "Two.", "Three."]


async def test_what_does_not_fit_with_the_threads_is_counted(discord, read, channel, ana, ben, monkeypatch):
    monkeypatch.setattr("bot.platforms.discord.history.CAP", 3)
    for number in range(2):
        thread = discord.thread(discord.say(channel, ana, f"Root {number}."), "topic", ben)
        discord.say(thread, ben, f"Reply {number}.")
        discord.say(thread, ben, f"And {number}.")
    told = await read(channel)
    assert (texts(told), told.missing) == (["Root 1.", "Reply 1.", "And 1."], 3)


@pytest.mark.parametrize("archived", [False, True])
async def test_a_thread_that_began_without_a_message_is_read_where_it_began(discord, read, channel, ana, ben, archived):
    discord.say(channel, ana, "Before.")
    thread = discord.thread(channel, "cache", ben)
    discord.say(thread, ben, "In there.")
    discord.say(channel, ana, "After.")
    discord.archive(thread, archived=archived)
    assert texts(await read(channel)) == ["Before.", "In there.", "After."]


async def test_a_private_thread_is_never_opened_from_its_channel(discord, client, history, read, channel, ana, ben):
    thread = discord.thread(channel, "secret", ben, private=True)
    discord.enter(thread, discord.bot)
    discord.say(thread, ben, "Between us.")
    where = {"guild_id": str(channel.guild.id), "channel_id": str(thread.id)}
    discord.say(channel, ben, "secret", type=18, reference=where)
    discord.say(channel, ana, "Hello.")
    assert texts(await read(channel)) == ["Hello."]


async def test_archived_threads_are_opened_too(discord, read, channel, ana, ben):
    thread = discord.thread(discord.say(channel, ana, "Root."), "old", ben)
    discord.say(thread, ben, "Reply.")
    discord.archive(thread)
    assert texts(await read(channel)) == ["Root.", "Reply."]


async def test_the_latest_threads_are_opened_and_replies_in_others_counted(discord, read, channel, ana, ben):
    for number in range(THREADS + 2):
        thread = discord.thread(discord.say(channel, ana, f"Root {number}."), "topic", ben)
        discord.say(thread, ben, f"Reply {number}.")
        discord.say(thread, ben, f"And {number}.")
        discord.archive(thread)
    told = await read(channel)
    assert texts(told)[:4] == ["Root 0.", "Root 1.", "Root 2.", "Reply 2."]
    assert (told.missing, told.coverage().total, told.more) == (4, 3 * (THREADS + 2), False)
    assert len(discord.called("GET", PAGES)) == 1 + THREADS


@pytest.mark.parametrize("status", [403, 404])
async def test_replies_in_a_thread_that_cannot_be_read_are_counted(discord, read, channel, ana, ben, status):
    thread = discord.thread(discord.say(channel, ana, "Root."), "topic", ben)
    discord.say(thread, ben, "Reply.")
    discord.archive(thread)
    discord.fail("GET", f"/channels/{thread.id}/messages", status=status)
    told = await read(channel)
    assert (texts(told), told.missing, told.more) == (["Root."], 1, False)


async def test_of_a_thread_that_goes_on_nobody_knows_how_long_it_is(discord, read, channel, ana, ben):
    thread = discord.thread(discord.say(channel, ana, "Root."), "topic", ben)
    discord.say(thread, ben, "Reply.")
    discord.fail("GET", f"/channels/{thread.id}/messages", status=403)
    told = await read(channel)
    assert (texts(told), told.more) == (["Root."], True)


async def test_a_thread_that_is_not_there_any_more_is_told_as_more(discord, client, read, channel, ana, ben):
    thread = discord.thread(channel, "cache", ben)
    discord.say(thread, ben, "Gone.")
    discord.remove(thread)
    told = await read(channel)
    assert (len(told), told.missing, told.more) == (0, 0, True)


async def test_an_error_in_one_thread_ends_the_reading_of_the_others(discord, read, channel, ana, ben):
    for number in range(THREADS):
        thread = discord.thread(discord.say(channel, ana, f"Root {number}."), "topic", ben)
        discord.say(thread, ben, "Reply.")
    discord.fail("GET", PAGES, status=503, times=THREADS, after=1)
    with pytest.raises(HTTPException):
        await read(channel)
    assert len([call for call in discord.calls if call.fits("GET", PAGES)]) <= 9


# Messages


@pytest.mark.parametrize("inside", [True, False])
async def test_only_what_was_said_to_others_counts(discord, read, channel, ana, ben, inside):
    place = discord.thread(discord.say(channel, ana, "Root."), "topic", ben) if inside else channel
    discord.say(place, discord.user("Deploys", bot=True), "Deployed 4.12.")
    discord.edit(discord.say(place, ben, "Tpyo."), "Typo.")
    discord.delete(discord.say(place, ben, "Never mind."))
    discord.say(place, ben, "", type=7)
    discord.say(place, ben, f"{discord.bot.mention} summarize")
    discord.say(place, ben, "!tldr")
    discord.say(place, discord.bot, "An answer.")
    answered = discord.say(place, ana, "Who fixes it?")
    reply = discord.say(place, ben, "I do.", reply_to=answered)
    turns = (await read(place)).turns
    assert turns[-1].link == reply.url
    told = [(turn.speaker, turn.text) for turn in turns if turn.text != "Root."]
    assert told == [("Deploys", "Deployed 4.12."), ("Ben", "Typo."), ("Ana", "Who fixes it?"), ("Ben", "I do.")]


async def test_files_are_counted(discord, read, channel, ana):
    file = {"id": "1", "filename": "error.log", "size": 1, "url": "http://a/b", "proxy_url": "http://a/b"}
    discord.say(channel, ana, "", attachments=[file, file])
    thread = await read(channel)
    assert (texts(thread), thread.files) == (["[file: error.log]\n[file: error.log]"], 2)


async def test_who_is_mentioned_in_a_card_is_called_by_name(discord, read, channel, guild, ana, ben):
    guild.members[ben.id].nick = "Benno"
    discord.say(channel, ana, "", embeds=[{"type": "rich", "description": f"Paged {ben.mention} and <@1>."}])
    assert texts(await read(channel)) == ["Paged @Benno and @1."]


async def test_one_message_is_found(discord, client, history, reader, channel, ana):
    said = discord.say(channel, ana, "Hello.")
    place = client.get_channel(channel.id)
    turn = await history.one(place, str(said.id), reader=reader)
    assert (turn.speaker, turn.text, turn.link) == ("Ana", "Hello.", said.url)
    with pytest.raises(NotFound):
        await history.one(place, "1", reader=reader)


# Without the message content intent


@pytest.fixture
def blind(discord):
    """Discord shows the bot only what mentions it."""
    discord.content = "none"


@pytest.mark.parametrize("asked", [True, False], ids=["asked for", "not asked for"])
async def test_that_contents_are_withheld_is_told(discord, blind, channel, guild, ana, ben, asked):
    for number in range(3):
        discord.say(channel, ben, f"Step {number}.")
    discord.say(channel, ben, f"{discord.bot.mention} summarize")
    async with connected(discord, message_content=asked) as client:
        history, reader = (
            History(client, People(client), me=discord.bot.id),
            await client.get_guild(guild.id).fetch_member(ana.id),
        )
        with pytest.raises(NotReadable, match=NO_CONTENT.split(":")[0]):
            await history.stretch(client.get_channel(channel.id), Window(), reader=reader)
        with pytest.raises(NotReadable):
            await history.one(client.get_channel(channel.id), str(channel.messages[0].id), reader=reader)
        assert len(discord.called("GET", PAGES)) == 1


async def test_what_mentions_the_bot_can_be_read_all_the_same(discord, blind, client, history, reader, channel, ana):
    said = discord.say(channel, ana, f"Ask {discord.bot.mention} about it.")
    turn = await history.one(client.get_channel(channel.id), str(said.id), reader=reader)
    assert turn.text == "Ask @Parley about it."


async def test_direct_messages_can_be_read_all_the_same(discord, blind, read, ana):
    direct = discord.dm(ana)
    discord.say(direct, ana, "The deploy failed.")
    discord.say(direct, discord.bot, "Oh.")
    assert texts(await read(direct)) == ["The deploy failed."]


async def test_one_odd_message_is_no_proof_that_contents_are_withheld(discord, read, channel, ana):
    discord.say(channel, ana, "One.")
    discord.say(channel, ana, "")
    assert texts(await read(channel)) == ["One."]


async def test_where_contents_are_not_asked_for_one_empty_message_is_proof(discord, channel, guild, ana, ben):
    discord.say(channel, ben, "One.")
    discord.say(channel, ben, "")
    async with connected(discord, message_content=False) as client:
        history, reader = (
            History(client, People(client), me=discord.bot.id),
            await client.get_guild(guild.id).fetch_member(ana.id),
        )
        with pytest.raises(NotReadable):
            await history.stretch(client.get_channel(channel.id), Window(), reader=reader)
