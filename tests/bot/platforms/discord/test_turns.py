"""What is read in a message, and which messages belong to a conversation."""

from __future__ import annotations

import json

import pytest
from discord import Message

from bot.platforms.discord import turns

CARD = {"type": "rich", "title": "Build 7", "description": "by <@{ana}>", "fields": [{"name": "State", "value": "green"}]}
POLL = {
    "question": {"text": "Which day?"},
    "answers": [],
    "expiry": "2027-01-02T00:00:00+00:00",
    "allow_multiselect": False,
    "layout_type": 1,
}


@pytest.fixture
def channel(discord, guild):
    return discord.channel(guild, "general")


@pytest.fixture
def said(discord, client, channel, ana):
    """A message of Ana's as the client gets it, with other fields of its payload."""

    def said(text="", user=None, **more):
        written = json.dumps(discord.message_json(discord.say(channel, user or ana, text)) | more)
        place = client.get_channel(channel.id)
        return Message(state=client._connection, channel=place, data=json.loads(written.replace("{ana}", str(ana.id))))

    return said


@pytest.fixture
async def reader(client, guild, ana):
    return await client.get_guild(guild.id).fetch_member(ana.id)


def snapshot(content, **more):
    blank = {"type": 0, "embeds": [], "attachments": [], "edited_timestamp": None, "components": []}
    return {"message": blank | {"content": content, "timestamp": "2027-01-01T00:00:00+00:00"} | more}


def file(name):
    return {"id": "1", "filename": name, "size": 1, "url": "http://a/b", "proxy_url": "http://a/b"}


@pytest.mark.parametrize(
    ("more", "shown"),
    [
        ({"content": "Plain."}, "Plain."),
        ({"embeds": [CARD]}, "Build 7\nby @Ana\nState: green"),
        ({"content": "See https://example.org", "embeds": [CARD]}, "See https://example.org"),
        ({"components": [{"type": 17, "components": [{"type": 10, "content": "In a box."}]}]}, "In a box."),
        ({"attachments": [file("a.log"), file("b.log")]}, "[file: a.log]\n[file: b.log]"),
        ({"content": "Look:", "attachments": [file("a.log")]}, "Look:\n[file: a.log]"),
        ({"sticker_items": [{"id": "1", "name": "wave", "format_type": 1}]}, "[sticker: wave]"),
        ({"poll": POLL}, "[poll: Which day?]"),
        ({"message_snapshots": [snapshot("As we said.", attachments=[file("a.log")])]}, "As we said.\n[file: a.log]"),
    ],
    ids=["text", "card", "preview", "components", "files", "text and file", "sticker", "poll", "forward"],
)
async def test_everything_there_is_to_read_is_read(said, ana, more, shown):
    message = said(**more)
    assert turns.text(message, {str(ana.id): "Ana"}) == shown
    assert turns.counts(message, me=1)
    assert not turns.withheld(message, me=1)


async def test_files_are_counted_also_where_they_are_forwarded(said):
    forwarded = snapshot("", attachments=[file("b.log")])
    assert turns.files(said(attachments=[file("a.log")], message_snapshots=[forwarded])) == 2


@pytest.mark.parametrize("kind", [1, 6, 7, 8, 18, 20, 23, 24, 46])
async def test_what_discord_says_itself_and_what_bots_answer_is_no_conversation(said, kind):
    assert not turns.counts(said("Ana pinned a message.", type=kind), me=1)


async def test_what_is_ours_or_calls_us_is_no_conversation(discord, said):
    me = discord.bot.id
    assert turns.counts(said("Hello."), me=me)
    assert turns.counts(said("Hello.", discord.user("Deploys", bot=True)), me=me)
    assert turns.counts(said(f"Ask <@{me}>."), me=me)
    assert turns.counts(said("!important"), me=me)
    assert not turns.counts(said("Hello.", discord.bot), me=me)
    for call in (f"<@{me}> summarize", f" <@!{me}> summarize", "!tldr", "!ask who?"):
        assert not turns.counts(said(call), me=me)


@pytest.mark.parametrize("more", [{"embeds": [{"type": "image"}]}, {"components": [{"type": 1, "components": []}]}])
async def test_where_there_is_nothing_to_read_nothing_was_withheld(said, more):
    message = said(**more)
    assert not turns.counts(message, me=1)
    assert not turns.withheld(message, me=1)


async def test_an_empty_message_of_somebody_else_was_withheld(discord, said):
    me = discord.bot.id
    assert turns.withheld(said(), me=me)
    assert not turns.withheld(said(user=discord.bot), me=me)
    assert not turns.withheld(said(type=7), me=me)


async def test_names_of_people_and_roles_come_with_the_messages(discord, said, reader, guild, ana, ben):
    role = discord.role(guild, "On call")
    message = said(f"{ben.mention} or {role.mention}?")
    names = turns.named([message], reader)
    assert names == {str(ana.id): "Ana", str(ben.id): "Ben", str(role.id): "On call"}


async def test_a_webhook_is_called_what_it_calls_itself_each_time(said):
    author = {"id": "7", "discriminator": "0000", "avatar": None, "global_name": None, "bot": True}
    told = [turns.turn(said("Hi.", webhook_id="7", author=author | {"username": name}), {}) for name in ("CI", "Pager")]
    assert [turn.speaker for turn in told] == ["CI", "Pager"]


async def test_of_channels_only_those_are_named_that_the_reader_sees(discord, said, reader, guild, channel, ana, ben):
    seen, hidden = discord.channel(guild, "seen"), discord.channel(guild, "layoffs", private=True)
    topic, secret = discord.thread(seen, "topic", ben), discord.thread(seen, "secret", ben, private=True)
    discord.enter(secret, discord.bot)
    message = said(" ".join(each.mention for each in (seen, hidden, topic, secret)))
    names = turns.named([message], reader)
    assert [names.get(str(each.id)) for each in (seen, hidden, topic, secret)] == ["seen", None, "topic", None]


async def test_whom_cards_and_forwards_mention_is_known(said, ana, ben):
    messages = [said(embeds=[CARD]), said(message_snapshots=[snapshot(f"for {ben.mention}")])]
    assert turns.mentioned(messages) == {str(ana.id), str(ben.id)}


async def test_a_turn_tells_when_and_where(said, channel, ana):
    message = said("Hello.")
    turn = turns.turn(message, {})
    assert turn.link == f"{channel.url}/{message.id}"
    assert turn.at
    assert turn.at.endswith("+00:00")
