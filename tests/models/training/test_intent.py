from __future__ import annotations

import random
import re

import pytest
import torch

from models.training import intent, intent_data
from models.training.intent_data import LABELS, PHRASES, Wording


def test_every_intent_has_many_wordings_of_several_families() -> None:
    own = list(intent_data.own(each=1, rng=random.Random(0)))
    for label in LABELS:
        mine = [wording for wording in own if wording.intent == label]
        assert len({wording.text for wording in mine}) > 180
        assert len({wording.family for wording in mine}) >= 5


def test_no_template_is_left_unfilled() -> None:
    texts = [wording.text for wording in intent_data.own(each=2, rng=random.Random(0))]
    assert not [text for text in texts if re.search(r"[{}|]", text)]


def test_fixed_seeds_give_the_same_wordings() -> None:
    first, second = (list(intent_data.own(each=3, rng=random.Random(5))) for _ in range(2))
    assert first == second


def test_no_phrase_file_repeats_itself() -> None:
    for path in PHRASES.glob("*.toml"):
        for family, texts in intent_data.families(path).items():
            assert len(texts) == len(set(texts)), (path.name, family)


def test_development_wordings_are_never_trained_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for corpus in ("clinc", "hwu", "trivia", "dialogue", "meetings"):
        monkeypatch.setattr(intent_data, corpus, lambda *_: [])
    held = {intent_data.plain(wording.text) for wording in intent_data.dev()}
    monkeypatch.setattr(intent_data, "vary", lambda wording, _: wording)
    trained = intent.course(PHRASES, seed=1, epochs=1, without=frozenset({"help/docs"}))
    assert not held & {intent_data.plain(wording.text) for wording in trained}
    assert "help/docs" not in {wording.family for wording in trained}


def test_fillings_come_from_choices_and_slots() -> None:
    filled = {intent_data.fill("(who|when) {do}?", {"do": ["ships", "leaves"]}, random.Random(i)) for i in range(40)}
    assert filled == {"who ships?", "who leaves?", "when ships?", "when leaves?"}


def test_a_slip_changes_one_place() -> None:
    rng = random.Random(3)
    slips = {intent_data.slip("summarize", rng) for _ in range(50)}
    assert all(abs(len(slip) - len("summarize")) <= 1 for slip in slips)
    assert len(slips) > 5


def test_thin_keeps_a_share_of_each_family_without_duplicates() -> None:
    rows = [Wording(f"text {i // 2}", "ask", "a") for i in range(40)] + [
        Wording("Text!", "ask", "b"),
        Wording("text", "ask", "b"),
    ]
    kept = intent_data.thin(rows, most=5, rng=random.Random(0))
    assert [sum(row.family == family for row in kept) for family in "ab"] == [5, 1]


def test_the_shift_finds_the_line_between_the_sides() -> None:
    """Requests lead "unsure" by 3, other messages by 1: only a shift between puts both right."""
    scores, labels = torch.zeros(40, len(LABELS)), torch.zeros(40, dtype=torch.long)
    scores[:, 0] = 8.0
    scores[:20, intent.UNSURE], scores[20:, intent.UNSURE] = 5.0, 7.0
    labels[20:] = intent.UNSURE
    assert intent.shares(scores, labels) == (1.0, 0.0)
    shift = intent.best_shift(scores, labels)
    assert 1.0 < shift < 3.0
    scores[:, intent.UNSURE] += shift
    assert intent.shares(scores, labels) == (1.0, 1.0)


def test_below_even_odds_it_is_unsure() -> None:
    close = torch.zeros(1, len(LABELS))
    close[0, 0], close[0, 1] = 3.0, 2.9
    assert intent.decided(close).tolist() == [intent.UNSURE]
