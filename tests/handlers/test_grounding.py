import pytest

from handlers.conversation import Point
from handlers.grounding import grounded

TURNS = (
    "Ana: We roll back to 2.3 at half past two, see https://status.example.com/7.",
    "Ben: ok",
    "Rui: The error rate is back to normal since the rollback, what a relief.",
    "Cy: Who refunds the two customers that paid twice?",
)


def test_a_sentence_is_tied_to_the_turns_that_it_comes_from():
    text = "Ana decided to roll back to 2.3. The error rate is normal again. Cy asks who refunds the customers."
    assert [point.turns for point in grounded(text, TURNS)] == [(0,), (2,), (3,)]


def test_a_sentence_may_join_turns():
    [point] = grounded("After the roll back to 2.3 at half past two, Rui sees a normal error rate and relief.", TURNS)
    assert point.turns == (0, 2)


@pytest.mark.parametrize(
    "sentence",
    [
        "Bob decided to roll back to 2.3.",
        "The roll back to 2.3 was decided by Ana Silva.",
        "Ana decided to roll back to 2.4.",
        "Ana rolls back at 14:30.",
        "Ana rolls back, see https://status.example.com/8.",
        "Anabel decided to roll back to 2.3.",
    ],
)
def test_made_up_names_numbers_and_addresses_are_not_passed_on(sentence):
    kept = "Rui says that the error rate is normal."
    assert grounded(f"{sentence} {kept}", TURNS) == (Point(kept, (2,)),)


@pytest.mark.parametrize(
    "sentence",
    [
        "Everyone waits for the refunds of the 2 customers.",
        "Rolling back to 2.3 was Ana's idea (https://status.example.com/7).",
        "Refunds for customers who paid twice are open.",
    ],
)
def test_other_forms_of_what_was_said_pass(sentence):
    assert [point.text for point in grounded(sentence, TURNS)] == [sentence]


def test_what_shares_no_word_with_the_thread_comes_from_nowhere():
    assert grounded("they enjoyed lunch. 👍 ...", TURNS) == ()


def test_lines_and_bullets_are_sentences_too():
    text = "- Ana rolls back to 2.3\n* the error rate is normal"
    assert [point.text for point in grounded(text, TURNS)] == ["Ana rolls back to 2.3", "the error rate is normal"]
