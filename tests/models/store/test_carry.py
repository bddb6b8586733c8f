import json

import pytest

from models.store.cache import Store
from models.store.carry import carry
from models.store.meter import Silent
from models.store.pull import pull
from models.types import ModelUnavailable
from tests.hub_fake import COMMIT

from .conftest import FILES, entry

KEY = f"acme/mood@{COMMIT}"


@pytest.fixture
def stick(store, hub, tmp_path):
    """A folder that a model was exported to."""
    pull(entry(), store, hub, Silent())
    stick = Store(tmp_path / "stick")
    carry(store, stick, [KEY], Silent())
    return stick


@pytest.fixture
def other(tmp_path):
    return Store(tmp_path / "other")


def test_a_model_comes_through_whole(stick, other):
    assert carry(stick, other, stick.lock.models, Silent()) == other.lock.models == stick.lock.models
    folder = other.found(entry())
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == FILES


def refused(stick, other):
    with pytest.raises(ModelUnavailable) as refusal:
        carry(stick, other, stick.lock.models, Silent())
    assert other.lock.models == {}
    assert not list(other.folder.glob("acme--mood/*/*"))
    return refusal.value.cause


def test_a_damaged_file_is_not_taken(stick, other):
    (stick.place(KEY, COMMIT) / "tokenizer.json").write_bytes(b"[]")
    assert "tokenizer.json of acme/mood" in refused(stick, other)


def test_a_link_out_of_the_folder_is_not_taken(stick, other, tmp_path):
    path = stick.place(KEY, COMMIT) / "tokenizer.json"
    (tmp_path / "secret").write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(tmp_path / "secret")
    assert "is a link, which is not followed" in refused(stick, other)


def test_a_lock_with_names_that_leave_the_folder_is_not_read(stick, other):
    path = stick.folder / "lock.json"
    path.write_text(path.read_text().replace("tokenizer.json", "../../tokenizer.json"))
    with pytest.raises(ModelUnavailable, match=r"lock\.json cannot be read"):
        carry(stick, other, [KEY], Silent())


def test_other_files_under_a_commit_that_is_known_are_not_taken(stick, other):
    carry(stick, other, [KEY], Silent())
    path, wrong = stick.folder / "lock.json", json.loads((stick.folder / "lock.json").read_text())
    wrong["models"][KEY]["files"]["config.json"]["sha256"] = "0" * 64
    path.write_text(json.dumps(wrong))
    before = other.lock
    with pytest.raises(ModelUnavailable, match="with another sha256"):
        carry(stick, other, [KEY], Silent())
    assert other.lock == before
    assert other.found(entry())
