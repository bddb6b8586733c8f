"""Every family of models that summarizes, as a user's own checkpoint, from its folder to the engine."""

import asyncio
from functools import cache

import pytest
import torch

from models.auto import summarization
from models.catalog import SummarizeTask
from models.device import one_core
from models.types import ModelUnavailable, TextRefused

from ..families import catalogue, entry, serving
from ..families_writing import SUMMARIZERS, TALKERS, written

FAMILIES = [*SUMMARIZERS, *TALKERS]
TURNS = (
    "Ana: The release broke the search page this morning.",
    "Ben: Who fixed it?",
    "Ana: We love her work; thanks a lot! Nobody noticed until noon. Did anybody test it on staging before we shipped? " * 3,
    "Cy: Great news, the customers are happy.",
)
SHORT = (TURNS[0],)


@pytest.fixture(autouse=True)
def _on_one_core():
    with one_core(when=True):
        yield


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Opens a family's checkpoint with an entry of these fields; the same one only once."""
    root = tmp_path_factory.mktemp("summarizers")

    @cache
    def folder(family):
        return written(root, family)

    @cache
    def open_(family, **fields):
        made = SummarizeTask(**entry(folder(family), "summarize", **{"written": 12} | fields))
        return summarization.load(folder(family), made, device=torch.device("cpu"), dtype=torch.float32)

    return open_


def recorded(task, monkeypatch):
    """Every call of the model's `generate`: its arguments."""
    calls, network = [], task._writer.model
    generate = network.generate
    monkeypatch.setattr(network, "generate", lambda **given: calls.append(given) or generate(**given))
    return calls


@pytest.mark.parametrize("family", FAMILIES)
def test_a_batch_says_what_its_rows_say_alone(opened, family):
    task = opened(family)
    pieces = [*task.prepare(TURNS), *task.prepare(SHORT)]
    assert len({len(piece.ids) for piece in pieces}) > 1
    assert task.run(pieces) == [task.run([piece])[0] for piece in pieces]


@pytest.mark.parametrize("family", FAMILIES)
def test_windows_hold_every_word_and_none_is_too_long(opened, family, monkeypatch):
    task = opened(family)
    calls = recorded(task, monkeypatch)
    pieces = task.prepare(TURNS)
    task.run(pieces)
    rows = [row for call in calls for row in call["input_ids"]]
    tokenizer = task._writer._tokenizer
    read = "".join("".join(tokenizer.decode(row, skip_special_tokens=True) for row in rows).split())
    assert len(pieces) > 1
    assert max(len(piece.ids) for piece in pieces) <= task._room
    for turn in TURNS:
        for word in turn.split():
            assert word in read
    assert read.count("staging") == 3


@pytest.mark.parametrize("family", FAMILIES)
def test_the_options_of_the_entry_arrive(opened, family, monkeypatch):
    task = opened(family, beams=3, written=7)
    calls = recorded(task, monkeypatch)
    task.run(task.prepare(SHORT))
    decoding = calls[0]["generation_config"]
    assert (decoding.num_beams, decoding.max_new_tokens, decoding.do_sample) == (3, 7, False)


def test_led_attends_to_everything_from_its_first_token(opened, monkeypatch):
    task = opened("LED")
    calls = recorded(task, monkeypatch)
    task.run(task.prepare(SHORT))
    assert calls[0]["global_attention_mask"].tolist()[0] == [1] + [0] * (calls[0]["input_ids"].shape[1] - 1)


@pytest.mark.parametrize("family", ["BART", "PEGASUS", "T5"])
def test_others_know_no_global_attention(opened, family, monkeypatch):
    task = opened(family)
    calls = recorded(task, monkeypatch)
    task.run(task.prepare(SHORT))
    assert set(calls[0]) == {"input_ids", "attention_mask", "generation_config"}


@pytest.mark.parametrize(("fields", "prefix"), [({}, "summarize: "), ({"prefix": "tl;dr "}, "tl;dr ")])
def test_t5_reads_a_prefix_from_the_entry_or_else_from_its_own_files(opened, fields, prefix):
    task = opened("T5", **fields)
    [piece] = task.prepare(SHORT)
    assert task._writer._tokenizer.decode(piece.ids, skip_special_tokens=True).startswith(prefix.strip())


def test_a_causal_model_is_told_what_to_do_in_a_message_of_its_template(opened):
    task = opened("Qwen3", prefix="In one line, please.")
    [piece] = task.prepare(SHORT)
    assert task._writer._tokenizer.decode(piece.ids) == (
        f"<|im_start|>user\nIn one line, please.\n\n{TURNS[0]}<|im_end|>\n<|im_start|>assistant\n"
    )


@pytest.mark.parametrize("family", ["Qwen3", "BART"])
def test_control_tokens_that_people_write_are_plain_text(opened, family):
    task = opened(family)
    (plain,) = task.prepare(("Ana: hello",))
    (odd,) = task.prepare(("Ana: hello</s><|im_end|>",))
    control = [task._writer._tokenizer.convert_tokens_to_ids(token) for token in ("</s>", "<|im_end|>")]
    assert [odd.ids.count(token) for token in control] == [plain.ids.count(token) for token in control]


def test_a_base_model_does_not_speak_for_others():
    assert summarization._first_turn(" It broke.\nUser: and then?", ("\nUser:", "\nAssistant:")) == " It broke."


def test_no_least_length_makes_a_short_thread_long(opened):
    task = opened("BART")
    own = task._writer.model.generation_config
    own.min_length, own.temperature, own.do_sample = 56, 0.6, True
    made = summarization.decodes(own, task._writer._tokenizer, beams=1, written=9)
    assert (made.min_length, made.temperature, made.do_sample) == (None, None, False)
    own.min_length, own.temperature, own.do_sample = None, None, None


@pytest.mark.parametrize(("turns", "reason"), [((), "empty"), (("", " "), "empty"), (("Ana: " + "x" * 30_000,), "long")])
def test_what_cannot_be_read_is_refused(opened, turns, reason):
    with pytest.raises(TextRefused) as refused:
        opened("T5").prepare(turns)
    assert refused.value.reason == reason


def test_an_entry_that_leaves_no_room_for_the_text_is_refused(opened):
    with pytest.raises(ModelUnavailable, match="raise `tokens` or lower `written`"):
        opened("Qwen2", tokens=64, written=50)


@pytest.mark.parametrize("family", FAMILIES)
async def test_drafts_of_windows_are_merged_and_every_turn_counts(tmp_path, family):
    folder = written(tmp_path, family)
    served = catalogue(tmp_path, {"summarize": entry(folder, "summarize", written=8)})
    async with serving(served) as engine:
        assert engine.writes == {"summarize"}
        one, other = await asyncio.gather(engine.summarize(TURNS), engine.summarize(SHORT))
    assert (one.turns, other.turns, other.windows) == (4, 1, 1)
    assert one.windows > 1
    assert len(one.drafts) < one.windows
    assert one.model == f"{folder.name}@0123456789"
