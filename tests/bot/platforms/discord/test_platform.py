"""What making an answer takes of Discord."""

from __future__ import annotations

import pytest

from bot.platforms.asked import Asked, Place
from bot.platforms.discord.platform import Discord
from bot.platforms.discord.reading import Reading
from handlers.conversation import Point, Points, Reply, Turn


@pytest.fixture
def platform(client, people, access, history):
    return Discord(client, people, Reading(access, history, me=1))


@pytest.fixture
def channel(discord, guild):
    return discord.channel(guild, "general")


def at(channel):
    return Place(str(channel.id))


def asked(channel, text="/summarize"):
    return Asked("discord", str(channel.id), "1", text, until="9")


def test_a_thread_is_known_from_a_channel(discord, platform, channel, ana):
    assert platform.threaded(at(discord.thread(channel, "topic", ana)))
    assert not platform.threaded(at(channel))
    assert not platform.threaded(Place("1"))


def test_a_thread_and_its_channel_are_not_elsewhere_to_one_who_asks_in_the_thread(discord, platform, guild, channel, ana):
    thread, other = discord.thread(channel, "topic", ana), discord.channel(guild, "other")
    assert not platform.elsewhere(at(channel), asked(channel))
    assert not platform.elsewhere(at(thread), asked(thread))
    assert not platform.elsewhere(at(channel), asked(thread))
    assert platform.elsewhere(at(thread), asked(channel))  # it may be a private one
    assert platform.elsewhere(at(other), asked(channel))


def test_a_link_leads_to_its_message(platform):
    assert platform.linked("https://discord.com/channels/1/22/333") == Place("22", None, "333")
    assert platform.linked("https://example.com/") is None


def test_this_moment_is_later_than_what_was_written_before(discord, platform, channel, ana):
    before = discord.say(channel, ana, "Hello.", at=discord.now() - 1)
    assert int(platform.now()) > before.id


@pytest.fixture
def summary():
    return Reply((Points((Point("It broke.", (0,)),)),), intent="summarize"), (Turn("Ana", "It broke."),)


def test_the_request_stands_above_an_answer_with_buttons_alone(platform, channel, summary):
    reply, turns = summary
    for request, above in [(asked(channel), "/summarize"), (None, None)]:
        (message,) = platform.draw(reply, turns=turns, seconds=None, asked=request, private=True)
        assert message.embeds[0].author.name == above
        assert bool(message.buttons) == bool(above)
    (message,) = platform.draw(reply, turns=turns, seconds=None, asked=asked(channel, "x" * 300), private=True)
    assert message.embeds[0].author.name == "x" * 254 + " …"
