import pytest

from handlers.base import NothingToRead, NotOffered
from handlers.chat import Chat
from handlers.conversation import Coverage, Provenance, Reply, Request, Slots, Text, Thread, Turn
from models.types import DeadlinePassed, Generation, Message

THREAD = Thread((Turn("Ana", "The release broke."), Turn("Ben", " "), Turn("", "It is fixed.")), missing=2)


@pytest.fixture
def chat(engine):
    engine.writes = frozenset({"generate"})
    return Chat(engine)


def asked(text, **rest):
    return Request(f"/chat {text}", slots=Slots(text=text or None), **rest)


async def test_the_answer_is_marked_as_generated(chat):
    reply = await chat.handle(asked("hi"))
    assert reply == Reply((Text("Hello there."),), Provenance(("fake-talker",), generated=True), "chat")


async def test_the_model_gets_the_thread_the_quoted_message_and_the_question(chat, engine):
    await chat.handle(asked("why?", thread=THREAD, quoted=Turn("Cy", "odd")))
    assert engine.calls == [
        ("generate", tuple(Message("user", text) for text in ("Ana: The release broke.", "It is fixed.", "Cy: odd", "why?")))
    ]


async def test_without_a_question_the_quoted_message_is_answered(chat, engine):
    await chat.handle(asked("", quoted=Turn("Cy", "odd")))
    assert engine.calls == [("generate", (Message("user", "odd"),))]


async def test_what_was_cut_of_the_thread_is_told(chat, engine):
    engine.window = 2
    reply = await chat.handle(asked("why?", thread=THREAD))
    assert reply.parts[1] == Coverage(2, 5)


async def test_an_answer_that_was_cut_says_so(chat, engine):
    engine.cut = True
    reply = await chat.handle(asked("hi"))
    assert reply.parts == (Text("Hello there. …"),)


async def test_pieces_come_as_they_are_written(chat, engine):
    engine.spoken_pieces = ("a", "b", "c")
    spoken = await chat.speak(asked("hi"))
    assert [piece async for piece in spoken.pieces()] == ["a", "b", "c"]


@pytest.mark.parametrize("written", [(), ("Half an",)])
async def test_what_was_written_before_the_deadline_is_kept(chat, engine, monkeypatch, written):
    async def pieces():
        for piece in written:
            yield piece
        raise DeadlinePassed

    async def generate(messages):
        return Generation(pieces(), "fake-talker", 1)

    monkeypatch.setattr(engine, "generate", generate)
    if written:
        assert (await chat.handle(asked("hi"))).parts == (Text("Half an …"),)
    else:
        with pytest.raises(DeadlinePassed):
            await chat.handle(asked("hi"))


async def test_leaving_closes_the_generation(chat, engine):
    spoken = await chat.speak(asked("hi"))
    pieces = spoken.pieces()
    await anext(pieces)
    await pieces.aclose()
    assert [piece async for piece in spoken.generation.pieces] == []


async def test_an_answer_without_words_is_said_to_be_one(chat, engine):
    engine.spoken_pieces = ()
    assert (await chat.handle(asked("hi"))).parts == (Text("The model has no answer to that."),)


async def test_nothing_said_is_nothing_to_answer(chat):
    with pytest.raises(NothingToRead):
        await chat.handle(asked("", thread=THREAD))


async def test_without_a_model_it_is_not_offered(engine):
    chat = Chat(engine)
    assert not chat.offered
    with pytest.raises(NotOffered):
        await chat.handle(asked("hi"))
    assert engine.calls == []
