"""Whole trainings of tiny models, from a file with examples to an entry that serves."""

import hashlib
import json
import tomllib

import pytest
import torch

from models.catalog import AdapterTask, CatalogError
from models.examples import DataError
from models.load import Loader
from models.training.custom.course import Plan, train
from models.training.custom.loop import Interrupted, Pace
from models.training.custom.made import including

CPU = torch.device("cpu")
PACE = Pace(epochs=6, patience=6, batch=4, rate=2e-2)


@pytest.fixture
def plan(tmp_path, moods):
    return lambda **changed: Plan(
        **{"task": "classify", "data": moods, "base": "tiny", "out": tmp_path / "own", "rank": 4, "held": 0.2}
        | {"pace": PACE}
        | changed
    )


def loaded(catalog, folder):
    """The task of a folder that a training made, with the catalogue that names it."""
    catalog, name = including(catalog, str(folder))
    return Loader(catalog, device=CPU, dtype=torch.float32).task(name)


def answer(task, item):
    pieces = task.prepare(item)
    return task.finish(item, pieces, task.run(pieces))


@pytest.mark.parametrize("rank", [4, None])
def test_labels_are_learned_and_served(plan, tiny_catalog, quiet, rank):
    chosen = plan(rank=rank)
    made = train(chosen, tiny_catalog, CPU, tell=quiet)
    assert made.after["macro F1"] == 1.0
    assert made.before is None
    task = loaded(tiny_catalog, chosen.out)
    assert answer(task, "ana love the release").label == "good"
    assert answer(task, "ana broke the release").label == "bad"
    learning, everything = quiet.started[0][3]
    assert (learning == everything) == (rank is None)
    assert not chosen.state.exists()


@pytest.mark.parametrize("rank", [4, None])
def test_answers_and_their_absence_are_learned_and_served(plan, questions, tiny_catalog, quiet, rank):
    pace = Pace(epochs=25, patience=25, batch=4, rate=2e-2)
    chosen = plan(task="ask", data=questions, rank=rank, pace=pace)
    made = train(chosen, tiny_catalog, CPU, tell=quiet)
    assert made.history[-1].loss < 0.5 * made.history[0].loss
    task = loaded(tiny_catalog, chosen.out)
    found = answer(task, ("who fixed it ?", "user broke the release . fixed ana thanks"))
    assert found.span == (31, 34)
    assert answer(task, ("who fixed it ?", "ana love the user release")).span is None


def test_the_folder_says_all_about_itself(plan, tiny_catalog, quiet):
    chosen = plan()
    made = train(chosen, tiny_catalog, CPU, tell=quiet)
    names = {path.name for path in chosen.out.iterdir()}
    weights = {"adapter_config.json", "adapter_model.safetensors", "head.safetensors"}
    assert names == weights | {"README.md", "config.json", "entry.toml", "training.png"}
    assert (chosen.out / "training.png").read_bytes().startswith(b"\x89PNG")
    card = (chosen.out / "README.md").read_text(encoding="utf-8")
    assert "| taught | 12 | 12 | 24 |" in card
    assert "| macro F1 | 1.000 |" in card
    assert made.entries in card.replace("```", "\n")
    entry = tomllib.loads(made.entries)["tasks"]["own"]
    assert AdapterTask.model_validate(entry).adapter == str(chosen.out)
    sums = json.loads((chosen.out / "config.json").read_text())["sha256"]
    assert sums["head.safetensors"] == hashlib.sha256((chosen.out / "head.safetensors").read_bytes()).hexdigest()


def test_a_model_goes_on_from_its_own_head(plan, tiny_catalog, quiet, tmp_path):
    train(plan(), tiny_catalog, CPU, tell=quiet)
    again = plan(base=str(tmp_path / "own"), out=tmp_path / "next", pace=Pace(epochs=1, rate=1e-6))
    made = train(again, tiny_catalog, CPU, tell=quiet)
    assert made.before == made.after == {"accuracy": 1, "macro recall": 1, "macro F1": 1}
    assert quiet.started[1][0].startswith("tiny+own@")
    assert "no better" in made.notes[0]


def test_the_same_seed_gives_the_same_weights(plan, tiny_catalog, quiet, tmp_path):
    pace = Pace(epochs=2, batch=4)
    for out in ("a", "b"):
        train(plan(out=tmp_path / out, pace=pace), tiny_catalog, CPU, tell=quiet)
    train(plan(out=tmp_path / "c", pace=Pace(epochs=2, batch=4, seed=1)), tiny_catalog, CPU, tell=quiet)
    a, b, c = ((tmp_path / out / "head.safetensors").read_bytes() for out in "abc")
    assert a == b != c


def test_a_stopped_training_goes_on_to_the_same_weights(plan, tiny_catalog, quiet, tmp_path):
    whole, cut = plan(out=tmp_path / "whole"), plan(out=tmp_path / "cut")
    train(whole, tiny_catalog, CPU, tell=quiet)
    steps, quiet.steps = quiet.steps, 0
    with pytest.raises(Interrupted):
        train(cut, tiny_catalog, CPU, tell=quiet, stop=lambda: quiet.steps == 16)
    assert not cut.out.exists()
    assert cut.state.is_dir()
    with pytest.raises(CatalogError, match="go on with --resume, or delete it"):
        train(cut, tiny_catalog, CPU, tell=quiet)
    with pytest.raises(CatalogError, match="begun with other settings or other data"):
        train(plan(out=cut.out, held=0.3), tiny_catalog, CPU, tell=quiet, resume=True)
    train(cut, tiny_catalog, CPU, tell=quiet, resume=True)
    assert quiet.steps == steps
    assert not cut.state.exists()
    for name in ("head.safetensors", "adapter_model.safetensors"):
        assert (cut.out / name).read_bytes() == (whole.out / name).read_bytes()


def test_what_cannot_begin_leaves_nothing_behind(plan, tiny_catalog, quiet, tmp_path, moods):
    with pytest.raises(CatalogError, match="leave out --resume"):
        train(plan(), tiny_catalog, CPU, tell=quiet, resume=True)
    with pytest.raises(CatalogError, match="there is no entry 'nobody'; choose one of: tiny"):
        train(plan(base="nobody"), tiny_catalog, CPU, tell=quiet)
    with pytest.raises(DataError, match="'good' is none of negative, neutral, positive"):
        train(plan(task="sentiment"), tiny_catalog, CPU, tell=quiet)
    moods.write_text(moods.read_text() + "\u200b,good\n", encoding="utf-8")
    with pytest.raises(DataError, match="line 32: there are no words to read"):
        train(plan(), tiny_catalog, CPU, tell=quiet)
    assert [path.name for path in tmp_path.iterdir()] == ["moods.csv"]


def test_a_folder_that_is_there_is_not_touched(plan, tiny_catalog, quiet, tmp_path):
    (tmp_path / "own").mkdir()
    with pytest.raises(CatalogError, match="is there already"):
        train(plan(), tiny_catalog, CPU, tell=quiet)
