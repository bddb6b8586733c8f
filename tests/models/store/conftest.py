import pytest

from models.catalog import SequenceTask
from models.store.cache import Store
from models.store.hub import Hub
from tests.hub_fake import COMMIT, Repository, serving

FILES = {
    "config.json": b'{"model_type": "bert"}',
    "tokenizer.json": b"{}",
    "model.safetensors": bytes(range(256)) * 40,
}


def entry(**fields):
    """A classifier of the hub, pinned to the commit that the fake hub stands at."""
    known = {"kind": "sequence", "name": "mood", "source": "hub:acme/mood", "revision": COMMIT, "licence": "MIT"}
    return SequenceTask(**known | fields)


@pytest.fixture
def fake():
    """A hub with one model, acme/mood."""
    with serving() as hub:
        hub.repositories["acme/mood"] = Repository(dict(FILES))
        yield hub


@pytest.fixture
def hub(fake):
    return Hub(fake.url)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "models")
