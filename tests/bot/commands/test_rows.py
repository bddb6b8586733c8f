from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from bot.commands.rows import TASKS, Fields, RowRefused
from handlers.conversation import Coverage, Point, Slots, Thread, Turn
from models.types import Classification, Detection, Translation

TURNS = [{"speaker": "Maya", "text": "We roll back."}, {"speaker": "Leah", "text": "Thanks!", "at": "14:02", "id": 7}]
THREAD = Thread((Turn("Maya", "We roll back."), Turn("Leah", "Thanks!", "14:02")))


@dataclass(frozen=True, slots=True)
class Evidence:
    turn: int
    start: int
    end: int


class Parley:
    """Plays every part that rows are put to; keeps the last thing that it was asked."""

    def __init__(self):
        self.engine = self.router = self
        self.handlers = SimpleNamespace(sentiment=self, translating=self, answering=self, summarization=self)
        self.asked = None

    async def classify(self, text):
        self.asked = text
        return Classification("positive", {"negative": 0.1, "neutral": 0.2, "positive": 0.7}, "mood@1")

    async def translate(self, text, *, target, source=None):
        self.asked = text, source, target
        return Translation("olá", source or "en", target, "pair@1")

    async def answer(self, question, *, context=None, thread=None):
        self.asked = question, context, thread
        return SimpleNamespace(answer="roll", score=0.9, evidence=(Evidence(0, 3, 7),), model="spans@1")

    async def summarize(self, thread, *, sentences=None):
        self.asked = thread, sentences
        points = (Point("We roll back.", (0,)),)
        return SimpleNamespace(text="We roll back.", points=points, coverage=Coverage(2, 2), model="salience@1")

    async def route(self, request):
        self.asked = request.text
        return SimpleNamespace(intent="translate", slots=Slots(target="pt"), score=0.8)

    async def language(self, text):
        self.asked = text
        return Detection(None, 0.0)


async def run(task, **row):
    parley = Parley()
    return await TASKS[task].run(parley, Fields(row)), parley.asked


async def test_sentiment():
    scores = {"negative": 0.1, "neutral": 0.2, "positive": 0.7}
    assert await run("sentiment", text="Nice!") == ({"label": "positive", "scores": scores, "model": "mood@1"}, "Nice!")


async def test_translate():
    result = {"translation": "olá", "source": "en", "target": "pt", "model": "pair@1"}
    assert await run("translate", text="hello", target="pt") == (result, ("hello", None, "pt"))
    assert await run("translate", text="hello", target="pt", source="en") == (result, ("hello", "en", "pt"))
    assert await run("translate", text="hello", target="pt-BR", source=None) == (result, ("hello", None, "pt"))
    assert await run("translate", text="hello", target="Portuguese", source="english") == (result, ("hello", "en", "pt"))


async def test_ask_a_context_or_a_thread():
    result = {"answer": "roll", "score": 0.9, "evidence": [{"turn": 0, "start": 3, "end": 7}], "model": "spans@1"}
    assert await run("ask", question="What?", context="We roll.") == (result, ("What?", "We roll.", None))
    assert await run("ask", question="What?", turns=TURNS) == (result, ("What?", None, THREAD))


async def test_summarize():
    result = {
        "summary": "We roll back.",
        "points": [{"text": "We roll back.", "turns": (0,)}],
        "coverage": {"read": 2, "total": 2},
        "model": "salience@1",
    }
    assert await run("summarize", turns=TURNS) == (result, (THREAD, None))
    assert await run("summarize", turns=TURNS, sentences=2) == (result, (THREAD, 2))


async def test_route_gives_the_slots_that_are_set():
    assert await run("route", text="em português") == (
        {"intent": "translate", "slots": {"target": "pt"}, "score": 0.8},
        "em português",
    )


async def test_language():
    assert await run("language", text="👍") == ({"language": None, "score": 0.0}, "👍")


@pytest.mark.parametrize(
    ("task", "row", "words"),
    [
        ("sentiment", {}, 'The field "text" is missing.'),
        ("sentiment", {"text": 3}, 'The field "text" must be a string.'),
        ("sentiment", {"text": None}, 'The field "text" must be a string.'),
        ("language", {"text": "\ud83d"}, 'The field "text" holds half a character (a lone surrogate).'),
        ("translate", {"text": "hello"}, 'The field "target" is missing.'),
        ("translate", {"text": "hello", "target": "pt", "source": 1}, 'The field "source" must be a string.'),
        ("translate", {"text": "hello", "target": "klingonese"}, 'The field "target" must be a language, such as "pt".'),
        ("ask", {"question": "What?"}, 'A question needs either the field "context" or the field "turns".'),
        (
            "ask",
            {"question": "?", "context": "", "turns": []},
            'A question needs either the field "context" or the field "turns".',
        ),
        ("ask", {"context": "We roll back."}, 'The field "question" is missing.'),
        ("summarize", {}, 'The field "turns" must be a list of objects such as {"speaker": "Maya", "text": "Hello"}.'),
        ("summarize", {"turns": [{"speaker": "Maya"}]}, 'In "turns", a message has no "text".'),
        (
            "summarize",
            {"turns": [{"speaker": "\udc00", "text": ""}]},
            'The field "turns" holds half a character (a lone surrogate).',
        ),
        ("summarize", {"turns": TURNS, "sentences": 0}, 'The field "sentences" must be a whole number from 1 up.'),
        ("summarize", {"turns": TURNS, "sentences": True}, 'The field "sentences" must be a whole number from 1 up.'),
        ("summarize", {"turns": TURNS, "sentences": 2.0}, 'The field "sentences" must be a whole number from 1 up.'),
    ],
)
async def test_a_field_that_is_missing_or_of_another_type_is_refused_in_one_sentence(task, row, words):
    with pytest.raises(RowRefused) as caught:
        await run(task, **row)
    assert str(caught.value) == words
