import pytest

from handlers.answering import Answering, Evidence
from handlers.base import NothingToRead, QuestionMissing
from handlers.conversation import Coverage, Quote, Request, Slots, Text, Thread, Turn

THREAD = Thread((Turn("Ana", "The deploy broke."), Turn("Ben", "Cara will write the report.", link="l1")), missing=1)


async def test_an_answer_is_quoted_from_its_turn(engine):
    engine.answers["Who writes the report?"] = "Cara"
    found = await Answering(engine).answer("Who writes the report?", thread=THREAD)
    assert (found.answer, found.evidence) == ("Cara", (Evidence(1, 0, 4),))


async def test_a_speaker_who_is_the_answer_is_proved_by_the_whole_turn(engine):
    engine.answers["Who reported it?"] = "Ana"
    found = await Answering(engine).answer("Who reported it?", thread=THREAD)
    assert (found.answer, found.evidence) == ("Ana", (Evidence(0, 0, 17),))


async def test_no_answer_is_none_without_evidence(engine):
    found = await Answering(engine).answer("How much was it?", thread=THREAD)
    assert (found.answer, found.evidence) == (None, ())


async def test_a_thread_must_answer_more_clearly_than_a_paragraph(engine):
    engine.answers["Who writes it?"], engine.margin = "Cara", -1.0
    in_thread = await Answering(engine).answer("Who writes it?", thread=THREAD)
    in_paragraph = await Answering(engine).answer("Who writes it?", context="Cara writes it.")
    assert (in_thread.answer, in_paragraph.answer) == (None, "Cara")
    assert in_thread.score == pytest.approx(0.731, abs=0.001)


async def test_a_plain_context_counts_as_turn_zero(engine):
    engine.answers["When?"] = "at noon"
    found = await Answering(engine).answer("When?", context="It broke at noon.")
    assert found.evidence == (Evidence(0, 9, 16),)


async def test_a_foreign_turn_is_read_through_english_and_quoted_whole(engine):
    engine.languages["A causa foi o cache."] = "pt"
    engine.translations["A causa foi o cache.", "pt", "en"] = "The cause was the cache."
    engine.answers["What was the cause?"] = "the cache"
    found = await Answering(engine).answer("What was the cause?", thread=Thread((Turn("Rui", "A causa foi o cache."),)))
    assert (found.answer, found.evidence, found.languages) == ("the cache", (Evidence(0, 0, 20),), ("pt>en",))


@pytest.mark.parametrize(
    ("question", "thread", "error"), [(" ", THREAD, QuestionMissing), ("Who?", Thread(), NothingToRead)]
)
async def test_a_missing_question_or_thread_is_named(engine, question, thread, error):
    with pytest.raises(error):
        await Answering(engine).answer(question, thread=thread)


async def test_the_reply_shows_answer_quote_and_coverage(engine):
    engine.answers["Who writes the report?"] = "Cara"
    reply = await Answering(engine).handle(Request("x", THREAD, slots=Slots(text="Who writes the report?")))
    assert reply.parts == (Text("Cara"), Quote(1, "Ben", THREAD.turns[1].text, 0, 4, "l1"), Coverage(2, 3))


async def test_the_reply_declines_plainly(engine):
    reply = await Answering(engine).handle(Request("How much was it?", THREAD))
    assert reply.parts[0] == Text("This thread does not answer that.")
