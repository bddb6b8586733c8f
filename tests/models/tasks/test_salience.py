import json
from pathlib import Path

import numpy as np
import pytest
import torch

import models
from models.tasks.salience import SCALARS, Weigh, features
from models.types import TextRefused

THREAD = ["the release broke . who did it ?", "ana did", "👍", "thanks ana . we love it"]


LONG = "we love it . " + "the release broke " * 10 + ". who did it ?"


@pytest.fixture
def weigh(tiny_encoder):
    torch.manual_seed(1)
    shapes = {"up.weight": (8, 3 * 16 + SCALARS), "up.bias": (8,), "out.weight": (1, 8), "out.bias": (1,)}
    head = {f"head.{name}": torch.randn(shape) for name, shape in shapes.items()}
    return Weigh(tiny_encoder, head, window=8, limit=1000, model="tiny@1")


def run(task, *threads):
    pieces = [task.prepare(thread) for thread in threads]
    raw = iter(task.run([piece for some in pieces for piece in some]))
    return [task.finish(thread, some, [next(raw) for _ in some]) for thread, some in zip(threads, pieces, strict=True)]


def test_every_excerpt_is_weighed_in_order(weigh):
    (found,) = run(weigh, THREAD)
    said = [THREAD[s.turn][s.start : s.end] for s in found.excerpts]
    assert said == [THREAD[0], THREAD[1], THREAD[3]]
    assert len({s.score for s in found.excerpts}) > 1
    assert found.model == "tiny@1"


def test_a_long_turn_is_weighed_sentence_by_sentence(weigh):
    (found,) = run(weigh, ["ana did", LONG])
    said = [LONG[s.start : s.end] for s in found.excerpts if s.turn == 1]
    assert (said[0], said[-1]) == ("we love it .", "who did it ?")


def test_vectors_have_unit_length(weigh):
    (found,) = run(weigh, THREAD)
    assert np.linalg.norm([s.vector for s in found.excerpts], axis=1) == pytest.approx(1, abs=1e-5)


def test_a_thread_is_weighed_alike_whoever_shares_its_batch(weigh):
    other = ["we did it", "the release . thanks ? it broke the release : who"]
    _, together = run(weigh, other, THREAD)
    (alone,) = run(weigh, THREAD)
    assert [s.score for s in together.excerpts] == pytest.approx([s.score for s in alone.excerpts], abs=1e-4)


def test_what_an_excerpt_tells_depends_on_its_thread(weigh):
    (first,), (second,) = (run(weigh, ["ana did", *rest]) for rest in (["we love it"], ["the release broke", "who ?"]))
    assert first.excerpts[0].score != pytest.approx(second.excerpts[0].score, abs=1e-4)


def test_only_the_most_telling_of_very_many_are_returned(tiny_encoder, weigh):
    long = [f"{word} did it" for word in ("ana", "we", "the", "user", "release", "who", "love", "thanks")]
    (whole,) = run(weigh, long)
    weigh._kept = 3
    (best,) = run(weigh, long)
    assert sorted(s.score for s in best.excerpts) == sorted(s.score for s in whole.excerpts)[-3:]
    assert [s.turn for s in best.excerpts] == sorted(s.turn for s in best.excerpts)


@pytest.mark.parametrize("thread", [[], [""], ["👍", "https://example.org"]])
def test_a_thread_without_words_has_no_excerpts(weigh, thread):
    assert weigh.prepare(thread) == []
    assert weigh.finish(thread, [], []).excerpts == ()


def test_pieces_stay_within_the_window(weigh):
    assert max(piece.size for piece in weigh.prepare(["we love it " * 20])) == 8


def test_a_thread_over_the_limit_is_refused(weigh):
    with pytest.raises(TextRefused) as refused:
        weigh.prepare(["it " * 200, "we " * 200])
    assert (refused.value.reason, refused.value.limit) == ("long", 1000)


def test_features_of_one_excerpt_are_finite(weigh):
    pieces = weigh.prepare(["ana did"])
    seen = features(["ana did"], pieces, np.stack(weigh.run(pieces)))
    assert seen.shape == (1, 3 * 16 + SCALARS)
    assert np.isfinite(seen).all()


def test_the_committed_head_fits_the_features():
    from safetensors import safe_open

    folder = Path(models.__file__).parent / "weights" / "salience"
    assert json.loads((folder / "config.json").read_text())["window"] > 0
    with safe_open(folder / "head.safetensors", "pt") as head:
        assert head.get_slice("head.up.weight").get_shape()[1] == 3 * 384 + SCALARS
