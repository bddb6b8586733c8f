"""A tiny encoder in the catalogue, and examples that it can learn."""

import csv

import pytest
import torch

from models import catalog


@pytest.fixture(autouse=True)
def _one_core():
    """To wake another core takes longer than what so small a network computes."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def tiny_catalog(tmp_path_factory, tiny_model, tiny_tokenizer):
    """A catalogue with one encoder, `tiny`, and no tasks."""
    folder = tmp_path_factory.mktemp("tiny")
    tiny_model.save_pretrained(folder)
    tiny_tokenizer.save(str(folder / "tokenizer.json"))
    about = {"name": "tiny", "revision": "1", "licence": "MIT", "source": f"path:{folder}"}
    return catalog.Catalog.model_validate({"encoders": {"tiny": about}, "tasks": {}})


@pytest.fixture
def moods(tmp_path):
    """Texts of two labels, which one word tells apart."""
    words = "the release it who ana did user @ . ?".split()
    rows = [(f"{word} love {other}", "good") for word in words[:5] for other in words[5:8]]
    rows += [(f"{word} broke {other}", "bad") for word in words[:5] for other in words[5:8]]
    return _written(tmp_path / "moods.csv", ("text", "label"), rows)


@pytest.fixture
def questions(tmp_path):
    """Questions whose answer is who follows "fixed", and some without an answer."""
    people = ["ana", "user", "we"]
    rows = [("who fixed it ?", f"{a} broke the release . fixed {b} thanks", b) for a in people for b in people if a != b]
    rows += [("who fixed it ?", f"{a} love the {b} release", "") for a in people for b in people if a != b]
    return _written(tmp_path / "questions.csv", ("question", "context", "answer"), rows)


def _written(path, head, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])
    return path


class Quiet:
    """Hears what a training tells, and keeps it."""

    def __init__(self):
        self.started, self.epochs, self.steps = [], [], 0

    def begun(self, base, taught, held, learning):
        self.started.append((base, taught, held, learning))

    def step(self, epoch, step, steps, loss):
        self.steps += 1

    def epoch(self, epoch, *, best):
        self.epochs.append((epoch, best))


@pytest.fixture
def quiet():
    return Quiet()
