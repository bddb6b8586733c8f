import pytest
from transformers.pipelines import check_task

from models import catalog
from models.bench import compare, memory
from models.bench.classifying import SENTIMENT
from models.bench.translating import TRANSLATE
from models.bench.ways import Answer, Network, Subject, Way

MESSAGES = [
    "This is fantastic, thank you so much!",
    "I hate that checkout is broken again.",
    "The meeting is at three.",
]
SENTENCES = ["The deploy is done.", "I have sent the report to the customer.", "Thanks, that fixed it!"]


def way(name, answer):
    async def answers(texts):
        return [answer(text) for text in texts]

    async def open_way(engine, catalog):
        return answers

    return Way(name, "float32", f"{name} does it all.", open_way)


@pytest.fixture
def subject():
    ways = (
        Way("gone", "", "It is no more.", None, "removed"),
        way("first", lambda text: Answer(text.upper(), 0.9)),
        way("second", lambda text: Answer(text.upper() if len(text) > 1 else text, 0.8)),
    )
    return Subject("shouting", ways, lambda catalog: Network("none", 0, 0), lambda: ["ab", "c"])


@pytest.fixture
def _unmeasured(monkeypatch):
    """Memory is not measured: that takes a process for each way."""

    async def peak(open_way, texts, *, threads):
        return 7

    monkeypatch.setattr(memory, "peak", peak)


@pytest.mark.usefixtures("_unmeasured")
async def test_ways_are_compared_with_the_first_that_there_is(subject):
    reported = []
    found = await compare.compare(subject, ["ab", "c"], reported.append, rounds=1)
    first, second = found.rows
    assert [way.name for way in found.gone] == ["gone"]
    assert [first.answers, second.answers] == [(("AB", 0.9), ("C", 0.9)), (("AB", 0.8), ("c", 0.8))]
    assert (first.same, second.same) == (2, 1)
    assert first.ratio == 1
    assert second.ratio == pytest.approx(second.rate / first.rate)
    assert first.peak == 7
    assert len(reported) == compare.steps(subject, rounds=1)


def test_an_answer_shows_its_probability_where_it_has_one():
    assert str(Answer("positive", 0.98765)) == "positive 98.8%"
    assert str(Answer("Olá")) == "Olá"


def test_what_is_said_to_be_removed_is():
    gone = [way for subject in compare.SUBJECTS.values() for way in subject.ways if way.open is None]
    assert [(way.name, way.gone) for way in gone] == [("pipeline", "removed in transformers 5")]
    with pytest.raises(KeyError):
        check_task("translation_en_to_pt")


async def answers(subject, engine, texts):
    """What each way makes of the texts."""
    profile = catalog.read(compare.PROFILE)
    runs = {way.name: await way.open(engine, profile) for way in subject.ways if way.open}
    return {name: await run(texts) for name, run in runs.items()}


@pytest.mark.real
async def test_all_ways_to_a_mood_agree(real_engine):
    found = await answers(SENTIMENT, real_engine, MESSAGES)
    assert [*found] == ["pipeline", "loop", "parley"]
    assert all([one.text for one in given] == ["positive", "negative", "neutral"] for given in found.values())
    # The same numbers in the same network; in 8 bits about the same.
    for by_pipeline, by_loop, by_parley in zip(*found.values(), strict=True):
        assert by_loop.score == pytest.approx(by_pipeline.score, abs=1e-4)
        assert by_parley.score == pytest.approx(by_pipeline.score, abs=0.05)


@pytest.mark.real
async def test_all_ways_to_a_translation_agree(real_engine):
    found = await answers(TRANSLATE, real_engine, SENTENCES)
    assert [*found] == ["generate", "parley", "native"]
    assert found["generate"] == found["parley"] == found["native"]
    assert found["parley"][0].text == "A implantação é feita."


@pytest.mark.real
@pytest.mark.parametrize("subject", compare.SUBJECTS.values(), ids=compare.SUBJECTS)
def test_what_the_ways_share_is_told(subject):
    network = subject.network(catalog.read(compare.PROFILE))
    assert network.name.startswith({"sentiment": "all-MiniLM-L6-v2+sentiment@", "translate": "bergamot-enpt@"}[subject.name])
    # Of the encoder every parameter has four bytes on disk, of the student one.
    assert network.stored / network.parameters == pytest.approx({"sentiment": 4.1, "translate": 1.3}[subject.name], abs=0.1)
