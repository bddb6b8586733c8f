import re

import pytest

from models import catalog
from models.catalog import CatalogError, Checkpoint


def test_the_default_profile_serves_every_task():
    found = catalog.read("offline")
    assert found.pairs == {("en", "pt"), ("pt", "en")}
    assert {"sentiment", "intent", "extract", "salience"} <= set(found.tasks)


def test_every_model_file_of_the_default_profile_is_pinned():
    found = catalog.read("offline")
    assert all(checkpoint.sha256 for checkpoint in found.checkpoints.values())


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
        ("tasks = 3\n", "tasks must be a table"),
        ("[tasks]\nsentiment = 3\n", "tasks.sentiment must be a table"),
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


# Routes between languages


def translators(tmp_path, **pairs):
    """A catalogue with a translator of each name for these pairs ("en-pt", or "en pt de" for all among them)."""
    about = 'name = "m"\nsource = "path:/m"\nrevision = "1"\nlicence = "MIT"\nkind = "translate"\n'
    own = tmp_path / "routes.toml"
    own.write_text(
        "\n".join(
            f"[tasks.{name}]\n{about}"
            + (f"between = [{said.split('-')}]\n" if "-" in said else f"languages = {said.split()}\n")
            for name, said in pairs.items()
        )
    )
    found = catalog.read("offline", own)
    kept = {name: task for name, task in found.tasks.items() if name in pairs}
    return found.model_copy(update={"tasks": kept})


def test_two_languages_without_a_model_for_both_meet_in_english(tmp_path):
    found = translators(tmp_path, one="pt-en", two="en-de")
    assert found.route("pt", "de") == (("one", "pt", "en"), ("two", "en", "de"))
    assert found.pairs == {("pt", "en"), ("en", "de"), ("pt", "de")}


def test_a_model_for_both_is_asked_directly(tmp_path):
    found = translators(tmp_path, one="pt-en", two="en-de", three="pt-de")
    assert found.route("pt", "de") == (("three", "pt", "de"),)


def test_of_several_models_the_one_for_fewest_languages_is_asked(tmp_path):
    found = translators(tmp_path, many="en pt de fr", few="en-de")
    assert found.route("en", "de") == (("few", "en", "de"),)
    assert found.route("pt", "de") == (("many", "pt", "de"),)


@pytest.mark.parametrize(("source", "target"), [("de", "pt"), ("pt", "pt"), ("en", "en"), ("fr", "de"), ("de", "en")])
def test_there_is_no_way_that_nobody_knows(tmp_path, source, target):
    found = translators(tmp_path, one="pt-en", two="en-de")
    assert found.route(source, target) == ()
    assert (source, target) not in found.pairs


def test_every_pair_has_a_route_and_every_route_is_a_pair(tmp_path):
    found = translators(tmp_path, one="pt-en", two="en-de", three="en fr", four="ja-fr")
    languages = ["pt", "en", "de", "fr", "ja"]
    routed = {(source, target) for source in languages for target in languages if found.route(source, target)}
    assert routed == found.pairs


@pytest.mark.parametrize("profile", ["hub", "gpu"])
def test_models_of_a_hub_are_pinned_to_commits_and_permissively_licensed(profile):
    found = catalog.read(profile)
    models = [entry for entry in found.checkpoints.values() if entry.repository]
    assert {"sentiment", "extract", "summarize", "translate", "intent", "salience"} <= set(found.tasks)
    assert models
    assert all(re.match(catalog.COMMIT, entry.revision) and entry.size for entry in models)
    assert {entry.licence for entry in models} <= {"Apache-2.0", "MIT", "CC-BY-4.0"}
    assert {("de", "fr"), ("en", "pt"), ("ja", "en")} <= found.pairs


def test_what_writes_freely_is_off_unless_a_profile_has_it():
    assert "generate" not in catalog.read("hub").tasks
    assert "generate" in catalog.read("gpu").tasks


def test_the_lines_for_chat_in_the_hub_profile_can_be_used_as_they_are(tmp_path):
    text = (catalog.PROFILES / "hub.toml").read_text()
    own = tmp_path / "own.toml"
    own.write_text(re.sub("^# ", "", text[text.index("# [tasks.generate]") :], flags=re.MULTILINE))
    assert catalog.read("hub", own).tasks["generate"] == catalog.read("gpu").tasks["generate"]


def test_folders_are_meant_from_where_the_file_lies(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(
        '[tasks.sentiment]\nkind = "classify"\nencoder = "minilm"\nadapter = "./mine"\ncharacters = 5\n'
        '[encoders.minilm]\nname = "e"\nsource = "path:encoder"\nrevision = "1"\nlicence = "MIT"\n'
    )
    found = catalog.read("offline", own)
    assert found.tasks["sentiment"].adapter == str(tmp_path / "mine")
    assert found.encoders["minilm"].source == f"path:{tmp_path / 'encoder'}"
    assert found.tasks["intent"].adapter == "intent"


def test_a_file_that_is_no_text_is_named(tmp_path):
    (tmp_path / "own.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(CatalogError, match=r"own\.toml is not valid TOML"):
        catalog.read("offline", tmp_path / "own.toml")


def test_a_pickle_is_opened_only_with_the_hashes_of_its_files():
    known = {"name": "m", "source": "hub:a/m", "revision": "main", "licence": "MIT", "pickle": True}
    sums = {"pytorch_model.bin": "0" * 64, "config.json": "1" * 64}
    assert Checkpoint(**known, sha256=sums).pickles == {"pytorch_model.bin"}
    assert Checkpoint(**known | {"pickle": False}, sha256=sums).pickles == set()
    with pytest.raises(ValueError, match="pickle = true needs"):
        Checkpoint(**known, sha256={"config.json": "1" * 64})
