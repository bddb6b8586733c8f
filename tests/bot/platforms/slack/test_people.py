"""Who may read what, and how people are called."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from bot.platforms.slack import api
from bot.platforms.slack.people import AT_ONCE, People


@pytest.fixture
def stranger(slack):
    """Somebody of another workspace, in a channel that both share."""
    return slack.user("eve", team="T0OTHER")


@pytest.mark.parametrize("bot", [True, False], ids=["bot inside", "bot outside"])
@pytest.mark.parametrize("inside", [True, False], ids=["inside", "outside"])
@pytest.mark.parametrize("kind", ["public", "private", "im", "mpim"])
async def test_a_full_member_reads_public_channels_and_those_they_are_in(slack, people, ana, ben, kind, inside, bot):
    channel = slack.channel("place", ben, *([ana] if inside else []), kind=kind, bot=bot)
    visible = kind == "public" or bot
    assert await people.may_read(ana, channel) == (visible and (inside or kind == "public"))


@pytest.mark.parametrize("inside", [True, False], ids=["inside", "outside"])
@pytest.mark.parametrize("kind", ["public", "private"])
@pytest.mark.parametrize(
    "about",
    [{"is_restricted": True}, {"is_ultra_restricted": True}, {"team": "T0OTHER"}, {"deleted": True}],
    ids=["guest", "guest of one channel", "stranger", "left"],
)
async def test_others_read_only_what_they_are_in(slack, people, ben, about, kind, inside):
    user = slack.user("user", **about)
    channel = slack.channel("place", ben, *([user] if inside else []), kind=kind, is_ext_shared=True)
    assert await people.may_read(user, channel) == inside


async def test_who_is_marked_as_a_stranger_is_one_whatever_their_team(slack, people, ana, monkeypatch):
    channel = slack.channel("place", kind="public")
    known = slack.users[ana].json() | {"is_stranger": True}
    monkeypatch.setattr(type(slack.users[ana]), "json", lambda _: known)
    assert not await people.may_read(ana, channel)


async def test_nobody_reads_a_channel_that_is_not_there_and_unknown_people_read_none(slack, people, ana):
    assert not await people.may_read(ana, "C0NOWHERE")
    assert not await people.may_read("U0NOBODY", slack.channel("place", ana))


async def test_a_channel_that_does_not_say_that_it_is_public_is_not(slack, people, ana, monkeypatch):
    channel = slack.channel("place")
    monkeypatch.setattr(type(slack.channels[channel]), "json", lambda *_: {"id": channel, "is_channel": True})
    assert not await people.may_read(ana, channel)


async def test_members_are_looked_for_page_by_page_until_found(slack, people, ana):
    slack.list_cap = 2
    crowd = [slack.user(f"user{number}") for number in range(7)]
    guest = slack.user("guest", is_restricted=True)
    first, last = slack.channel("first", guest, *crowd), slack.channel("last", *crowd, guest)
    assert await people.may_read(guest, first)
    assert len(slack.called("conversations.members")) == 1
    assert await people.may_read(guest, last)
    assert len(slack.called("conversations.members")) == 5


async def test_trouble_is_no_refusal(slack, people, ana):
    slack.fail("conversations.info", "internal_error")
    with pytest.raises(Exception, match="internal_error"):
        await people.may_read(ana, slack.channel("place"))


# What they are called, and where they are


async def test_a_language_is_asked_for(slack, people):
    user = slack.user("user", locale="pt-BR")
    assert await people.language(user) == "pt"
    assert [call["include_locale"] for call in slack.called("users.info")] == ["1"]
    assert await people.language("U0NOBODY") is None


async def test_many_who_ask_for_one_person_at_once_ask_slack_a_few_times(slack, people, ana):
    await asyncio.gather(*(people.names([ana]) for _ in range(100)))
    await people.names([ana])
    assert len(slack.called("users.info")) <= AT_ONCE


async def test_nobody_is_called_by_an_empty_name(slack, people, ana):
    bare = slack.user("bare", display_name="", real_name="")
    assert await people.names([ana, bare, "U0NOBODY"]) == {ana: "Ana", bare: "bare"}


async def test_who_is_not_known_just_now_may_be_known_later(slack, people, ana):
    slack.fail("users.info", "internal_error")
    assert await people.names([ana]) == {}
    assert await people.names([ana]) == {ana: "Ana"}


@pytest.mark.parametrize("kind", ["text/plain", "text/html", "application/json"])
async def test_a_page_of_something_in_between_is_no_answer(aiohttp_page, kind):
    people = People(api.client("xoxb", url=await aiohttp_page("upstream connect error", kind)), team="T")
    assert await people.names(["U1"]) == {}


@pytest.mark.parametrize(
    ("tz", "offset", "hours"),
    [
        ("Asia/Tokyo", 0, 9),
        ("Mars/Olympus", 7200, 2),
        ("America", -18000, -5),
        ("../etc", 0, 0),
        (None, 0, 0),
        ("", 3600, 1),
    ],
)
async def test_a_time_zone_that_does_not_exist_is_the_offset_that_slack_gives(slack, people, tz, offset, hours):
    user = slack.user("user", tz=tz, tz_offset=offset)
    moment = datetime(2027, 1, 1, tzinfo=UTC)
    assert moment.astimezone(await people.zone(user)).utcoffset() == timedelta(hours=hours)


@pytest.fixture
async def aiohttp_page():
    """Serves one page for everything, and returns its address."""
    runners = []

    async def serve(text, kind):
        async def page(_):
            return web.Response(status=502, text=text, content_type=kind)

        app = web.Application()
        app.router.add_route("*", "/{any:.*}", page)
        runner = web.AppRunner(app, access_log=None)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        return f"http://{host}:{port}/api/"

    yield serve
    for runner in runners:
        await runner.cleanup()
