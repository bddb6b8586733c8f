"""The fake's REST interface under discord.py: messages, history, threads, permissions, and calls that fail."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime

import aiohttp
import discord
import pytest

from .client import Client, running

pytestmark = pytest.mark.timeout(30)


async def test_login_tells_who_the_bot_is(fake, client, channel):
    assert (client.user.id, client.application_id) == (fake.bot.id, fake.bot.id)
    assert (await client.application_info()).flags.gateway_message_content_limited
    found = client.get_channel(channel.id)
    assert (found.name, found.guild.name) == ("incident", "Acme")
    assert found.permissions_for(found.guild.me).send_messages


async def test_a_wrong_token_is_refused(fake):
    with pytest.raises(discord.LoginFailure):
        async with running(fake, Client(), token="wrong"):
            pass


async def test_a_reply_mentions_whom_it_answers_only_if_allowed(fake, client, ana, channel):
    asked = fake.say(channel, ana, "What changed?")
    heard = await client.hears("message")
    assert (heard.content, heard.author.display_name, heard.channel.id) == ("What changed?", "Ana", channel.id)
    await heard.reply(f"{ana.mention} @everyone", allowed_mentions=discord.AllowedMentions.none())
    await heard.reply("Nothing much.")
    quiet, loud = fake.answers(channel)
    assert (quiet.mentions, quiet.mention_everyone, quiet.reply_to) == ([], False, asked)
    assert loud.mentions == [ana]


async def test_history_comes_in_pages_newest_first(fake, client, ana, channel):
    said = [fake.say(channel, ana, f"message {number}", quiet=True) for number in range(250)]
    place = client.get_channel(channel.id)
    found = [message.content async for message in place.history(limit=None)]
    assert found == [message.content for message in reversed(said)]
    pages = fake.called("GET", f"/channels/{channel.id}/messages")
    assert [call.query["limit"] for call in pages] == ["100"] * 3
    after = [message.id async for message in place.history(limit=5, after=discord.Object(said[10].id))]
    assert after == [message.id for message in said[11:16]]
    around = [message.id async for message in place.history(limit=4, around=discord.Object(said[100].id))]
    assert said[100].id in around


async def test_messages_lie_where_their_time_puts_them(fake, client, ana, channel):
    late = fake.say(channel, ana, "late")
    past = datetime(2024, 5, 1, tzinfo=UTC)
    first, second = (fake.say(channel, ana, text, at=past.timestamp(), quiet=True) for text in ("first", "second"))
    assert fake.messages(channel) == [first, second, late]
    assert (await client.get_channel(channel.id).fetch_message(first.id)).created_at == past


async def test_edits_and_deletions_reach_the_bot(fake, client, ana, channel):
    message = fake.say(channel, ana, "Paymens fail.")
    await client.hears("message")
    fake.edit(message, "Payments fail.")
    assert (await client.hears("raw_message_edit")).message.content == "Payments fail."
    with pytest.raises(discord.Forbidden) as refused:
        await client.get_channel(channel.id).get_partial_message(message.id).edit(content="Mine.")
    assert refused.value.code == 50005
    fake.delete(message)
    assert (await client.hears("raw_message_delete")).message_id == message.id
    with pytest.raises(discord.NotFound) as gone:
        await client.get_channel(channel.id).fetch_message(message.id)
    assert gone.value.code == 10008


async def test_reactions_go_both_ways(fake, client, ana, channel):
    message = fake.say(channel, ana, "Olá")
    fake.react(message, ana, "🇬🇧")
    heard = await client.hears("raw_reaction_add")
    assert (heard.emoji.name, heard.member.display_name) == ("🇬🇧", "Ana")
    found = await client.get_channel(channel.id).fetch_message(message.id)
    await found.add_reaction("👀")
    assert message.reactions["👀"] == [fake.bot]
    assert [user.id async for user in found.reactions[0].users()] == [ana.id]
    await found.remove_reaction("👀", client.user)
    assert list(message.reactions) == ["🇬🇧"]


async def test_files_can_be_read_back_and_shown_in_an_embed(fake, client, channel):
    embed = discord.Embed(title="Mood").set_image(url="attachment://mood.png")
    sent = await client.get_channel(channel.id).send(embed=embed, file=discord.File(io.BytesIO(b"picture"), "mood.png"))
    (answer,) = fake.answers(channel)
    assert answer.files == {"mood.png": b"picture"}
    assert await sent.attachments[0].read() == b"picture"
    assert answer.embeds[0]["image"]["url"] == sent.attachments[0].url
    fake.upload_limit = 4
    with pytest.raises(discord.HTTPException) as refused:
        await client.get_channel(channel.id).send(file=discord.File(io.BytesIO(b"picture"), "mood.png"))
    assert (refused.value.status, refused.value.code) == (413, 40005)


async def test_a_thread_from_a_message_begins_with_it(fake, client, ana, channel):
    asked = fake.say(channel, ana, "What changed?")
    heard = await client.hears("message")
    thread = await heard.create_thread(name="What changed?")
    await thread.send("Nothing much.")
    assert (thread.id, asked.thread.name, asked.thread.parent) == (asked.id, "What changed?", channel)
    starter, answer = [message async for message in thread.history(oldest_first=True)]
    assert starter.type is discord.MessageType.thread_starter_message
    assert (starter.reference.resolved.content, answer.content) == ("What changed?", "Nothing much.")
    with pytest.raises(discord.HTTPException) as refused:
        await heard.create_thread(name="Once more")
    assert refused.value.code == 160004


async def test_a_private_thread_is_unseen_by_those_outside(fake, client, ana, guild, channel):
    thread = fake.thread(channel, "Secret", ana, private=True)
    fake.say(thread, ana, "psst")
    with pytest.raises(discord.Forbidden) as refused:
        await client.fetch_channel(thread.id)
    assert refused.value.code == 50001
    other = fake.thread(channel, "Other", ana, private=True)
    role = fake.role(guild, "moderators", "manage_threads", [fake.bot])
    assert (await client.fetch_channel(other.id)).name == "Other"
    fake.permit(role, "")
    fake.enter(thread, fake.bot)
    found = await client.fetch_channel(thread.id)
    assert {member.id for member in [await found.fetch_member(ana.id)]} == {ana.id}
    assert [message.content async for message in found.history()] == ["psst"]
    assert client.all_heard("message") == []
    with pytest.raises(discord.NotFound):
        await found.fetch_member(fake.user("Eve").id)


async def test_archived_threads_are_listed_apart(fake, client, ana, channel):
    kept, old = (fake.thread(channel, name, ana) for name in ("kept", "old"))
    fake.archive(old)
    place = client.get_channel(channel.id)
    assert [thread.id async for thread in place.archived_threads()] == [old.id]
    assert [thread.id for thread in await place.guild.active_threads()] == [kept.id]
    fake.say(old, ana, "It is back.")
    assert [thread.id async for thread in place.archived_threads()] == []


async def test_forums_and_forwarded_messages_are_read(fake, client, ana, guild, channel):
    forum = fake.channel(guild, "help", type=15)
    post = fake.thread(forum, "Payments", ana)
    first = fake.say(post, ana, "They fail.")
    forwarded = fake.forward(channel, ana, first)
    thread = await client.hears("thread_create")
    assert (first.id, thread.parent.name) == (post.id, "help")
    assert [message.content async for message in thread.history()] == ["They fail."]
    found = await client.get_channel(channel.id).fetch_message(forwarded.id)
    assert (found.content, found.message_snapshots[0].content) == ("", "They fail.")


async def test_members_are_known_one_by_one(fake, client, ana, guild):
    role = fake.role(guild, "on call", "manage_threads", [ana])
    member = await client.get_guild(guild.id).fetch_member(ana.id)
    assert ([each.id for each in member.roles[1:]], member.guild_permissions.manage_threads) == ([role.id], True)
    for user, code in ((fake.user("Eve").id, 10007), (1, 10013)):
        with pytest.raises(discord.NotFound) as refused:
            await client.get_guild(guild.id).fetch_member(user)
        assert refused.value.code == code


async def test_what_the_bot_may_not_do_is_refused(fake, client, guild, channel):
    place = client.get_channel(channel.id)
    fake.deny(channel, "send_messages")
    await _refused(place.send("hello"), 403, 50013)
    fake.deny(channel, "view_channel")
    await _refused(place.send("hello"), 403, 50001)
    fake.allow(channel, "view_channel send_messages", fake.bot)
    await place.send("hello")
    fake.deny(channel, "read_message_history")
    assert [message async for message in place.history()] == []
    fake.remove(channel)
    await _refused(place.send("hello"), 404, 10003)
    fake.leave(guild, fake.bot)
    await client.hears("guild_remove")
    await _refused(client.fetch_guild(guild.id), 404, 10004)


async def test_direct_messages_need_somebody_who_takes_them(fake, client, ana):
    heard = fake.say(fake.dm(ana), ana, "hello")
    message = await client.hears("message")
    assert (message.id, message.guild) == (heard.id, None)
    await message.channel.send("Hello, Ana.")
    assert fake.transcript(fake.dm(ana)) == ["Ana: hello", "Parley: Hello, Ana."]
    ana.closed = True
    await _refused((await client.fetch_user(ana.id)).send("Are you there?"), 403, 50007)
    await _refused((await client.fetch_user(fake.user("Eve").id)).send("Hello?"), 403, 50007)


async def test_a_nonce_keeps_a_lost_answer_from_doubling_the_message(fake, client, channel):
    fake.fail("POST", "/channels/*/messages", status=500, landed=True)
    await client.get_channel(channel.id).send("once", nonce="17")
    assert [call.status for call in fake.calls if call.method == "POST"] == [500, 200]
    assert fake.transcript(channel) == ["Parley: once"]


@pytest.mark.parametrize("everywhere", [False, True])
async def test_a_rate_limit_is_waited_for(fake, client, channel, everywhere):
    fake.fail("POST", "/channels/*/messages", status=429, retry_after=0.2, everywhere=everywhere)
    await client.get_channel(channel.id).send("hello")
    refused, done = (call for call in fake.calls if call.method == "POST")
    assert (refused.status, done.status) == (429, 200)
    assert done.at - refused.at >= 0.2


async def test_a_bucket_refuses_what_is_over_its_limit(fake, client, channel):
    fake.limit("POST", "/channels/*/messages", 2, 0.3)
    place = client.get_channel(channel.id)
    await asyncio.gather(*(place.send(str(number)) for number in range(5)))
    times = [call.at for call in fake.called("POST", "/channels/*/messages")]
    assert len(times) == 5
    assert times[2] - times[0] >= 0.25


async def test_calls_can_fail_and_wait(fake, client, channel):
    place = client.get_channel(channel.id)
    fake.fail("POST", "/channels/*/messages", status=403, code=50013, after=1)
    await place.send("good")
    await _refused(place.send("bad"), 403, 50013)
    gate = fake.hold("POST", "/channels/*/messages")
    waiting = asyncio.create_task(place.send("late"))
    await fake.until(lambda: gate.waiting)
    assert len(fake.answers(channel)) == 1
    gate.open()
    assert (await waiting).content == "late"


async def test_a_connection_can_be_cut(fake, client, channel):
    fake.fail("POST", "/channels/*/messages", status=None, landed=True)
    with pytest.raises(aiohttp.ClientError):
        await client.get_channel(channel.id).send("hello")
    assert fake.transcript(channel) == ["Parley: hello"]


async def _refused(call, status: int, code: int) -> None:
    with pytest.raises(discord.HTTPException) as refused:
        await call
    assert (refused.value.status, refused.value.code) == (status, code)
