import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.store.meter import Silent
from models.types import ModelUnavailable
from tests.hub_fake import COMMIT

from .conftest import FILES

ROOT = Path(__file__).parents[3]


class Tally(Silent):
    def __init__(self):
        self.begun, self.done = [], 0

    def begin(self, name, total, done=0):
        self.begun.append((name, total, done))
        self.done += done

    def advance(self, count):
        self.done += count


def test_a_listing_tells_sizes_and_the_hashes_that_are_known(hub):
    listing = hub.listing("acme/mood", "main")
    assert listing.commit == COMMIT
    assert {name: file.size for name, file in listing.files.items()} == {name: len(text) for name, text in FILES.items()}
    assert listing.files["model.safetensors"].sha256
    assert listing.files["config.json"].sha256 is None


def test_progress_counts_what_was_there_and_what_comes(hub, tmp_path):
    remote, part, tally = hub.listing("acme/mood", "main").files["model.safetensors"], tmp_path / "part", Tally()
    part.write_bytes(FILES["model.safetensors"][:1000])
    hub.fetch("acme/mood", COMMIT, "model.safetensors", remote, part, tally)
    assert part.read_bytes() == FILES["model.safetensors"]
    assert tally.begun == [("model.safetensors", remote.size, 1000)]
    assert tally.done == remote.size


def test_only_what_is_named_is_shared(hub, fake, tmp_path):
    for name in ("README.md", "head.safetensors", "notes.txt"):
        (tmp_path / name).write_bytes(name.encode())
    assert hub.share(tmp_path, "acme/new", names=["README.md", "head.safetensors"], private=True) == COMMIT
    made = fake.repositories["acme/new"]
    assert made.files == {"README.md": b"README.md", "head.safetensors": b"head.safetensors"}
    assert made.private


def test_a_name_that_no_hub_has_is_one_sentence(hub, tmp_path):
    with pytest.raises(ModelUnavailable, match="is not a name that a hub can have"):
        hub.share(tmp_path, "acme/new/mood", names=[], private=False)


def test_nobody_else_is_told(fake):
    """The library would report on who runs it, and ask for how to tell."""
    program = f"from models.store.hub import Hub; print(Hub({fake.url!r}).listing('acme/mood', 'main').commit)"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "DISABLE_"))}
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        env=environment | {"HF_ENDPOINT": fake.url, "HF_HOME": "/nonexistent"},
        timeout=60,
        check=True,
    )
    assert ran.stdout.strip() == COMMIT
    assert {path for _, path, _ in fake.requests} == {"/api/models/acme/mood/revision/main"}


def test_serving_has_no_use_for_the_library():
    program = "import sys; import models.store.cache, models.store.hub, models.store.pull; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", cwd=ROOT, check=True)
    assert not {"huggingface_hub", "torch", "transformers"} & set(ran.stdout.split())
