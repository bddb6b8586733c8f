import pytest

from models.evaluation.answering import exact, figures, normalized, overlap


def test_answers_are_normalized_as_squad_does():
    assert normalized("The  U.S.A., an Apple!") == "usa apple"


@pytest.mark.parametrize(
    ("guess", "references", "em", "f1"),
    [
        ("the Parser", ["parser."], 1, 1),
        ("Ana and Ben", ["Ben", "Ana, Ben"], 0, 0.8),
        ("", [], 1, 1),
        ("Ana", [], 0, 0),
        ("", ["Ana"], 0, 0),
        ("the", ["a"], 1, 1),
    ],
)
def test_exact_match_and_overlap(guess, references, em, f1):
    assert exact(guess, references) == em
    assert overlap(guess, references) == pytest.approx(f1)


def test_questions_with_and_without_an_answer_are_told_apart():
    found = {figure.name: figure.value for figure in figures(["Ana", "x", ""], [["Ana"], [], []])}
    assert found == pytest.approx({"EM": 200 / 3, "F1": 200 / 3, "HasAns EM": 100, "HasAns F1": 100, "NoAns": 50})
    assert [figure.name for figure in figures(["Ana"], [["Ana"]])] == ["EM", "F1"]
