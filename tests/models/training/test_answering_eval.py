"""What is asked of the answering task, and that it is the task which is served, with the weights that were given."""

import json
import sys

import pytest
import torch
from safetensors.torch import save_file

from models.tasks.extract import Passage
from models.tasks.int8 import available
from models.training.answering import scenes
from models.training.answering_data import Paragraph
from models.training.answering_eval import asked_of_scenes, main, measured, on_scenes, served
from models.training.encoder import seal
from models.types import Extraction

NAMES = "Ada Grace Linus Guido Barbara Donald Edsger Tony Niklaus Alan".split()


class Search:
    """Answers "Where is NAME?" with the name's place in the context, and declines where it is not there."""

    def prepare(self, item):
        return [Passage([0] * len(item[1]), 0, [])]

    def run(self, pieces):
        return [None] * len(pieces)

    def finish(self, item, pieces, raw):
        question, context = item
        name = question.removesuffix("?").split()[-1]
        at = context.find(name)
        span = (at, at + len(name)) if at >= 0 else None
        return Extraction(span, 1.0, span or (0, 1), 1.0 if span else -1.0, "search")


@pytest.fixture
def root(tmp_path):
    """An article of ten paragraphs about one name each, and six scenes in which a name is said; the last says two."""

    def asked(name, start):
        answer = {"text": name, "answer_start": start, "n_occurrences": 1}
        return {"question": f"Where is {name}?", "answers": [answer]}

    paragraphs = [{"context": f"This is {name}.", "qas": [asked(name, 8)] * 6} for name in NAMES]
    squad, friends = tmp_path / "qa/squad11_train", tmp_path / "qa/friendsqa_dev"
    squad.mkdir(parents=True)
    (squad / "train.json").write_text(json.dumps({"data": [{"title": "Names", "paragraphs": paragraphs}]}))
    friends.mkdir()
    said = [*NAMES[:5], f"{NAMES[5]} and {NAMES[4]}"]
    data = [{"title": words, "paragraphs": [scene(words)]} for words in said]
    (friends / "friendsqa_dev.json").write_text(json.dumps({"data": data}))
    return tmp_path


def scene(words):
    name = words.split()[0]
    answer = {"answer_text": name, "utterance_id": 0, "is_speaker": False}
    turn = {"uid": 0, "speakers": ["Someone"], "utterance": f"I saw {words}."}
    return {"utterances:": [turn], "qas": [{"question": f"Where is {name}?", "answers": [answer]}]}


def test_questions_are_put_to_their_own_scene_and_to_the_next():
    held = [Paragraph(name, f"{name} is here.", [(f"Who is {name}?", [(0, len(name))])]) for name in NAMES[:3]]
    own, other = asked_of_scenes(held)
    assert own[0] == ("Who is Ada?", "Ada is here.", ["Ada"])
    assert other == [
        ("Who is Ada?", "Grace is here.", []),
        ("Who is Grace?", "Linus is here.", []),
        ("Who is Linus?", "Ada is here.", []),
    ]


def test_a_task_that_finds_every_name_is_told_so(root):
    figures = measured(Search(), root, 3000, "float32")
    articles = figures["SQuAD"]
    assert 0 < articles["unanswerable ones"] < articles["questions"] <= 60
    assert articles["answerable F1, best span"] == 100
    assert articles["as served"] == {"answerable F1 with declines": 100, "unanswerable declined": 100}
    # Whatever share is asked for, all unanswerable questions have the margin -1.
    assert [row["threshold"] for row in articles["at other thresholds"]] == [-1] * 4
    # Two scenes are held out, and the name of the first is also said in the second.
    assert figures["FriendsQA"] == {"questions": 2, "F1, best span": 100, "answered": 100, "declined of another scene": 50}


def test_no_more_is_asked_than_was_wanted(root):
    figures = measured(Search(), root, 12, "float32")
    assert figures["SQuAD"]["questions"] == 12
    figures = on_scenes(Search(), scenes(root)[1], 1, "test")
    assert (figures["questions"], figures["declined of another scene"]) == (1, 0)


def weights(folder, **changed):
    """A head on the encoder as it is, in a folder as recipes write it."""
    torch.manual_seed(5)
    folder.mkdir()
    save_file({"head.weight": torch.randn(2, 384), "head.bias": torch.zeros(2)}, folder / "head.safetensors")
    seal(folder, {"window": 24, "stride": 4, "longest": 8, "threshold": 0.0} | changed)
    return folder


@pytest.mark.real
def test_the_task_is_served_as_the_folder_describes_it(tmp_path):
    item = ("Who wrote the parser?", "Ada wrote the parser in May. " * 9)
    task = served(weights(tmp_path / "mine", threshold=-1e9))
    pieces = task.prepare(item)
    assert max(piece.size for piece in pieces) == 24
    found = task.finish(item, pieces, task.run(pieces))
    assert found.span == found.best
    assert found.score == pytest.approx(1, abs=1e-12)  # as only so low a threshold gives it
    assert "+mine@" in found.model


@pytest.mark.real
@pytest.mark.skipif(not available(), reason="this build of torch has no 8-bit kernels")
def test_the_command_prints_and_writes_the_figures_of_both_precisions(root, tmp_path, monkeypatch, capsys):
    folder, out = weights(tmp_path / "mine", threshold=0.25), tmp_path / "figures.json"
    arguments = {"--data": root, "--weights": folder, "--questions": 20, "--out": out, "--threads": torch.get_num_threads()}
    flat = [str(part) for pair in arguments.items() for part in pair]
    monkeypatch.setattr(sys, "argv", ["answering_eval", *flat, "--int8"])
    main()
    figures = json.loads(capsys.readouterr().out)
    assert figures == json.loads(out.read_text())
    assert figures["weights"].startswith("mine@")
    assert figures["threshold"] == 0.25
    assert figures["float32"]["SQuAD"]["questions"] == figures["int8"]["SQuAD"]["questions"] == 20
    exact, rounded = ([row["threshold"] for row in figures[p]["SQuAD"]["at other thresholds"]] for p in ("float32", "int8"))
    assert exact != rounded
    assert exact == pytest.approx(rounded, abs=3)
