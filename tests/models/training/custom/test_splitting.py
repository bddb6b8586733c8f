import pytest

from models.examples import Asked, Labelled
from models.training.custom.splitting import by_context, by_label

ROWS = [Labelled(f"text {n}", "rare" if n % 10 == 0 else "common") for n in range(60)]


def test_each_label_keeps_its_share():
    taught, held = by_label(ROWS, held=0.2, seed=0)
    assert sorted(map(repr, taught + held)) == sorted(map(repr, ROWS))
    assert [row.label for row in held].count("rare") == 1
    assert len(held) == 12


def test_a_seed_tells_which():
    assert by_label(ROWS, held=0.2, seed=1) == by_label(ROWS, held=0.2, seed=1)
    assert by_label(ROWS, held=0.2, seed=1) != by_label(ROWS, held=0.2, seed=2)


def test_every_label_is_held_out_however_small_the_share():
    _, held = by_label(ROWS, held=0.01, seed=0)
    assert {row.label for row in held} == {"rare", "common"}


@pytest.mark.parametrize("contexts", [1, 5])
def test_questions_of_a_context_stay_together(contexts):
    rows = [Asked(f"question {n}?", f"context {n % contexts}", ()) for n in range(20)]
    taught, held = by_context(rows, held=0.2, seed=0)
    assert len(held) == 4
    assert len(taught) == 16
    if contexts > 1:
        assert {row.context for row in taught}.isdisjoint(row.context for row in held)
