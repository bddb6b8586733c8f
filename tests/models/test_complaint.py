import pytest
from pydantic import ValidationError

from models.catalog import AdapterTask, Catalog, Checkpoint, StudentTask, Whole
from models.complaint import EXPECTED, complaint

HUB = {"name": "m", "source": "hub:a/m", "revision": "main", "licence": "MIT"}


def sentence(**entries):
    with pytest.raises(ValidationError) as wrong:
        Catalog.model_validate(entries)
    return complaint(wrong.value)


def task(kind, **fields):
    return sentence(tasks={"mood": {"kind": kind} | HUB | fields})


def test_every_key_says_what_it_takes():
    kinds = (Checkpoint, AdapterTask, StudentTask, *Whole.__args__)
    assert {name for kind in kinds for name in kind.model_fields} == set(EXPECTED)


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("sequence", {"tokens": 0}, "tasks.mood.tokens must be a whole number from 1 up, not 0"),
        ("sequence", {"source": "m"}, f"tasks.mood.source must be {EXPECTED['source']}, not 'm'"),
        ("sequence", {"source": "hub:m"}, f"tasks.mood.source must be {EXPECTED['source']}, not 'hub:m'"),
        ("sequence", {"dtype": "int3"}, "tasks.mood.dtype must be auto, float32, bfloat16 or float16, not 'int3'"),
        ("sequence", {"sha256": {"a": "1"}}, f"tasks.mood.sha256 must be {EXPECTED['sha256']}, not '1'"),
        ("sequence", {"token": 3}, "tasks.mood.token is not a key that is known there"),
        ("student", {"pair": ["en"], "characters": 3}, f"tasks.mood.pair must be {EXPECTED['pair']}, not ['en']"),
        ("zero-shot", {}, f"tasks.mood.hypotheses is missing: it must be {EXPECTED['hypotheses']}"),
        ("translate", {"between": [["x", "de"]]}, f"tasks.mood.between must be {EXPECTED['between']}, not 'x'"),
    ],
)
def test_a_wrong_entry_is_told_by_key_and_by_what_was_expected(kind, fields, said):
    assert task(kind, **fields) == said


def test_a_kind_that_is_not_known_is_told_with_those_that_are():
    assert task("guess").startswith("tasks.mood.kind must be one of 'classify', ")
    assert sentence(tasks={"mood": HUB}) == "tasks.mood.kind is missing: it says what the task does"


def test_sections_and_encoders_are_told_too():
    assert sentence(tasks={}, models={}) == "models is not a key that is known there"
    assert sentence(tasks={}, encoders={"e": {}}) == f"encoders.e.name is missing: it must be {EXPECTED['name']}"
    adapted = {"kind": "classify", "encoder": "nobody", "adapter": "a", "characters": 1}
    assert "which is not in [encoders]" in sentence(tasks={"mood": adapted})
