import json

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from models.auto import embedding
from models.catalog import EmbedTask
from models.types import ModelUnavailable, TextRefused

from ..families import WIDTH, catalogue, checkpoint, entry, serving
from ..families_encoders import ENCODERS, WINDOW, bert, gpt2, mpnet

SHORT = "We love it"
LONG = "The release broke the search page this morning, and nobody noticed until noon. " * 3
CPU = {"device": torch.device("cpu"), "dtype": torch.float32}
TRANSFORMER, POOLING, NORMALIZE = (
    f"sentence_transformers.models.{name}" for name in ("Transformer", "Pooling", "Normalize")
)


def published(folder, made=None, *, pooling=None, normalize=False, network="", prompts=None, shape=None):
    """A checkpoint with the files that Sentence Transformers adds."""
    checkpoint(folder / network, AutoModel, *(made or bert()))
    modules = [{"path": network, "type": TRANSFORMER}, {"path": "1_Pooling", "type": POOLING}]
    modules += [{"path": "2_Normalize", "type": NORMALIZE}] if normalize else []
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling or {"pooling_mode_mean_tokens": True}))
    if prompts:
        (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    if shape:
        (folder / network / "sentence_bert_config.json").write_text(json.dumps(shape))
    return folder


def opened(folder, **fields):
    return embedding.load(folder, EmbedTask(**entry(folder, "embed", **fields)), **CPU)


def embed(task, *items):
    pieces = [task.prepare(item) for item in items]
    raw = iter(task.run([piece for some in pieces for piece in some]))
    return [np.array(task.finish(item, some, [next(raw) for _ in some])) for item, some in zip(items, pieces, strict=True)]


def states(folder, text):
    model, tokenizer = AutoModel.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    given = tokenizer(text, return_tensors="pt", return_token_type_ids=False)
    with torch.inference_mode():
        return model(**given).last_hidden_state[0].numpy()


def unit(vector):
    return vector / np.linalg.norm(vector)


@pytest.mark.parametrize("name", ENCODERS)
def test_vectors_have_unit_length_and_do_not_depend_on_their_batch(tmp_path, name):
    task = opened(checkpoint(tmp_path / name, AutoModel, *ENCODERS[name]()))
    together = embed(task, (SHORT, ""), (LONG, ""))
    for item, found in zip([(SHORT, ""), (LONG, "")], together, strict=True):
        assert found.shape == (WIDTH,)
        assert np.linalg.norm(found) == pytest.approx(1, abs=1e-6)
        assert found == pytest.approx(embed(task, item)[0], abs=1e-5)
    assert max(piece.size for piece in task.prepare((LONG, ""))) == WINDOW


@pytest.mark.parametrize(
    ("pooling", "pooled"),
    [
        ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}, lambda x: x.mean(0)),
        ({"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}, lambda x: x[0]),
        ({"pooling_mode_lasttoken": True}, lambda x: x[-1]),
        ({"pooling_mode": "cls"}, lambda x: x[0]),
        ({"pooling_mode": ["lasttoken"]}, lambda x: x[-1]),
    ],
)
def test_tokens_are_pooled_as_the_files_say(tmp_path, pooling, pooled):
    folder = published(tmp_path / "tiny", pooling=pooling)
    longer, found = embed(opened(folder), (LONG, ""), (SHORT, ""))  # beside a longer one, so that there is padding
    assert found == pytest.approx(unit(pooled(states(folder, SHORT))), abs=1e-5)
    assert longer != pytest.approx(found, abs=1e-2)


def test_without_such_files_it_is_the_mean(tmp_path):
    folder = checkpoint(tmp_path / "tiny", AutoModel, *bert())
    assert embed(opened(folder), (SHORT, ""))[0] == pytest.approx(unit(states(folder, SHORT).mean(0)), abs=1e-5)


@pytest.mark.parametrize("make", [mpnet, gpt2])
def test_other_networks_are_read_as_well(tmp_path, make):
    folder = published(tmp_path / "tiny", make(), pooling={"pooling_mode_lasttoken": True})
    _, found = embed(opened(folder), (LONG, ""), (SHORT, ""))
    assert found == pytest.approx(unit(states(folder, SHORT)[-1]), abs=1e-5)


@pytest.mark.parametrize("normalize", [True, False])
def test_windows_are_averaged_by_their_length(tmp_path, normalize):
    task = opened(published(tmp_path / "tiny", normalize=normalize))
    pieces = task.prepare((LONG, ""))
    vectors = np.array(task.run(pieces))
    assert (np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)) == normalize
    weighted = sum(piece.size * vector for piece, vector in zip(pieces, vectors, strict=True))
    assert embed(task, (LONG, ""))[0] == pytest.approx(unit(weighted), abs=1e-5)


def test_the_files_may_name_a_shorter_length_and_lower_case_and_a_folder(tmp_path):
    shape = {"max_seq_length": 12, "do_lower_case": True}
    task = opened(published(tmp_path / "tiny", ENCODERS["roberta"](), network="0_Transformer", shape=shape))
    assert max(piece.size for piece in task.prepare((LONG, ""))) == 12
    assert task.prepare((LONG.upper(), "")) == task.prepare((LONG.lower(), ""))


def test_a_prompt_stands_before_the_text_it_is_for(tmp_path):
    prompts = {"prompts": {"query": "query: ", "passage": "passage: "}, "default_prompt_name": "passage"}
    task, plain = opened(published(tmp_path / "a", prompts=prompts)), opened(published(tmp_path / "b"))
    assert task.prepare((SHORT, "query")) == plain.prepare((f"query: {SHORT}", ""))
    assert task.prepare((SHORT, "")) == plain.prepare((f"passage: {SHORT}", ""))
    assert plain.prepare((SHORT, "query")) == plain.prepare((SHORT, ""))


@pytest.mark.parametrize(
    ("pooling", "why"),
    [
        ({"pooling_mode": "max"}, "tiny pools by 'max'"),
        ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": True}, "pools by 'cls.mean'"),
        ({"pooling_mode": "mean", "include_prompt": False}, "leaves its prompts out"),
    ],
)
def test_another_pooling_is_refused_by_name(tmp_path, pooling, why):
    with pytest.raises(ModelUnavailable, match=why):
        opened(published(tmp_path / "tiny", pooling=pooling))


def test_a_module_that_is_not_there_is_refused_by_name(tmp_path):
    folder = published(tmp_path / "tiny")
    modules = json.loads((folder / "modules.json").read_text())
    (folder / "modules.json").write_text(
        json.dumps([*modules, {"path": "2_CNN", "type": "sentence_transformers.models.CNN"}])
    )
    with pytest.raises(ModelUnavailable, match="tiny wants the module CNN"):
        opened(folder)


def test_a_damaged_file_is_named(tmp_path):
    folder = published(tmp_path / "tiny")
    (folder / "modules.json").write_text("[{")
    with pytest.raises(ModelUnavailable, match=r"modules\.json is damaged"):
        opened(folder)


@pytest.mark.parametrize(("text", "reason"), [("", "empty"), (" \u200b", "empty"), ("it " * 100, "long")])
def test_what_cannot_be_read_is_refused(tmp_path, text, reason):
    prompts = {"prompts": {"query": "query: "}, "default_prompt_name": "query"}
    task = opened(published(tmp_path / "tiny", prompts=prompts), characters=200)
    with pytest.raises(TextRefused) as refused:
        task.prepare((text, ""))
    assert refused.value.reason == reason


async def test_the_engine_embeds(tmp_path):
    folder = published(tmp_path / "tiny", normalize=True, prompts={"prompts": {"query": "query: "}})
    async with serving(catalogue(tmp_path, {"embed": entry(folder, "embed")})) as engine:
        found, asked = await engine.embed(SHORT), await engine.embed(SHORT, prompt="query")
    assert found == pytest.approx(embed(opened(folder), (SHORT, ""))[0], abs=1e-5)
    assert asked != pytest.approx(found, abs=1e-2)


async def test_without_an_embedder_the_engine_says_so(tmp_path):
    async with serving(catalogue(tmp_path, {})) as engine:
        with pytest.raises(ModelUnavailable, match=r"\[tasks\.embed\]"):
            await engine.embed(SHORT)
