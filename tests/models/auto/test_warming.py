"""Compiling, and running a task at every length before anybody asks."""

import pytest
import torch
from transformers import AutoModelForSequenceClassification

from models import auto
from models.auto import opening, warming
from models.catalog import SequenceTask
from models.types import ModelUnavailable, TextRefused

from ..families import checkpoint, entry
from ..families_encoders import bert

CPU = {"device": torch.device("cpu"), "dtype": torch.float32}
LABELS = {"id2label": {0: "negative", 1: "positive"}, "label2id": {"negative": 0, "positive": 1}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("warming") / "bert"
    return checkpoint(folder, AutoModelForSequenceClassification, *bert(**LABELS))


class Recorder:
    """A task of words; longer texts than `most` words are refused, and what it runs may break."""

    def __init__(self, most=10**6, error=None):
        self.batches, self._most, self._error = [], most, error

    def prepare(self, item):
        if len(item.split()) > self._most:
            raise TextRefused("long", limit=self._most)
        return [len(item.split())]

    def run(self, pieces):
        self.batches.append(list(pieces))
        if self._error:
            raise self._error


def wanted(folder, **fields):
    return SequenceTask(**entry(folder, "sequence", **fields))


def test_each_length_is_run_alone_and_with_another_row(folder):
    recorder = Recorder()
    warming.warm(recorder, wanted(folder))
    assert recorder.batches == [[length] * rows for length in warming.WORDS for rows in (1, 2)]


def test_warming_stops_at_what_the_task_refuses(folder):
    recorder = Recorder(most=20)
    warming.warm(recorder, wanted(folder))
    assert recorder.batches == [[4], [4, 4], [16], [16, 16]]


def test_what_cannot_be_compiled_is_said_with_what_to_do(folder):
    with pytest.raises(ModelUnavailable, match="bert cannot be compiled on this machine; set compile = false"):
        warming.warm(Recorder(error=RuntimeError("no compiler")), wanted(folder))


def test_a_compiled_model_answers_as_it_does_otherwise_and_compiles_nothing_once_it_is_warm(folder, monkeypatch):
    made = []

    def eager(graph, inputs):
        made.append(len(inputs))
        return graph.forward

    compile_ = torch.nn.Module.compile
    monkeypatch.setattr(torch.nn.Module, "compile", lambda self, **how: compile_(self, backend=eager, **how))
    task, plain = (auto.load(folder, wanted(folder, compile=compiled), **CPU) for compiled in (True, False))
    warm = len(made)
    assert warm
    for texts in (["We love it"], ["We love it", "Thanks a lot"], ["Who fixed the release? " * 4] * 5):
        pieces = [task.prepare(text)[0] for text in texts]
        assert torch.allclose(torch.tensor(task.run(pieces)), torch.tensor(plain.run(pieces)), atol=1e-5)
    assert len(made) == warm


def test_a_model_is_not_compiled_unless_its_entry_says_so(folder):
    found = opening.model(AutoModelForSequenceClassification, folder, wanted(folder), **CPU)
    assert found._compiled_call_impl is None
