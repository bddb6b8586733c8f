"""What would become of a profile's entries on hosts that are made up."""

import re

import pytest
from transformers import AutoModelForSequenceClassification

from models import catalog, survey
from models.placement import Device, Host
from models.types import ModelUnavailable

from .families import catalogue, checkpoint, entry
from .families_encoders import bert

GB = 10**9
HOST = Host([Device("cuda:0", 8 * GB, "bfloat16"), Device("cpu", 64 * GB)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return checkpoint(tmp_path_factory.mktemp("survey") / "bert", AutoModelForSequenceClassification, *bert())


@pytest.fixture
def found(folder, tmp_path):
    """What becomes of an entry with these fields."""

    def find(host=HOST, device="auto", places=None, **fields):
        fields |= {"device": places} if places else {}
        served = catalogue(tmp_path, {"mine": entry(folder, "sequence", **fields)})
        return next(each for each in survey.survey(served, None, host, device=device) if each.name == "mine")

    return find


def test_what_is_here_is_counted_to_the_last_parameter(found, folder):
    mine = found()
    [placing] = mine.placings
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    assert placing.want.footprint.parameters == sum(each.numel() for each in model.parameters())
    assert (mine.here, placing.precision, placing.device.name, placing.fits) == (True, "bfloat16", "cuda:0", True)
    assert re.fullmatch(r"Goes to cuda:0, where 7\.\d GB are left for it\.", mine.words)


def test_what_is_not_here_is_told_by_its_size(found):
    mine = found(source="hub:owner/name", size=2 * GB)
    assert (mine.here, mine.placings[0].weights) == (False, GB)
    assert mine.words.startswith("Not fetched; by the size of its download it goes to cuda:0")


def test_what_nothing_tells_of_is_said_to_be_unknown(found):
    mine = found(source="hub:owner/name")
    assert (mine.placings, mine.words) == ((), "Not fetched, and its entry does not tell its size.")


def test_what_does_not_fit_is_told_with_what_would(found):
    mine = found(source="hub:owner/name", size=30 * GB)
    assert not mine.placings[0].fits
    assert re.search(r'needs 18\.8 GB on cuda:0, where 7\.\d GB are free; set device = "cpu" \(37\.5 GB\)', mine.words)


def test_each_replica_is_told(found):
    mine = found(places=["cuda:0", "cpu"])
    assert [(each.device.name, each.precision) for each in mine.placings] == [("cuda:0", "bfloat16"), ("cpu", "float32")]
    assert re.match(r"Goes to cuda:0, where 7\.\d GB are left for it and cpu, where 64\.0 GB are", mine.words)


def test_a_device_that_is_not_here_is_told(found):
    mine = found(places="cuda:4")
    assert (mine.placings, mine.words) == (
        (),
        "The device 'cuda:4' is not available here; choose one of: auto, cuda:0, cpu.",
    )
    with pytest.raises(ModelUnavailable, match="cuda:3"):
        found(device="cuda:3")


def test_the_default_profile_is_all_here_and_fits_anywhere():
    for host in (HOST, Host([Device("cpu", 2 * GB)])):
        prospects = [*survey.survey(catalog.read("offline"), None, host)]
        assert {each.name for each in prospects} == {"minilm"} | catalog.read("offline").tasks.keys()
        assert all(each.here and each.placings[0].fits for each in prospects)
        assert {each.placings[0].device.name for each in prospects} == {host.devices[0].name}
