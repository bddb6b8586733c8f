import pytest

from models.evaluation.summaries import figures


def test_the_best_reference_counts_and_words_are_stemmed():
    found = {figure.name: figure.value for figure in figures(["the build is failing"], [("nothing", "the builds failed")])}
    assert found["ROUGE-1"] == pytest.approx(100 * 2 * 3 / 7)
    assert found["ROUGE-2"] == pytest.approx(100 * 2 * 1 / 5)
    assert found["ROUGE-Lsum"] == pytest.approx(100 * 2 * 3 / 7)


def test_it_is_said_how_they_were_computed():
    assert figures(["a"], [("a",)])[0].note.startswith("rouge-score ")
