import pytest
from aiohttp import ClientPayloadError

from bot.platforms.doctor import Finding, Skip
from bot.platforms.refused import Refused
from bot.settings import Settings


def raising(error):
    async def check(visit):
        raise error
        yield

    return check


@pytest.mark.parametrize(
    ("error", "verdict", "words"),
    [
        (Skip("There is no website."), "skipped", "There is no website."),
        (Refused("The door is shut; knock."), "problem", "The door is shut; knock."),
        (ClientPayloadError("geheim"), "problem", "The connection to 127.0.0.1:1 breaks off; "),
        (TimeoutError(), "problem", "127.0.0.1:1 does not answer within 5 seconds; "),
        (KeyError("geheim"), "problem", "This check broke off (KeyError); please report it."),
    ],
)
async def test_what_a_check_raises_is_a_sentence_and_the_next_check_is_made(examined, error, verdict, words):
    async def well(visit):
        yield "ok", "All is well."

    first, second = await examined({"first": raising(error), "second": well}, Settings())
    assert (first.check, first.verdict) == ("first", verdict)
    assert first.words.startswith(words)
    assert second == Finding("second", "ok", "All is well.")


async def test_what_was_said_before_an_error_stays(examined):
    async def check(visit):
        yield "ok", "It begins well."
        raise Refused("It ends badly.")

    said = await examined({"check": check}, Settings())
    assert [finding.words for finding in said] == ["It begins well.", "It ends badly."]


async def test_errors_of_a_platforms_library_are_worded_by_it_first(examined):
    [finding] = await examined(
        {"check": raising(ConnectionError())}, Settings(), refusal=lambda error: ("skipped", type(error).__name__)
    )
    assert finding == Finding("check", "skipped", "ConnectionError")


async def test_neither_secrets_nor_what_is_invisible_get_through(examined):
    async def check(visit):
        yield "ok", "The server \x1b[2J\u202exoxb-1 is there."

    [finding] = await examined({"check": check}, Settings(slack_bot_token="xoxb-1"))
    assert finding.words == "The server [2J… is there."
