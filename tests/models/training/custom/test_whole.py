"""Checkpoints of transformers, trained and opened again as entries of the catalogue."""

import pytest
import torch
from transformers import (
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    BertConfig,
    BertTokenizer,
    RobertaConfig,
    RobertaTokenizer,
)

from models.catalog import CatalogError
from models.load import Loader
from models.training.custom.course import Plan, train
from models.training.custom.loop import Pace
from models.training.custom.made import extended, including
from models.types import ModelUnavailable
from tests.models import families

CPU = torch.device("cpu")
SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
WORDS = ["who fixed it ? ana broke the release . fixed ana thanks we love user did @"] * 4


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory, tiny_catalog):
    """A BERT with three feelings, a RoBERTa with SQuAD's head, and a translator."""
    folder = tmp_path_factory.mktemp("whole")
    vocabulary = families.wordpiece(WORDS, size=80)
    labels = {"id2label": {0: "POS", 1: "NEU", 2: "NEG"}, "label2id": {"POS": 0, "NEU": 1, "NEG": 2}}
    bert = BertConfig(vocab_size=len(vocabulary), max_position_embeddings=64, **SIZES, **labels)
    families.checkpoint(folder / "bert", AutoModelForSequenceClassification, bert, BertTokenizer(vocab=vocabulary))
    merges = families.bpe(WORDS, size=300)
    roberta = RobertaConfig(vocab_size=len(merges.vocab), max_position_embeddings=66, pad_token_id=1, **SIZES)
    reader = RobertaTokenizer(vocab=merges.vocab, merges=merges.merges)
    families.checkpoint(folder / "roberta", AutoModelForQuestionAnswering, roberta, reader)
    tasks = {
        "feelings": families.entry(folder / "bert", "sequence"),
        "answers": families.entry(folder / "roberta", "span", stride=8, longest=5),
        "translator": families.entry(folder / "bert", "translate", languages=["en", "pt"]),
    }
    return extended(tiny_catalog, encoders={}, tasks=tasks)


def trained(catalogue, quiet, **fields):
    plan = Plan(**{"rank": 4, "held": 0.2, "pace": Pace(epochs=16, patience=16, batch=4, rate=1e-2)} | fields)
    made = train(plan, catalogue, CPU, tell=quiet)
    catalogue, name = including(catalogue, str(plan.out))
    return made, catalogue.tasks[name], Loader(catalogue, device=CPU, dtype=torch.float32).task(name)


def answer(task, item):
    pieces = task.prepare(item)
    return task.finish(item, pieces, task.run(pieces))


@pytest.mark.parametrize("rank", [4, None])
def test_labels_of_ones_own_get_a_new_head(catalogue, moods, quiet, tmp_path, rank):
    fields = {"task": "classify", "data": moods, "base": "feelings", "out": tmp_path / "own", "rank": rank}
    made, entry, task = trained(catalogue, quiet, **fields)
    assert made.after["macro F1"] == 1
    assert entry.kind == "sequence"
    assert entry.licence == "MIT"
    assert entry.revision == entry.sha256["model.safetensors"][:12]
    assert answer(task, "ana love the release").label == "good"
    assert set(answer(task, "ana broke the release").scores) == {"good", "bad"}


def test_a_head_for_the_same_labels_goes_on(catalogue, quiet, tmp_path):
    data = tmp_path / "feelings.csv"
    words = {"negative": "broke", "neutral": "did", "positive": "love"}
    rows = [f"{who} {word} {what},{label}" for label, word in words.items() for who in ("ana", "we", "user")
            for what in ("it", "the release", "@")]  # fmt: skip
    data.write_text("\n".join(["text,label", *rows]))
    fields = {"task": "sentiment", "data": data, "base": "feelings", "out": tmp_path / "own", "rank": None}
    made, _, task = trained(catalogue, quiet, **fields)
    assert made.before is not None
    assert made.after["macro F1"] > made.before["macro F1"]
    for label in ("negative", "positive"):
        assert answer(task, f"ana {words[label]} it").label == label


def test_answers_are_learned(catalogue, questions, quiet, tmp_path):
    made, entry, task = trained(catalogue, quiet, task="ask", data=questions, base="answers", out=tmp_path / "own")
    assert made.before is not None
    assert entry.kind == "span"
    assert (entry.stride, entry.longest) == (8, 5)
    context = "user broke the release . fixed ana thanks"
    assert context[slice(*answer(task, ("who fixed it ?", context)).span)] == "ana"


def test_what_cannot_learn_the_task_is_refused(catalogue, moods, questions, quiet, tmp_path):
    plan = {"out": tmp_path / "own", "rank": 4, "held": 0.2, "pace": Pace(epochs=1)}
    with pytest.raises(CatalogError, match="translator cannot be trained; choose one of: tiny, feelings, answers"):
        train(Plan(task="classify", data=moods, base="translator", **plan), catalogue, CPU, tell=quiet)
    moods.write_text(moods.read_text().replace("good", "positive").replace("bad", "negative"))
    with pytest.raises(ModelUnavailable, match="needs examples of neutral"):
        train(Plan(task="classify", data=moods, base="feelings", **plan), catalogue, CPU, tell=quiet)
