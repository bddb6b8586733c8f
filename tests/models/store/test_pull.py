import errno
import hashlib
import json
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from models.store import lock
from models.store.hub import Hub
from models.store.meter import Silent
from models.store.pull import pull
from models.types import ModelUnavailable
from tests.hub_fake import COMMIT

from .conftest import FILES, entry

WEIGHTS = "model.safetensors"


def digest(content):
    return hashlib.sha256(content).hexdigest()


def refusal(store, hub, wanted=None, **how):
    """The sentence with which a pull ends, that nothing of the model is to be seen."""
    with pytest.raises(ModelUnavailable) as refused:
        pull(wanted or entry(), store, hub, Silent(), **how)
    cause = refused.value.cause
    assert "\n" not in cause
    assert cause.endswith(".")
    assert store.lock.models == {}
    assert not list(store.folder.glob("acme--mood/*/*"))
    return cause


def test_a_model_is_fetched_verified_and_locked(store, hub, fake):
    locked = pull(entry(), store, hub, Silent())
    assert locked.commit == COMMIT
    assert {name: (file.size, file.sha256) for name, file in locked.files.items()} == {
        name: (len(content), digest(content)) for name, content in FILES.items()
    }
    folder = store.found(entry())
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == FILES
    assert lock.read(store.folder / "lock.json").models == {f"acme/mood@{COMMIT}": locked}
    assert not (store.folder / "parts" / "acme--mood" / COMMIT).exists()


def test_only_what_is_needed_is_fetched(store, hub, fake):
    unneeded = ["pytorch_model.bin", "tf_model.h5", "flax_model.msgpack", "onnx/model.onnx", "run.py", ".gitattributes"]
    fake.repositories["acme/mood"].files |= dict.fromkeys(unneeded, b"x")
    assert pull(entry(), store, hub, Silent()).files.keys() == FILES.keys()
    assert {name for name, _ in fake.fetched()} == FILES.keys()


def test_what_is_here_and_sound_needs_no_hub(store, hub):
    first = pull(entry(), store, hub, Silent())
    assert pull(entry(), store, Hub("http://127.0.0.1:1"), Silent()) == first


def test_a_damaged_file_alone_is_fetched_again(store, hub, fake):
    pull(entry(), store, hub, Silent())
    (store.found(entry()) / WEIGHTS).write_bytes(b"damaged")
    fake.requests.clear()
    pull(entry(), store, hub, Silent())
    assert fake.fetched() == [(WEIGHTS, None)]
    assert (store.found(entry()) / WEIGHTS).read_bytes() == FILES[WEIGHTS]


def test_a_branch_is_refused_unless_it_may_be_locked(store, hub, fake):
    branch = entry(revision="main")
    assert "--allow-unpinned" in refusal(store, hub, branch)
    assert fake.requests == []
    assert pull(branch, store, hub, Silent(), unpinned=True).commit == COMMIT
    assert store.found(branch).name == COMMIT
    assert pull(branch, store, Hub("http://127.0.0.1:1"), Silent()).commit == COMMIT  # from the lock


def test_a_branch_that_moved_stays_where_it_was_locked_until_it_may_move(store, hub, fake):
    branch, moved = entry(revision="main"), "f" * 40
    pull(branch, store, hub, Silent(), unpinned=True)
    fake.repositories["acme/mood"].commit = moved
    assert pull(branch, store, hub, Silent()).commit == COMMIT
    assert pull(branch, store, hub, Silent(), unpinned=True).commit == moved


@pytest.mark.parametrize(
    ("route", "status", "code", "words"),
    [
        ("info", 404, "RepoNotFound", "shows no acme/mood"),
        ("info", 404, "RevisionNotFound", f"has no revision {COMMIT}"),
        ("info", 401, "", "shows no acme/mood"),
        ("info", 403, "GatedRepo", "do so at"),
        ("file", 401, "GatedRepo", "do so at"),
        ("file", 403, "", "PARLEY_HUB_TOKEN"),
        ("file", 404, "EntryNotFound", "config.json of acme/mood is not there"),
        ("file", 500, "", "the error 500"),
    ],
)
def test_what_the_hub_refuses_is_one_sentence(store, hub, fake, route, status, code, words):
    fake.repositories["acme/mood"].files["config.json"] = b"{}"
    fake.refused[route] = (status, code)
    assert words in refusal(store, hub)


@pytest.mark.usefixtures("fake")
def test_a_hub_that_is_not_there_is_one_sentence(store):
    assert "connection to http://127.0.0.1:1 broke" in refusal(store, Hub("http://127.0.0.1:1"))


def test_what_is_no_hub_is_one_sentence(store, fake):
    fake.repositories["acme/mood"].commit = "unknown"
    assert "PARLEY_HUB_URL" in refusal(store, Hub(fake.url), entry(revision="main"), unpinned=True)


def test_the_token_is_sent_where_one_is_set_and_no_other(store, fake, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_of_another_tool")
    pull(entry(), store, Hub(fake.url), Silent())
    assert fake.tokens == {None}
    pull(entry(revision="main"), store, Hub(fake.url, "hf_ours"), Silent(), unpinned=True)
    assert fake.tokens == {None, "Bearer hf_ours"}


def test_other_bytes_than_the_hub_lists_are_refused_and_removed(store, hub, fake):
    fake.replaced[WEIGHTS] = b"x" * len(FILES[WEIGHTS])
    assert "model.safetensors of mood, as it came from the hub, is damaged" in refusal(store, hub)
    assert not list(store.folder.rglob(WEIGHTS))


def test_another_hash_than_the_entry_pins_is_refused_before_anything_is_fetched(store, hub, fake):
    assert "expected 000000000000..." in refusal(store, hub, entry(sha256={WEIGHTS: "0" * 64}))
    assert fake.fetched() == []


def test_a_hash_of_a_small_file_is_held_against_it(store, hub):
    assert "tokenizer.json of mood" in refusal(store, hub, entry(sha256={"tokenizer.json": "0" * 64}))


def test_a_pinned_file_that_is_not_there_is_named(store, hub):
    assert "holds no weights.safetensors" in refusal(store, hub, entry(sha256={"weights.safetensors": "0" * 64}))


def test_a_file_that_ends_early_is_refused_and_fetched_anew(store, hub, fake):
    fake.shortened[WEIGHTS] = 100
    assert "is cut short" in refusal(store, hub)
    fake.shortened.clear()
    pull(entry(), store, hub, Silent())
    assert fake.fetched()[-1] == (WEIGHTS, None)


def test_a_broken_connection_is_resumed_by_the_next_pull(store, hub, fake, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 1000)
    fake.breaks[WEIGHTS] = 4000
    assert "it goes on where it stopped" in refusal(store, hub)
    fake.breaks.clear()
    fake.requests.clear()
    pull(entry(), store, hub, Silent())
    assert fake.fetched() == [(WEIGHTS, "bytes=4000-")]
    assert (store.found(entry()) / WEIGHTS).read_bytes() == FILES[WEIGHTS]


def test_a_disk_that_is_too_small_is_refused_before_anything_is_fetched(store, hub, fake, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1000))
    assert "make room" in refusal(store, hub)
    assert fake.fetched() == []


def test_a_disk_that_fills_up_is_one_sentence(store, hub, monkeypatch):
    def full(*_args, **_how):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("huggingface_hub.file_download.http_get", full)
    assert "no space left" in refusal(store, hub)


def test_a_pickle_is_refused_by_name_unless_it_is_pinned(store, hub, fake):
    files = fake.repositories["acme/mood"].files
    files["pytorch_model.bin"] = files.pop(WEIGHTS)
    assert "as a pickle, pytorch_model.bin" in refusal(store, hub)
    pinned = entry(pickle=True, sha256={"pytorch_model.bin": digest(FILES[WEIGHTS])})
    assert "pytorch_model.bin" in pull(pinned, store, hub, Silent()).files


@pytest.mark.parametrize("wanted", [{}, {"pickle": True, "sha256": {"pytorch_model.bin": "0" * 64}}])
def test_safetensors_win_over_a_pickle(store, hub, fake, wanted):
    fake.repositories["acme/mood"].files["pytorch_model.bin"] = b"pickle"
    with pytest.raises(ModelUnavailable, match=r"holds no pytorch_model\.bin") if wanted else nullcontext():
        pull(entry(**wanted), store, hub, Silent())
    assert "pytorch_model.bin" not in {name for name, _ in fake.fetched()}


def test_a_model_with_code_of_its_own_is_refused_before_its_weights_are_fetched(store, hub, fake):
    config = {"model_type": "acme", "auto_map": {"AutoModel": "modeling_acme.AcmeModel"}}
    fake.repositories["acme/mood"].files["config.json"] = json.dumps(config).encode()
    assert "mood needs code of its own" in refusal(store, hub)
    assert WEIGHTS not in {name for name, _ in fake.fetched()}


def test_names_that_leave_the_folder_are_never_fetched(store, hub, fake):
    outside = ["../config.json", "/etc/passwd.json", "1_Pooling/../../x.json", ".hidden.json"]
    fake.repositories["acme/mood"].files |= dict.fromkeys(outside, b"{}")
    assert pull(entry(), store, hub, Silent()).files.keys() == FILES.keys()


def test_one_pull_at_a_time_writes(store, hub):
    with store.writing(), pytest.raises(ModelUnavailable, match="Another command"):
        pull(entry(), store, hub, Silent())


def test_nothing_is_fetched_where_the_library_is_offline(store, hub, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE is set" in refusal(store, hub)
