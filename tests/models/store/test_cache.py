import errno
import shutil

import pytest

from models.store.meter import Silent
from models.store.pull import pull
from models.types import ModelUnavailable

from .conftest import FILES, entry

WEIGHTS = "model.safetensors"


def cause(store, wanted):
    with pytest.raises(ModelUnavailable) as refused:
        store.found(wanted)
    return refused.value.cause


def test_a_model_that_is_not_here_is_one_sentence_with_the_command(store):
    assert cause(store, entry()) == "The model mood is not on this machine; fetch it with: parley models pull acme/mood"
    assert not store.present(entry())
    assert not store.folder.exists()


def test_finding_a_model_asks_no_hub(store, hub, fake):
    pull(entry(), store, hub, Silent())
    fake.requests.clear()
    assert store.present(entry())
    assert (store.found(entry()) / WEIGHTS).is_file()
    assert fake.requests == []


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "is missing"), (b"x", "is cut short"), (b"x" * len(FILES[WEIGHTS]), "is damaged")],
)
def test_a_file_that_is_not_as_locked_is_named_with_the_command(store, hub, content, words):
    pull(entry(), store, hub, Silent())
    path = store.found(entry()) / WEIGHTS
    path.unlink()
    if content:
        path.write_bytes(content)
    said = cause(store, entry())
    assert f"{WEIGHTS} of mood {words}" in said
    assert said.endswith("parley models pull acme/mood")


def test_presence_goes_by_sizes_alone(store, hub):
    pull(entry(), store, hub, Silent())
    path = store.found(entry()) / WEIGHTS
    path.write_bytes(b"x" * len(FILES[WEIGHTS]))
    assert store.present(entry())
    path.write_bytes(b"x")
    assert not store.present(entry())


@pytest.mark.parametrize("linked", [WEIGHTS, ""])
def test_a_link_to_elsewhere_is_not_followed(store, hub, tmp_path, linked):
    pull(entry(), store, hub, Silent())
    real = store.found(entry()) / linked
    shutil.move(real, tmp_path / "elsewhere")
    if linked:
        real.symlink_to(tmp_path / "elsewhere")
        assert f"{WEIGHTS} of mood is a link" in cause(store, entry())
    else:
        assert "is missing" in cause(store, entry())


def test_an_entry_with_another_hash_than_the_lock_is_refused(store, hub):
    pull(entry(), store, hub, Silent())
    assert "disagree on model.safetensors" in cause(store, entry(sha256={WEIGHTS: "0" * 64}))


def test_another_revision_than_the_locked_one_is_not_here(store, hub):
    pull(entry(), store, hub, Silent())
    assert "is not on this machine" in cause(store, entry(revision="f" * 40))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "no space left"),
        (PermissionError(errno.EACCES, "Permission denied", "/models"), "/models cannot be used: Permission denied"),
    ],
)
def test_what_the_disk_refuses_is_one_sentence(store, error, words):
    with pytest.raises(ModelUnavailable, match=words), store.writing():
        raise error


def test_there_is_room_or_a_sentence(store):
    store.folder.mkdir()
    store.room(0)
    with pytest.raises(ModelUnavailable, match="PARLEY_MODELS_DIR"):
        store.room(1 << 60)
