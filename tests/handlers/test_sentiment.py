import pytest

from handlers.base import NothingToRead
from handlers.conversation import Chart, Coverage, Quote, Request, Score, Slots, Text, Thread, Turn, Turning
from handlers.sentiment import Sentiment

ANGRY, GLAD, PLAIN = Turn("Ana", "this is awful"), Turn("Ben", "thank you so much"), Turn("Cy", "it is noon")


@pytest.fixture(autouse=True)
def moods(engine):
    engine.sentiments |= {ANGRY.text: "negative", GLAD.text: "positive"}


async def test_a_given_text_comes_before_the_thread(engine):
    reply = await Sentiment(engine).handle(Request("x", Thread((GLAD,)), slots=Slots(text=ANGRY.text)))
    assert isinstance(reply.parts[0], Score)
    assert reply.parts[0].label == "negative"


async def test_a_quoted_message_comes_before_the_thread(engine):
    reply = await Sentiment(engine).handle(Request("x", Thread((ANGRY,)), quoted=GLAD))
    assert reply.parts[0].label == "positive"


async def test_a_foreign_text_is_read_through_english_and_the_reply_says_so(engine):
    engine.languages["que horror"] = "pt"
    engine.translations["que horror", "pt", "en"] = ANGRY.text
    reply = await Sentiment(engine).handle(Request("x", slots=Slots(text="que horror")))
    assert reply.parts[0].label == "negative"
    assert reply.provenance.languages == ("pt>en",)
    assert reply.provenance.models == ("fake-sentiment", "fake-translation")


async def test_the_mood_of_a_thread_counts_its_turns_and_shows_the_sharpest(engine):
    thread = Thread((PLAIN, ANGRY, PLAIN, GLAD, Turn("Dee", "👍")), missing=2)
    reply = await Sentiment(engine).handle(Request("x", thread))
    assert reply.parts[0] == Text("Mostly neutral: 2 neutral, 1 negative, 1 positive.")
    assert [part.turn for part in reply.parts if isinstance(part, Quote)] == [1, 3]
    assert reply.parts[-1] == Coverage(4, 7)


async def test_the_scores_of_a_mood_are_a_mean_and_sum_to_one(engine):
    mood = await Sentiment(engine).mood(Thread((ANGRY, GLAD)))
    assert sum(mood.scores.values()) == pytest.approx(1)
    assert mood.scores["negative"] == pytest.approx(mood.scores["positive"])


@pytest.mark.parametrize("thread", [Thread(), Thread((Turn("Dee", "👍"),))])
async def test_nothing_to_read_is_named(engine, thread):
    with pytest.raises(NothingToRead):
        await Sentiment(engine).handle(Request("x", thread))


def spoken(*turns):
    """Turns by as many people as there are, up to four, who take turns."""
    return tuple(Turn(f"Speaker {number % 4}", turn.text, link=f"l{number}") for number, turn in enumerate(turns))


async def charts(engine, turns):
    reply = await Sentiment(engine).handle(Request("x", Thread(turns)))
    return [part for part in reply.parts if isinstance(part, Chart)]


async def test_a_thread_of_many_has_a_chart_without_who_wrote_what(engine):
    [chart] = await charts(engine, spoken(*[ANGRY] * 8, Turn("Dee", "👍"), *[GLAD] * 8))
    assert chart.valence == pytest.approx((*[-0.85] * 8, None, *[0.85] * 8))
    assert chart.turning == (Turning(9, "positive"),)
    assert "turns positive at message 10" in chart.text
    assert "Speaker" not in repr(chart)


async def test_a_chart_needs_four_people(engine):
    turns = spoken(*[ANGRY, GLAD] * 10)
    assert await charts(engine, turns)
    assert not await charts(engine, tuple(Turn(turn.speaker.replace("3", "2"), turn.text) for turn in turns))


async def test_who_wrote_nothing_that_can_be_read_does_not_count(engine):
    turns = spoken(*[ANGRY] * 20)
    assert not await charts(engine, tuple(Turn(turn.speaker, "👍" if "3" in turn.speaker else turn.text) for turn in turns))


async def test_a_chart_needs_eight_messages(engine):
    assert await charts(engine, spoken(*[ANGRY] * 8, Turn("Dee", "👍")))
    assert not await charts(engine, spoken(*[ANGRY] * 7, Turn("Dee", "👍")))
