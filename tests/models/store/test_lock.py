import hashlib

import pytest

from models.store import lock
from models.store.lock import File, Lock, Locked
from models.store.meter import Silent
from models.types import ModelUnavailable

from .conftest import entry

RIGHT, WRONG = (hashlib.sha256(content).hexdigest() for content in (b"weights", b"weightz"))
FILE = File(size=7, sha256=RIGHT)


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "new" / "lock.json"
    written = Lock().adding("acme/mood@main", Locked(commit="a" * 40, files={"model.safetensors": FILE}))
    lock.write(path, written)
    assert lock.read(path) == written
    assert [each.name for each in path.parent.iterdir()] == ["lock.json"]


def test_no_file_is_an_empty_lock(tmp_path):
    assert lock.read(tmp_path / "lock.json") == Lock()


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", ".x", "a\\b", "a/", ""])
def test_a_lock_with_a_name_that_leaves_its_folder_is_none(tmp_path, name):
    path = tmp_path / "lock.json"
    sound = Lock().adding("acme/mood@main", Locked(commit="a" * 40, files={"NAME": FILE})).model_dump_json()
    path.write_text(sound)
    assert lock.read(path).models
    path.write_text(sound.replace("NAME", name.replace("\\", "\\\\")))
    with pytest.raises(ModelUnavailable, match=r"lock\.json cannot be read"):
        lock.read(path)


@pytest.mark.parametrize("text", ["", "{", '{"format": 2}', '{"models": {"../x/y@main": {}}}'])
def test_a_file_that_is_no_lock_is_named(tmp_path, text):
    (tmp_path / "lock.json").write_text(text)
    with pytest.raises(ModelUnavailable, match=r"lock\.json cannot be read"):
        lock.read(tmp_path / "lock.json")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "is missing"),
        (b"weight", "is cut short (6 bytes of 7)"),
        (b"weights!", "is too long (8 bytes of 7)"),
        (
            b"weightz",
            f"is damaged (sha256 {hashlib.sha256(b'weightz').hexdigest()[:12]}..., expected {FILE.sha256[:12]}...)",
        ),
        (b"weights", None),
    ],
)
def test_what_is_wrong_with_a_file(tmp_path, content, problem):
    if content is not None:
        (tmp_path / "file").write_bytes(content)
    assert lock.fault(tmp_path / "file", FILE, Silent()) == problem


def test_an_entry_is_locked_under_what_it_names():
    assert lock.key(entry(revision="main")) == "acme/mood@main"
