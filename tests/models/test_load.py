import hashlib
import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from models import catalog
from models.catalog import Checkpoint
from models.load import WEIGHTS, Adapter, Loader, check, found
from models.store.cache import Store
from models.store.hub import Hub
from models.store.meter import Silent
from models.store.pull import pull
from models.types import ModelUnavailable
from tests.hub_fake import COMMIT, Repository, serving


def checkpoint(**fields):
    return Checkpoint(**{"name": "tiny", "revision": "1", "licence": "MIT", "source": "path:."} | fields)


@pytest.fixture
def adapter_folder(tmp_path, tiny_model):
    """A LoRA adapter that changes something, with its head and checksums."""
    torch.manual_seed(2)
    query = "base_model.model.encoder.layer.0.attention.self.query"
    matrices = {f"{query}.lora_A.weight": torch.randn(2, 16), f"{query}.lora_B.weight": torch.randn(16, 2)}
    save_file(matrices, tmp_path / "adapter_model.safetensors")
    (tmp_path / "adapter_config.json").write_text(json.dumps({"r": 2, "lora_alpha": 4}))
    save_file({"head.weight": torch.ones(3, 16), "head.bias": torch.zeros(3)}, tmp_path / "head.safetensors")
    names = ("head.safetensors", "adapter_model.safetensors")
    sums = {name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in names}
    (tmp_path / "config.json").write_text(json.dumps({"labels": ["a", "b", "c"], "sha256": sums}))
    return tmp_path


def test_a_file_with_the_right_checksum_passes(tmp_path):
    (tmp_path / "model").write_bytes(b"weights")
    check(tmp_path, {"model": hashlib.sha256(b"weights").hexdigest()})


def test_a_damaged_file_is_named_with_both_checksums(tmp_path):
    (tmp_path / "model").write_bytes(b"weightz")
    with pytest.raises(ModelUnavailable) as refused:
        check(tmp_path, {"model": hashlib.sha256(b"weights").hexdigest()})
    assert "model is damaged" in refused.value.cause
    assert hashlib.sha256(b"weightz").hexdigest()[:12] in refused.value.cause
    assert hashlib.sha256(b"weights").hexdigest()[:12] in refused.value.cause


def test_a_missing_file_or_package_is_named(tmp_path):
    with pytest.raises(ModelUnavailable, match="gone is missing"):
        check(tmp_path, {"gone": "0" * 64})
    with pytest.raises(ModelUnavailable, match="no-such-package"):
        found(checkpoint(source="package:no_such_package/model"))


def test_a_local_folder_needs_no_package(tmp_path):
    assert found(checkpoint(source=f"path:{tmp_path}")) == tmp_path


def test_an_adapter_changes_a_copy_and_shares_the_embeddings(adapter_folder, tiny_model):
    before = tiny_model.encoder.layer[0].attention.self.query.weight.clone()
    model = Adapter(adapter_folder).onto(tiny_model)
    down, up = load_file(adapter_folder / "adapter_model.safetensors").values()
    assert torch.equal(tiny_model.encoder.layer[0].attention.self.query.weight, before)
    assert torch.allclose(model.encoder.layer[0].attention.self.query.weight, before + 2 * up @ down)
    assert model.embeddings is tiny_model.embeddings


def test_an_adapter_is_named_after_its_folder_and_checksum(adapter_folder):
    adapter = Adapter(adapter_folder)
    assert adapter.name == f"{adapter_folder.name}@{adapter.config['sha256']['head.safetensors'][:8]}"
    assert adapter.head["head.weight"].shape == (3, 16)


def test_a_damaged_adapter_is_refused(adapter_folder):
    path = adapter_folder / "adapter_model.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelUnavailable, match=r"adapter_model\.safetensors is damaged"):
        Adapter(adapter_folder)


def test_an_adapter_without_config_is_refused(tmp_path):
    with pytest.raises(ModelUnavailable, match=r"config\.json"):
        Adapter(tmp_path)


def test_a_model_of_the_hub_comes_from_the_store_alone(tmp_path):
    entry = checkpoint(source="hub:acme/tiny", revision=COMMIT)
    with pytest.raises(ModelUnavailable, match="there is no folder for such models"):
        found(entry)
    with pytest.raises(ModelUnavailable, match="fetch it with: parley models pull acme/tiny"):
        found(entry, Store(tmp_path))


def own(folder, adapter, more=""):
    """The default profile with sentiment by another adapter."""
    path = folder / "own.toml"
    task = f'[tasks.sentiment]\nkind = "classify"\nencoder = "minilm"\nadapter = "{adapter}"\ncharacters = 100\n'
    path.write_text(task + more)
    return catalog.read("offline", path)


def classified(chosen, store=None):
    task = Loader(chosen, device=torch.device("cpu"), dtype=torch.float32, store=store).task("sentiment")
    pieces = task.prepare("We love it")
    return task.finish("We love it", pieces, task.run(pieces))


def test_an_adapter_in_a_folder_of_ones_own_serves_like_one_of_ours(tmp_path):
    shutil.copytree(WEIGHTS / "sentiment", tmp_path / "mood")
    ours, own_one = classified(catalog.read("offline")), classified(own(tmp_path, "./mood"))
    assert own_one.scores == ours.scores
    assert own_one.model == ours.model.replace("sentiment", "mood")


def test_an_adapter_from_the_hub_is_fetched_and_serves(tmp_path):
    more = f'[adapters.mood]\nname = "mood"\nsource = "hub:acme/mood"\nrevision = "{COMMIT}"\nlicence = "MIT"\n'
    chosen, store = own(tmp_path, "mood", more), Store(tmp_path / "models")
    with serving() as hub:
        files = {path.name: path.read_bytes() for path in (WEIGHTS / "sentiment").iterdir()}
        hub.repositories["acme/mood"] = Repository(files)
        pull(chosen.checkpoints["mood"], store, Hub(hub.url), Silent())
    served = classified(chosen, store)
    assert served.label == "positive"
    assert "+mood@" in served.model


@pytest.mark.parametrize("config", [None, "{", "{}"])
def test_a_folder_that_holds_no_adapter_is_refused_with_what_to_do(tmp_path, config):
    if config is not None:
        (tmp_path / "config.json").write_text(config)
    with pytest.raises(ModelUnavailable, match=r"config\.json is missing or damaged; train or copy the adapter again"):
        Adapter(tmp_path)
