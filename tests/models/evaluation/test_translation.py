import numpy as np
import pytest
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from models.evaluation.translation import figures

GUESSES = ["the cat sat on the mat today", "it is raining in Porto again now", "we ship on Tuesday I think"]
REFERENCES = [
    ("the cat sat on the mat", "a cat sat on a mat"),
    ("it rains in Porto again",),
    ("we ship it on Tuesday I think",),
]


def test_scores_are_those_of_sacrebleu_with_their_signatures():
    bleu, chrf = figures(GUESSES, REFERENCES, target="en")
    streams = [[r[0] for r in REFERENCES], ["a cat sat on a mat", None, None]]
    assert bleu.value == pytest.approx(BLEU().corpus_score(GUESSES, streams).score)
    assert chrf.value == pytest.approx(CHRF().corpus_score(GUESSES, streams).score)
    assert "tok:13a" in bleu.note
    assert "nrefs:var" in bleu.note


def test_some_sentences_have_a_corpus_score_of_their_own():
    chosen = [2, 0, 2]
    bleu = figures(GUESSES, [r[:1] for r in REFERENCES], target="pt")[0]
    whole = BLEU().corpus_score([GUESSES[i] for i in chosen], [[REFERENCES[i][0] for i in chosen]])
    assert bleu.of(np.array(chosen)) == pytest.approx(whole.score)


def test_languages_without_spaces_are_cut_in_another_way():
    assert "tok:zh" in figures(["你好"], [("你好",)], target="zh")[0].note
    assert "tok:char" in figures(["こんにちは"], [("こんにちは",)], target="ja")[0].note
