import io
import re
import shutil

import pytest
from rich.console import Console
from transformers import AutoModelForSequenceClassification

from bot.commands import models
from bot.settings import Settings
from bot.wiring import running
from models.catalog import WEIGHTS, CatalogError
from models.types import ModelUnavailable
from tests.hub_fake import COMMIT, Repository, serving
from tests.models.families import checkpoint
from tests.models.families_encoders import bert

ENTRY = """
[tasks.sentiment]
kind = "sequence"
name = "mood"
source = "hub:acme/mood"
revision = "REVISION"
licence = "MIT"
size = 1_500_000
"""
THREE = {0: "negative", 1: "neutral", 2: "positive"}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A real classifier, small and with random weights, as files by name."""
    made = bert(id2label=THREE, label2id={name: i for i, name in THREE.items()})
    folder = checkpoint(tmp_path_factory.mktemp("mood"), AutoModelForSequenceClassification, *made)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def hub(files):
    with serving() as hub:
        hub.repositories["acme/mood"] = Repository(dict(files))
        yield hub


@pytest.fixture
def settings(tmp_path, hub):
    own = tmp_path / "own.toml"
    own.write_text(ENTRY.replace("REVISION", COMMIT))
    return Settings(models=own, models_dir=tmp_path / "models", hub_url=hub.url, device="cpu", dtype="float32")


@pytest.fixture
def out():
    return Console(file=io.StringIO(), width=100, highlight=False)


@pytest.fixture
def err():
    return Console(file=io.StringIO(), width=100, highlight=False)


def told(console):
    text = console.file.getvalue()
    console.file.truncate(0)
    console.file.seek(0)
    return text


def test_a_list_says_what_a_profile_needs_and_what_is_here(settings, out, err):
    assert models.list_(settings, "offline", out) == 0
    before = told(out)
    assert before.startswith("Profile offline: 1.5 MB to fetch\n")
    assert re.search(r"^sentiment +sequence +mood@0123456789 +MIT +1\.5 MB +no", before, re.MULTILINE)
    assert re.search(r"^extract +extract +answering on minilm +[\d.]+ MB +yes", before, re.MULTILINE)
    models.pull(settings, [], out, err, unpinned=False)
    told(out)
    models.list_(settings, "offline", out)
    assert told(out).startswith("Profile offline: all here\n")


def test_a_list_has_every_profile_with_sizes_and_licences(tmp_path, out):
    assert models.list_(Settings(models_dir=tmp_path), None, out) == 0
    listed = told(out)
    assert re.findall("^Profile (.+):", listed, re.MULTILINE) == ["gpu", "hub", "offline"]
    assert " ? " not in listed


def test_a_pull_says_what_came_and_verifying_that_it_is_sound(settings, out, err):
    assert models.pull(settings, ["sentiment"], out, err, unpinned=False) == 0
    lines = told(out).splitlines()
    assert lines[0] == "sentiment: mood@0123456789"
    assert any(line.startswith("  model.safetensors, ") for line in lines)
    assert re.fullmatch(r"  acme/mood is here, at 0123456789, [\d.]+ kB\.", lines[-1])
    assert models.verify(settings, [], out, err) == 0
    assert told(out).splitlines()[-1] == "  acme/mood is as it was locked."
    assert told(err) == ""


@pytest.mark.parametrize("named", ["sentiment", "acme/mood", "mood"])
def test_a_model_is_named_in_any_way(settings, out, err, named):
    assert models.pull(settings, [named], out, err, unpinned=False) == 0


def test_a_model_that_is_not_in_the_profile_is_refused_with_those_that_are(settings, out, err):
    with pytest.raises(ModelUnavailable, match="has no model extract from a hub; it has: sentiment"):
        models.pull(settings, ["extract"], out, err, unpinned=False)


def test_a_profile_that_needs_no_hub_says_so(tmp_path, out, err):
    assert models.pull(Settings(models_dir=tmp_path), [], out, err, unpinned=False) == 0
    assert "needs nothing from a hub" in told(out)


def test_what_fails_is_one_sentence_and_does_not_keep_the_others(settings, out, err):
    other = ENTRY.replace("sentiment", "extract").replace("sequence", "span")
    settings.models.write_text((ENTRY.replace("acme/mood", "acme/gone") + other).replace("REVISION", COMMIT))
    assert models.pull(settings, [], out, err, unpinned=False) == 1
    assert told(err).startswith(f"parley: {settings.hub_url} shows no acme/gone:")
    assert told(out).splitlines()[-1].startswith("  acme/mood is here")


def test_verifying_finds_what_is_damaged_and_what_is_missing(settings, out, err):
    assert models.verify(settings, [], out, err) == 1
    assert "fetch it with: parley models pull acme/mood" in told(err)
    models.pull(settings, [], out, err, unpinned=False)
    [path] = settings.models_dir.rglob("config.json")
    path.write_bytes(path.read_bytes().replace(b"bert", b"best"))
    assert models.verify(settings, [], out, err) == 1
    assert "config.json of mood is damaged" in told(err)


def test_a_branch_is_pulled_only_where_that_is_allowed(settings, out, err):
    settings.models.write_text(ENTRY.replace("REVISION", "main"))
    assert models.pull(settings, [], out, err, unpinned=False) == 1
    assert "--allow-unpinned" in told(err)
    assert models.pull(settings, [], out, err, unpinned=True) == 0


async def test_what_was_pulled_exported_and_imported_serves_without_a_hub(settings, hub, tmp_path, out, err):
    models.pull(settings, [], out, err, unpinned=False)
    assert models.export(settings, tmp_path / "stick", [], out) == 0
    assert told(out).splitlines()[-1] == f"Copied 1 model to {tmp_path / 'stick'}, verified."
    shutil.rmtree(settings.models_dir)
    elsewhere = settings.model_copy(update={"models_dir": tmp_path / "elsewhere"})
    assert models.import_(elsewhere, tmp_path / "stick", out) == 0
    hub.requests.clear()
    async with running(elsewhere) as parley:
        found = await parley.handlers.sentiment.classify("We love it")
    assert found.model == "mood@0123456789"
    assert set(found.scores) == set(THREE.values())
    assert hub.requests == []


async def test_without_its_model_a_request_ends_with_the_command_that_fetches_it(settings, hub):
    async with running(settings) as parley:
        with pytest.raises(ModelUnavailable, match="fetch it with: parley models pull acme/mood"):
            await parley.handlers.sentiment.classify("We love it")
    assert hub.requests == []


def test_what_is_not_here_cannot_be_exported(settings, tmp_path, out):
    with pytest.raises(ModelUnavailable, match="parley models pull acme/mood"):
        models.export(settings, tmp_path / "stick", [], out)
    assert not (tmp_path / "stick").exists()


def test_a_folder_without_models_cannot_be_imported(settings, tmp_path, out):
    with pytest.raises(ModelUnavailable, match="holds no models"):
        models.import_(settings, tmp_path / "nothing", out)


def test_an_adapter_is_shared_with_its_card_and_the_lines_to_use_it(settings, hub, tmp_path, out):
    shutil.copytree(WEIGHTS / "sentiment", tmp_path / "mine")
    (tmp_path / "mine" / "examples.csv").write_text("private words")
    folder, names = models.adapter_folder(settings, str(tmp_path / "mine"))
    assert models.share(settings, folder, names, "acme/mine", out, private=True) == 0
    shared = hub.repositories["acme/mine"]
    assert shared.private
    assert shared.files == {path.name: path.read_bytes() for path in (WEIGHTS / "sentiment").iterdir()}
    lines = told(out)
    assert f"{hub.url}/acme/mine" in lines
    settings.models.write_text(lines[lines.index("[adapters.mine]") :])
    assert models.catalog.read("offline", settings.models).adapters["mine"].revision == COMMIT


def test_an_adapter_is_found_by_its_task(settings):
    folder, names = models.adapter_folder(settings, "extract")
    assert folder == WEIGHTS / "answering"
    assert names == ["README.md", "adapter_config.json", "adapter_model.safetensors", "config.json", "head.safetensors"]


def test_an_adapter_without_a_card_is_not_shared(settings, tmp_path):
    shutil.copytree(WEIGHTS / "sentiment", tmp_path / "mine")
    (tmp_path / "mine" / "README.md").unlink()
    with pytest.raises(ModelUnavailable, match="has no card"):
        models.adapter_folder(settings, str(tmp_path / "mine"))


@pytest.mark.parametrize("named", ["sentiment", "nothing", "."])
def test_what_is_no_adapter_is_not_shared(settings, named):
    with pytest.raises(ModelUnavailable, match="is neither a task with an adapter nor the folder of one"):
        models.adapter_folder(settings, named)


def test_a_profile_that_does_not_exist_is_refused(settings, out):
    with pytest.raises(CatalogError, match="no profile 'nowhere'"):
        models.list_(settings, "nowhere", out)


async def test_warming_loads_every_model(tmp_path, default_shelf, monkeypatch, out):
    monkeypatch.setattr("bot.wiring.local_shelf", lambda *_args, **_how: default_shelf)
    assert await models.warm(Settings(models_dir=tmp_path), out) == 0
    assert told(out).startswith("Loading the models …\nLoaded 7 models in ")
