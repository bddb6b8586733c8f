import logging

import pytest

from bot import wording
from bot.assistant import Assistant
from bot.router import Router
from handlers import build
from handlers.conversation import Request, Slots, Suggestions, Text, Thread, Turn
from models.types import ModelFailed, Overloaded

THREAD = Thread((Turn("Ana", "The launch is on Monday."),))


@pytest.fixture
def assistant(engine):
    return Assistant(Router(engine), build(engine))


async def test_a_command_reaches_its_handler(engine, assistant):
    engine.answers["When is the launch?"] = "Monday"
    reply = await assistant.answer(Request("/ask When is the launch?", THREAD))
    assert reply.parts[0] == Text("Monday")


async def test_a_known_intent_is_not_routed_again(engine, assistant):
    await assistant.answer(Request("whatever", THREAD, intent="translate", slots=Slots("pt", text="hi")))
    assert "intent" not in [method for method, _ in engine.calls]


async def test_when_unsure_it_says_so_and_suggests(assistant):
    reply = await assistant.answer(Request("the weather in Lisbon", THREAD))
    assert reply.parts[0] == Text(wording.UNSURE)
    assert isinstance(reply.parts[1], Suggestions)
    assert reply.parts[1].examples


async def test_an_error_becomes_its_sentence(engine, assistant):
    engine.failure = Overloaded()
    reply = await assistant.answer(Request("/sentiment fine", THREAD))
    assert reply.parts == (Text(wording.sentence(Overloaded())),)


async def test_what_nobody_foresaw_is_logged_without_a_word_of_the_message(engine, assistant, caplog, monkeypatch):
    async def broken(text):
        raise ValueError(text)

    monkeypatch.setattr(engine, "sentiment", broken)
    with caplog.at_level(logging.DEBUG):
        reply = await assistant.answer(Request("/sentiment secret words", THREAD))
    assert reply.parts == (Text(wording.BROKEN),)
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


async def test_the_cause_of_a_failed_model_is_logged(engine, assistant, caplog):
    engine.failure = ModelFailed()
    engine.failure.__cause__ = IndexError("secret")
    await assistant.answer(Request("/sentiment fine", THREAD))
    assert "IndexError" in caplog.text
    assert "secret" not in caplog.text
