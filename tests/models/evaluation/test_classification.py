import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support, recall_score

from models.evaluation.classification import figures, table

TRUTH = list("aaabbbbccc")
GUESS = list("aabbbbaccb")


def test_figures_are_those_of_scikit_learn():
    found = {figure.name: figure.value for figure in figures(TRUTH, GUESS)}
    assert found["accuracy"] == pytest.approx(accuracy_score(TRUTH, GUESS))
    assert found["macro recall"] == pytest.approx(recall_score(TRUTH, GUESS, average="macro"))
    assert found["macro F1"] == pytest.approx(f1_score(TRUTH, GUESS, average="macro"))


def test_each_label_has_its_row():
    rows = table(TRUTH, GUESS)
    wanted = np.transpose(precision_recall_fscore_support(TRUTH, GUESS))
    assert np.array([[r.precision, r.recall, r.f1, r.examples] for r in rows]) == pytest.approx(wanted)


def test_what_got_no_label_is_wrong_and_what_never_occurs_has_no_row():
    found = {figure.name: figure.value for figure in figures(["a", "b"], [None, "c"])}
    assert found == {"accuracy": 0, "macro recall": 0, "macro F1": 0}
    assert [row.label for row in table(["a", "b"], [None, "c"])] == ["a", "b"]


def test_some_items_have_figures_of_their_own():
    accuracy = figures(TRUTH, GUESS)[0]
    assert accuracy.of(np.array([0, 0, 2])) == pytest.approx(2 / 3)
