import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import BertConfig

from models.auto import labels
from models.auto.labels import SENTIMENT, Labels
from models.catalog import SequenceTask
from models.types import ModelUnavailable

ABOUT = {"kind": "sequence", "name": "tiny", "source": "path:/tiny", "revision": "1", "licence": "MIT"}


def read(names, given=None, **config):
    return labels.read(BertConfig(id2label=dict(enumerate(names)), **config), SequenceTask(**ABOUT, labels=given or {}))


def scores(found, *probabilities):
    [row] = found.scores(torch.tensor([probabilities]).log()).tolist()
    return dict(zip(found.names, row, strict=True))


@pytest.mark.parametrize(
    "names",
    [
        ["negative", "neutral", "positive"],
        ["NEGATIVE", "NEUTRAL", "POSITIVE"],
        ["NEG", "NEU", "POS"],
        ["Slightly negative", "neutral", "Very_Positive"],
    ],
)
def test_three_labels_in_many_spellings(names):
    assert scores(read(names), 0.5, 0.3, 0.2) == pytest.approx({"negative": 0.5, "neutral": 0.3, "positive": 0.2})


def test_the_order_is_ours_whatever_theirs_is():
    found = scores(read(["positive", "negative", "neutral"]), 0.5, 0.3, 0.2)
    assert [*found] == [*SENTIMENT]
    assert found == pytest.approx({"negative": 0.3, "neutral": 0.2, "positive": 0.5})


@pytest.mark.parametrize(
    "names",
    [
        ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"],
        ["1", "2", "3", "4", "5"],
        ["very negative", "negative", "neutral", "positive", "very positive"],
        ["Extremely Negative", "neg", "Neutral", "pos", "extremely-positive"],
    ],
)
def test_five_labels_add_up_to_three(names):
    found = scores(read(names), 0.1, 0.2, 0.3, 0.15, 0.25)
    assert found == pytest.approx({"negative": 0.3, "neutral": 0.3, "positive": 0.4})


def test_the_entry_says_what_nameless_labels_mean():
    found = read(["LABEL_0", "LABEL_1", "LABEL_2"], {"LABEL_0": "positive", "label_1": "neutral", "LABEL_2": "negative"})
    assert scores(found, 0.5, 0.3, 0.2) == pytest.approx({"negative": 0.2, "neutral": 0.3, "positive": 0.5})


def test_the_entry_may_put_several_labels_into_one():
    mapped = {"joy": "positive", "love": "positive", "anger": "negative", "calm": "neutral"}
    found = scores(read([*mapped], mapped), 0.1, 0.2, 0.3, 0.4)
    assert found == pytest.approx({"negative": 0.3, "neutral": 0.4, "positive": 0.3})


def test_the_entry_may_name_any_labels():
    found = read(["LABEL_0", "LABEL_1"], {"LABEL_0": "bug", "LABEL_1": "wish"})
    assert scores(found, 0.7, 0.3) == pytest.approx({"bug": 0.7, "wish": 0.3})


def test_intents_are_ours_by_their_names():
    assert read(["ask", "help", "translate"]).names == ("ask", "help", "translate")


@given(st.floats(0.001, 0.999))
def test_what_two_sides_have_in_common_is_neutral(positive):
    found = scores(read(["NEGATIVE", "POSITIVE"]), 1 - positive, positive)
    assert sum(found.values()) == pytest.approx(1, abs=1e-5)
    assert found["positive"] - found["negative"] == pytest.approx(2 * positive - 1, abs=1e-5)
    assert min(found.values()) >= 0
    assert found["neutral"] == pytest.approx(2 * min(positive, 1 - positive), abs=1e-5)


@pytest.mark.parametrize(("positive", "label"), [(0.1, "negative"), (0.4, "neutral"), (0.7, "neutral"), (0.9, "positive")])
def test_a_side_must_be_three_times_as_likely_as_the_other(positive, label):
    found = scores(read(["NEGATIVE", "POSITIVE"]), 1 - positive, positive)
    assert max(found, key=found.__getitem__) == label


@pytest.mark.parametrize(
    ("names", "entry", "why"),
    [
        (["LABEL_0", "LABEL_1"], {}, r"labels of tiny are 'LABEL_0', 'LABEL_1'; say in its entry what each means"),
        (["joy", "anger"], {}, "say in its entry"),
        (["joy", "anger"], {"joy": "positive"}, "say in its entry"),
        (["negative", "neutral"], {}, "say in its entry"),
        (["negative", "positive", "spam"], {"spam": "spam"}, "say in its entry"),
        (["negative", "positive"], {"good": "positive"}, "tiny has no label 'good', which its entry names"),
        (["only"], {"only": "positive"}, "gives a number"),
    ],
)
def test_labels_that_say_nothing_are_refused_with_what_to_write(names, entry, why):
    with pytest.raises(ModelUnavailable, match=why):
        read(names, entry)


@pytest.mark.parametrize(
    ("kind", "why"), [("regression", "gives a number"), ("multi_label_classification", "judges each label by itself")]
)
def test_other_problems_than_a_choice_are_refused(kind, why):
    with pytest.raises(ModelUnavailable, match=why):
        read(["negative", "positive"], problem_type=kind)


def test_half_precision_is_summed_in_single():
    named = Labels(("a", "b"), (0, 1, 1))
    assert named.scores(torch.zeros(1, 3, dtype=torch.bfloat16)).dtype == torch.float32
