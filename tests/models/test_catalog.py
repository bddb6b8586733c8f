import pytest

from models import catalog
from models.catalog import CatalogError


def test_the_default_profile_serves_every_task():
    found = catalog.read("offline")
    assert found.pairs == {("en", "pt"), ("pt", "en")}
    assert {"sentiment", "intent", "extract", "salience"} <= set(found.tasks)


def test_every_model_file_of_the_default_profile_is_pinned():
    found = catalog.read("offline")
    checkpoints = [*found.encoders.values(), *(task for task in found.tasks.values() if task.kind == "translate")]
    assert all(checkpoint.sha256 for checkpoint in checkpoints)


def test_an_own_file_overrides_entries_and_leaves_the_rest(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text('[tasks.sentiment]\nkind = "classify"\nencoder = "minilm"\nadapter = "mine"\ncharacters = 5\n')
    found = catalog.read("offline", own)
    assert found.tasks["sentiment"].characters == 5
    assert found.tasks["intent"].adapter == "intent"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[tasks", "own.toml"),
        ('[tasks.sentiment]\nkind = "classify"\nencoder = "minilm"\nadapter = "a"\ncharacters = 0\n', "characters"),
        ('[tasks.sentiment]\nkind = "guess"\n', "sentiment"),
        ('[tasks.sentiment]\nkind = "classify"\nencoder = "nobody"\nadapter = "a"\ncharacters = 9\n', "nobody"),
    ],
)
def test_a_wrong_file_is_named_with_its_entry(tmp_path, text, named):
    own = tmp_path / "own.toml"
    own.write_text(text)
    with pytest.raises(CatalogError, match=named):
        catalog.read("offline", own)


def test_unknown_profiles_and_missing_files_are_named(tmp_path):
    with pytest.raises(CatalogError, match="offline"):
        catalog.read("nowhere")
    with pytest.raises(CatalogError, match=r"gone\.toml"):
        catalog.read("offline", tmp_path / "gone.toml")
