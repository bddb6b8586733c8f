import pytest

from bot.router import Router
from handlers.conversation import Request, Suggestions
from handlers.help import EXAMPLES, Help


async def test_help_gives_examples():
    reply = await Help().handle(Request("help"))
    assert reply.parts[-1] == Suggestions(EXAMPLES)


@pytest.mark.parametrize("example", [example for example in EXAMPLES if example.startswith("/")])
async def test_every_command_that_help_shows_is_one(engine, example):
    assert (await Router(engine).route(Request(example))).score == 1.0
