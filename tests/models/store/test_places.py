import pytest

from models.store import places
from models.store.meter import Silent
from models.store.pull import pull
from models.types import ModelUnavailable

from .conftest import FILES, entry


def test_a_folder_is_where_its_path_says(tmp_path, store):
    (tmp_path / "model.safetensors").write_bytes(b"1234")
    local = entry(source=f"path:{tmp_path}")
    assert places.place(local) == tmp_path
    assert places.present(local, store)
    assert places.size(local, store) == 4


def test_a_package_that_is_missing_is_named(store):
    missing = entry(source="package:no_such_package/model", size=5)
    with pytest.raises(ModelUnavailable, match="no-such-package"):
        places.place(missing)
    assert not places.present(missing, store)
    assert places.size(missing, store) == 5


def test_a_model_of_the_hub_is_as_large_as_its_entry_says_until_it_is_locked(store, hub):
    assert places.size(entry(), store) is None
    assert places.size(entry(size=12), store) == 12
    pull(entry(), store, hub, Silent())
    assert places.size(entry(size=12), store) == sum(map(len, FILES.values()))
    assert places.present(entry(), store)
