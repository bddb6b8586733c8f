import pytest

from handlers.base import NothingToRead
from handlers.conversation import Coverage, Point, Points, Request, Slots, Thread, Turn
from handlers.summarization import LONG, Summarization, choose, suitable
from models.types import Excerpt, TextRefused

ANA = Turn("Ana", "We roll back to 2.3 at half past two, all agreed.")
BEN = Turn("Ben", "ok")
RUI = Turn("Rui", "A taxa de erro voltou ao normal depois disso, que alívio.")
CY = Turn("Cy", "Who refunds the customers who paid twice?")
THREAD = Thread((BEN, ANA, BEN, RUI, CY))
NORMAL = "The error rate is back to normal after that, what a relief."


@pytest.fixture
def summarization(engine):
    engine.languages[RUI.text] = "pt"
    engine.translations[RUI.text, "pt", "en"] = NORMAL
    return Summarization(engine)


def excerpt(turn, score, *vector):
    return Excerpt(turn, 0, 1, score, vector)


async def test_points_are_the_telling_turns_in_thread_order(summarization):
    found = await summarization.summarize(THREAD, sentences=2)
    assert found.points == (Point(ANA.text, (1,)), Point(RUI.text, (3,)))
    assert found.model == "fake-salience"


async def test_the_text_names_the_speakers_once_for_each_run(summarization):
    thread = Thread(
        (ANA, Turn("Ana", "I will\nwrite the report on Friday."), CY, Turn("", "Nobody in particular said this."))
    )
    found = await summarization.summarize(thread, sentences=4)
    assert found.text.splitlines() == [
        f"Ana: {ANA.text} I will write the report on Friday.",
        f"Cy: {CY.text}",
        "Nobody in particular said this.",
    ]


async def test_a_point_is_quoted_from_where_its_sentence_stands(engine, summarization, monkeypatch):
    async def weighed(turns):
        return type(await type(engine).salience(engine, turns))((Excerpt(1, 3, 20, 1.0, (1.0,)),), "fake-salience")

    monkeypatch.setattr(engine, "salience", weighed)
    found = await summarization.summarize(THREAD)
    assert found.points == (Point(ANA.text[3:20], (1,)),)


async def test_repetitions_are_said_once(summarization):
    found = await summarization.summarize(Thread((ANA, BEN, ANA, ANA, CY)), sentences=3)
    assert [point.text for point in found.points] == [ANA.text, BEN.text, CY.text]


async def test_coverage_counts_silent_and_missing_turns(summarization):
    found = await summarization.summarize(Thread((ANA, Turn("Dee", "👍"), Turn("Dee", "")), missing=4))
    assert found.coverage == Coverage(3, 7)
    assert found.points == (Point(ANA.text, (0,)),)


@pytest.mark.parametrize("thread", [Thread(), Thread((Turn("Dee", "👍"), Turn("Dee", " ")))])
async def test_nothing_to_read_is_named(summarization, thread):
    with pytest.raises(NothingToRead):
        await summarization.handle(Request("tl;dr", thread))


async def test_a_foreign_turn_is_weighed_in_english_and_quoted_as_written(engine, summarization):
    found = await summarization.summarize(THREAD, sentences=2)
    assert ("salience", (BEN.text, ANA.text, BEN.text, NORMAL, CY.text)) in engine.calls
    assert found.points[1].text == RUI.text
    assert found.languages == ("pt>en",)
    assert found.models == ("fake-salience", "fake-translation")


async def test_an_english_reader_gets_foreign_points_in_english(summarization):
    found = await summarization.summarize(THREAD, sentences=2, languages=["en"])
    assert [point.text for point in found.points] == [ANA.text, NORMAL]


async def test_a_reader_of_another_language_gets_english_points_translated(engine, summarization):
    engine.translations[ANA.text, "en", "pt"] = "Voltamos para a 2.3."
    found = await summarization.summarize(THREAD, sentences=2, languages=["pt"])
    assert [point.text for point in found.points] == ["Voltamos para a 2.3.", RUI.text]
    assert found.languages == ("pt>en", "en>pt")


async def test_a_reader_whose_language_has_no_model_gets_the_original(summarization):
    found = await summarization.summarize(THREAD, sentences=2, languages=["fi"])
    assert [point.text for point in found.points] == [ANA.text, RUI.text]


async def test_a_long_foreign_message_is_quoted_from_its_start(engine, summarization):
    long = Turn("Rui", "palavra " * 100)
    engine.languages[long.text] = "pt"
    (point,) = (await summarization.summarize(Thread((long,)))).points
    assert long.text.startswith(point.text.removesuffix("…"))
    assert len(point.text) < len(long.text)


async def test_a_turn_that_cannot_be_translated_is_weighed_as_it_stands(engine, summarization, monkeypatch):
    async def refused(text, *, source, target):
        raise TextRefused("long")

    monkeypatch.setattr(engine, "translate", refused)
    found = await summarization.summarize(THREAD, sentences=1)
    assert found.points == (Point(RUI.text, (3,)),)
    assert found.languages == ()


async def test_the_reply_to_a_thread_has_points_and_coverage(summarization):
    reply = await summarization.handle(Request("tl;dr", THREAD, slots=Slots(sentences=1)))
    assert reply.parts == (Points((Point(RUI.text, (3,)),)), Coverage(5, 5))
    assert reply.provenance.languages == ("pt>en",)
    assert reply.provenance.models[0] == "fake-salience"


@pytest.mark.parametrize(
    "request_",
    [
        Request("x", THREAD, slots=Slots(text="One long remark that was given.")),
        Request("x", quoted=Turn("Eve", "One long remark that was given.")),
    ],
)
async def test_a_single_text_is_summarized_without_naming_turns(summarization, request_):
    reply = await summarization.handle(request_)
    assert reply.parts == (Points((Point("One long remark that was given.", ()),)),)


async def test_only_a_long_quotation_comes_before_the_thread(summarization):
    page = Turn("Eve", "word " * LONG)
    short, long = [await summarization.handle(Request("x", THREAD, quoted=turn)) for turn in (BEN, page)]
    assert len(short.parts[0].points) == 3
    assert [point.text for point in long.parts[0].points] == [page.text]


def test_longer_threads_get_more_points_up_to_a_limit():
    counts = [suitable(turns) for turns in range(1000)]
    assert counts == sorted(counts)
    assert (counts[1], counts[10], counts[25], counts[-1]) == (3, 3, 7, 10)


def test_what_resembles_a_chosen_sentence_gives_way():
    first, alike, other = excerpt(0, 3.0, 1.0, 0.0), excerpt(1, 2.5, 0.8, 0.6), excerpt(2, 1.5, 0.0, 1.0)
    assert choose([first, alike, other], 2) == [first, other]
    assert choose([first, alike, other], 3) == [first, alike, other]


def test_no_more_is_chosen_than_is_there():
    same = [excerpt(i, float(i), 1.0) for i in range(3)]
    assert choose(same, 5) == [same[2]]


@pytest.fixture
def writing(engine, summarization):
    """As `summarization`, with a model that writes."""
    engine.writes = frozenset({"summarize"})
    engine.summary = "Ana decided to roll back to 2.3. Cy asks who refunds the customers. Bob paid 500 dollars."
    return summarization


async def test_a_models_sentences_come_with_the_turns_that_bear_them_out(engine, writing):
    found = await writing.summarize(THREAD)
    assert found.points == (
        Point("Ana decided to roll back to 2.3.", (1,)),
        Point("Cy asks who refunds the customers.", (4,)),
    )
    assert found.text == "Ana decided to roll back to 2.3. Cy asks who refunds the customers."
    assert (found.model, found.models) == ("fake-summarizer", ("fake-summarizer", "fake-translation"))
    assert [given for name, given in engine.calls if name == "summarize"] == [
        ("Ben: ok", f"Ana: {ANA.text}", "Ben: ok", f"Rui: {NORMAL}", f"Cy: {CY.text}")
    ]


async def test_a_models_summary_is_marked_as_generated(writing):
    reply = await writing.handle(Request("tl;dr", THREAD, slots=Slots(sentences=1)))
    assert reply.parts == (Points((Point("Ana decided to roll back to 2.3.", (1,)),), written=True), Coverage(5, 5))
    assert reply.provenance.generated


async def test_where_the_thread_bears_nothing_out_it_is_quoted(engine, writing):
    engine.summary = "Bob paid 500 dollars."
    reply = await writing.handle(Request("tl;dr", THREAD, slots=Slots(sentences=1)))
    assert reply.parts[0] == Points((Point(RUI.text, (3,)),))
    assert not reply.provenance.generated


async def test_a_models_sentences_reach_the_reader_in_their_language(engine, writing):
    engine.summary = "Ana decided to roll back to 2.3."
    engine.translations[engine.summary, "en", "pt"] = "A Ana voltou para a 2.3."
    found = await writing.summarize(THREAD, languages=["pt"])
    assert found.points == (Point("A Ana voltou para a 2.3.", (1,)),)
    assert found.languages == ("pt>en", "en>pt")


async def test_a_single_text_is_summarized_by_a_model_without_naming_turns(engine, writing):
    engine.summary = "Ana decided to roll back."
    reply = await writing.handle(Request("x", slots=Slots(text=ANA.text + " Ana said so.")))
    assert reply.parts == (Points((Point("Ana decided to roll back.", ()),), written=True),)


async def test_a_model_gets_nothing_that_holds_no_words(engine, writing):
    with pytest.raises(NothingToRead):
        await writing.handle(Request("tl;dr", Thread((Turn("Dee", "👍"),))))
    assert not any(name == "summarize" for name, _ in engine.calls)


async def test_without_a_model_for_it_nothing_is_written(engine, summarization):
    engine.summary = "Ana decided to roll back to 2.3."
    assert not (await summarization.summarize(THREAD)).generated
    assert not any(name == "summarize" for name, _ in engine.calls)
