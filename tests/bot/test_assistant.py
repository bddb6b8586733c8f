import logging
from dataclasses import replace

import pytest

from bot import wording
from bot.assistant import Assistant, NotReadable
from bot.router import Router
from handlers import build
from handlers.base import NotOffered
from handlers.conversation import Reply, Request, Slots, Suggestions, Text, Thread, Turn
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


# What is read, and when


class Reader:
    """Completes requests by a thread, and keeps the intents that it did it for."""

    def __init__(self, failure=None):
        self.asked, self.failure = [], failure

    async def __call__(self, request):
        self.asked.append(request.intent)
        if self.failure:
            raise self.failure
        return replace(request, thread=THREAD)


@pytest.mark.parametrize(
    ("text", "intent"), [("/summarize", "summarize"), ("/ask When is the launch?", "ask"), ("/sentiment", "sentiment")]
)
async def test_a_thread_is_read_once_its_intent_is_known(engine, assistant, text, intent):
    engine.answers["When is the launch?"] = "Monday"
    read = Reader()
    reply = await assistant.answer(Request(text), read=read)
    assert read.asked == [intent]
    assert reply.intent == intent


@pytest.mark.parametrize("text", ["/help", "/sentiment fine", "/translate pt: good morning", "the weather in Lisbon"])
async def test_what_needs_no_thread_reads_none(assistant, text):
    read = Reader()
    await assistant.answer(Request(text), read=read)
    assert read.asked == []


async def test_what_may_not_be_read_is_told_in_its_own_words_and_is_no_answer(engine, assistant):
    reply = await assistant.answer(Request("/summarize"), read=Reader(NotReadable("Not for you.")))
    assert reply == Reply((Text("Not for you."),))
    assert engine.calls == []


async def test_an_error_while_reading_is_logged_without_a_word(assistant, caplog):
    with caplog.at_level(logging.DEBUG):
        reply = await assistant.answer(Request("/summarize"), read=Reader(KeyError("secret")))
    assert reply == Reply((Text(wording.BROKEN),))
    assert "KeyError" in caplog.text
    assert "secret" not in caplog.text


# What was not said to the bot


async def test_what_is_overheard_reads_nothing_and_gets_nothing_when_it_is_not_sure(assistant):
    read = Reader()
    assert await assistant.overheard(Request("the weather in Lisbon"), read=read) is None
    assert read.asked == []


async def test_what_is_overheard_is_answered_when_it_is_sure(engine, assistant):
    engine.intents["when is the launch?"], engine.answers["when is the launch?"] = "ask", "Monday"
    reply = await assistant.overheard(Request("when is the launch?"), read=Reader())
    assert reply.parts[0] == Text("Monday")


async def test_trouble_with_what_is_overheard_is_told_to_nobody_until_it_is_sure(engine, assistant):
    engine.failure = Overloaded()
    assert await assistant.overheard(Request("when is the launch?")) is None
    reply = await assistant.overheard(Request("/summarize", THREAD))
    assert reply.parts == (Text(wording.sentence(Overloaded())),)


# Other languages


async def test_answers_can_be_given_in_english_and_what_can_be_translated_to(engine, assistant):
    assert assistant.languages == ["en", "pt"]
    engine.pairs = frozenset()
    assert assistant.languages == ["en"]


async def test_an_answer_is_told_again_in_another_language(engine, assistant):
    reply = await assistant.answer(Request("/ask When is the launch?", THREAD))
    again = await assistant.retold(reply, "pt")
    assert again.parts[0] == Text("THIS THREAD DOES NOT ANSWER THAT.")
    assert again.intent == "ask"


async def test_what_goes_wrong_when_an_answer_is_told_again_is_told(engine, assistant):
    engine.failure = Overloaded()
    again = await assistant.retold(Reply((Text("Monday"),), intent="ask"), "pt")
    assert again == Reply((Text(wording.sentence(Overloaded())),))


async def test_where_it_may_a_model_answers_what_asks_for_nothing_else(engine):
    engine.writes = frozenset({"generate"})
    talkative = Assistant(Router(engine), build(engine), converse=True)
    request = Request("the weather in Lisbon", THREAD)
    reply = await talkative.answer(request)
    assert (reply.intent, reply.parts[0], reply.provenance.generated) == ("chat", Text("Hello there."), True)
    assert await talkative.overheard(request) is None


@pytest.mark.parametrize(("writes", "converse"), [({"generate"}, False), (set(), True)])
async def test_a_model_is_not_asked_unless_it_is_there_and_may_be(engine, writes, converse):
    engine.writes = frozenset(writes)
    reply = await Assistant(Router(engine), build(engine), converse=converse).answer(Request("the weather", THREAD))
    assert reply.parts[0] == Text(wording.UNSURE)
    assert "generate" not in [method for method, _ in engine.calls]


async def test_a_conversation_is_about_the_thread(engine):
    engine.writes = frozenset({"generate"})

    async def read(request):
        return replace(request, thread=THREAD)

    await Assistant(Router(engine), build(engine)).answer(Request("/chat so?"), read=read)
    (messages,) = [given for method, given in engine.calls if method == "generate"]
    assert [message.text for message in messages] == ["Ana: The launch is on Monday.", "so?"]


async def test_where_there_is_no_model_for_it_chat_is_declined(assistant):
    reply = await assistant.answer(Request("/chat hi"))
    assert reply.parts == (Text(wording.SENTENCES[NotOffered]),)
