"""What turns, threads and replies tell of themselves."""

import pytest

from handlers.conversation import Coverage, Point, Points, Quote, Reply, Request, Score, Slots, Text, Thread, Turn

TURNS = (Turn("Ana", "Payments are failing."), Turn("Ben", "I roll back."))


@pytest.mark.parametrize(
    ("parts", "turns"),
    [
        ((), set()),
        ((Text("Yes."), Score("positive", {"positive": 1.0}), Coverage(2, 2)), set()),
        ((Points((Point("It fails.", (0, 2)), Point("It works.", (2,)), Point("Said elsewhere.", ()))),), {0, 2}),
        ((Quote(1, "Ben", "I roll back.", 0, 1), Text("Yes."), Quote(3, "Ana", "Thanks.", 0, 1)), {1, 3}),
        ((Points((Point("It fails.", (0,)),)), Quote(1, "Ben", "I roll back.", 0, 1)), {0, 1}),
    ],
)
def test_a_reply_cites_the_turns_that_it_shows_words_of(parts, turns):
    assert Reply(parts).cited == turns


def test_points_come_from_their_turns_in_order():
    assert Points((Point("b", (2, 3)), Point("a", (0,)))).turns == (2, 3, 0)


def test_a_thread_tells_how_much_of_it_there_is():
    assert Thread(TURNS).coverage() == Coverage(2, 2)
    assert Thread(TURNS, missing=5, files=1).coverage() == Coverage(2, 7, files=1)
    assert Thread(TURNS, more=True).coverage(1) == Coverage(1, 2, more=True)
    assert Thread(TURNS, missing=1).coverage(0) == Coverage(0, 3)
    assert len(Thread(TURNS, missing=5)) == 2


def test_a_routed_request_is_the_same_with_its_intent():
    request = Request("/ask who?", Thread(TURNS), languages=("pt",))
    routed = request.routed("ask", Slots(text="who?"))
    assert (routed.intent, routed.slots.text) == ("ask", "who?")
    assert (routed.text, routed.thread, routed.languages) == (request.text, request.thread, ("pt",))
    assert request.intent is None
