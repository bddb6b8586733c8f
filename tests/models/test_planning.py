"""Whole checkpoints on hosts that are made up: where a profile's entries go, and what is refused before it is read."""

import pytest
import torch
from transformers import AutoModelForSequenceClassification

from models.load import Loader
from models.placement import Device, Host
from models.planning import Planner
from models.types import ModelUnavailable

from .families import catalogue, checkpoint, entry
from .families_encoders import bert

GB = 10**9
HOST = Host([Device("cuda:0", 8 * GB, "float16"), Device("cuda:1", 9 * GB, "bfloat16"), Device("cpu", 64 * GB)])
LABELS = {"id2label": {0: "negative", 1: "positive"}, "label2id": {"negative": 0, "positive": 1}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planning") / "bert"
    return checkpoint(folder, AutoModelForSequenceClassification, *bert(**LABELS))


@pytest.fixture
def served(folder, tmp_path):
    """A catalogue with entries that differ in these fields."""

    def serve(**tasks):
        return catalogue(tmp_path, {name: entry(folder, "sequence", **fields) for name, fields in tasks.items()})

    return serve


def planner(catalog, host=HOST, *, device="auto", dtype="auto"):
    return Planner(catalog, None, device=device, dtype=dtype, look=lambda: host)


def fetched(gigabytes):
    """An entry of the hub that is not here; its size tells."""
    return {"source": "hub:owner/name", "size": gigabytes * GB}


def test_a_profile_is_placed_as_a_whole(served):
    planned = planner(served(a=fetched(2), b=fetched(4), c=fetched(1), d={"device": "cpu"}))
    assert [planned.devices(name) for name in "abcd"] == [("cuda:0",), ("cuda:1",), ("cuda:0",), ("cpu",)]


@pytest.mark.parametrize(("device", "found"), [("cpu", "cpu"), ("cuda:0", "cuda:0"), ("cuda", "cuda:1"), ("auto", "cuda:1")])
def test_the_setting_says_where_those_without_a_device_go(served, device, found):
    assert planner(served(a={}), device=device).devices("a") == (found,)


def test_an_entry_with_a_list_of_devices_gets_replicas(served):
    assert planner(served(a={"device": ["cuda:1", "cpu"]})).devices("a") == ("cuda:1", "cpu")


def test_an_entry_for_a_device_that_is_not_here_is_refused_alone(served):
    planned = planner(served(a={"device": "cuda:5"}, b={}))
    assert planned.devices("b") == ("cuda:1",)
    with pytest.raises(ModelUnavailable, match="'cuda:5' is not available here; choose one of: auto, cuda:0, cuda:1, cpu"):
        planned.devices("a")


def test_a_model_is_checked_against_what_is_free_when_it_is_loaded(served, folder):
    full = Host([Device("cuda:0", 1000, "float16"), Device("cpu", GB)])
    catalog = served(a={})
    with pytest.raises(ModelUnavailable, match=r'bert needs 268 MB on cuda:0, where 0 MB are free; set device = "cpu"'):
        planner(catalog, full).check("a", catalog.tasks["a"], folder, "cuda:0")
    planner(catalog, full).check("a", catalog.tasks["a"], folder, "cpu")


def test_the_loader_refuses_what_does_not_fit_and_loads_it_once_there_is_room(served):
    hosts = [Host([Device("cpu", 1000)])]
    loader = Loader(served(a={}), device=torch.device("cpu"), look=lambda: hosts[-1])
    with pytest.raises(ModelUnavailable, match="nothing here has room for it"):
        loader.task("a", "cpu")
    hosts.append(Host([Device("cpu", 4 * GB)]))
    task = loader.task("a", "cpu")
    assert len(task.run(task.prepare("We love it"))) == 1


def test_what_belongs_to_the_profile_itself_stays_on_the_loaders_device(served):
    loader = Loader(served(a={}), device=torch.device("cpu"), wish="auto", look=lambda: HOST)
    assert loader.devices("intent") == ("cpu",)
    assert loader.devices("a") == ("cuda:1",)
