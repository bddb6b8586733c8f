"""Every family of models to talk with, as a user's own checkpoint, from its folder to the engine."""

import asyncio
import gc
import threading
import weakref
from contextlib import aclosing
from functools import cache
from itertools import pairwise

import pytest
import torch

from bot.assistant import Assistant
from bot.router import Router
from handlers import build
from handlers.conversation import Coverage, Provenance, Request, Text, Thread, Turn
from models.auto import generation
from models.catalog import GenerateTask
from models.device import one_core
from models.types import DeadlinePassed, Message, ModelFailed, ModelUnavailable, Stopped, TextRefused

from ..families import catalogue, entry, serving
from ..families_writing import TALKERS, written

LONG = tuple(
    Message("assistant" if i % 3 == 2 else "user", f"Ana: the release number {i} broke the search page, ça ne me plaît pas!")
    for i in range(20)
)
HELLO = (Message("user", "Who fixed the release?"),)


@pytest.fixture(autouse=True)
def _on_one_core():
    with one_core(when=True):
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("talkers")
    return cache(lambda family: written(root, family))


@pytest.fixture
def opened(folder):
    """Opens a family's checkpoint with an entry of these fields."""

    def open_(family, **fields):
        made = GenerateTask(**entry(folder(family), "generate", **{"written": 30} | fields))
        return generation.load(folder(family), made, device=torch.device("cpu"), dtype=torch.float32)

    return open_


@pytest.fixture
def talking(folder, tmp_path):
    """An engine with a model to talk with, and the default profile's other tasks."""

    def open_(family="Qwen3", *, deadline_s=60.0, **fields):
        served = catalogue(tmp_path, {"generate": entry(folder(family), "generate", **{"written": 30} | fields)})
        return serving(served, deadline_s=deadline_s)

    return open_


def finished(task, messages):
    """All steps of an answer: its tokens, and the texts that could be shown on the way."""
    pieces, shown = task.prepare(messages), []
    while not (shown and shown[-1].ended):
        shown.append(task.finish(messages, pieces, task.run(pieces)))
    return pieces[0].ids[pieces[0].begins :], [progress.text for progress in shown]


@pytest.mark.parametrize("family", TALKERS)
def test_step_by_step_the_same_is_written_as_at_one_go(opened, family, monkeypatch):
    monkeypatch.setattr(generation, "READ", 24)
    task = opened(family)
    ids, shown = finished(task, LONG)
    prompt = torch.tensor([task.prepare(LONG)[0].ids])
    assert prompt.shape[1] > 2 * generation.READ
    whole = task._network.generate(prompt, do_sample=False, max_new_tokens=30, eos_token_id=-1, pad_token_id=0)
    assert ids == whole[0, prompt.shape[1] :].tolist()
    assert all(later.startswith(text) for text, later in pairwise(shown))
    assert len(shown) > 3


@pytest.mark.parametrize("family", TALKERS)
async def test_pieces_make_up_the_answer(talking, opened, family):
    _, shown = finished(opened(family), HELLO)
    async with talking(family) as engine:
        assert engine.writes == {"generate"}
        answer = await engine.generate(HELLO)
        pieces = [piece async for piece in answer.pieces]
    assert "".join(pieces) == shown[-1]
    assert (answer.read, answer.cut, answer.model) == (1, True, f"{family.replace(' ', '-')}@0123456789")


@pytest.mark.parametrize("family", TALKERS)
def test_several_conversations_take_turns_without_touching_each_other(opened, family):
    task = opened(family)
    pieces = [*task.prepare(HELLO), *task.prepare(LONG)]
    for _ in range(40):
        task.run(pieces)
    assert [piece.ids[piece.begins :] for piece in pieces] == [finished(task, one)[0] for one in (HELLO, LONG)]


@pytest.mark.parametrize("family", TALKERS)
def test_whole_messages_are_cut_from_the_oldest_on(opened, family):
    task = opened(family, tokens=200)
    [decoding] = task.prepare(LONG)
    prompt = task._tokenizer.decode(decoding.ids)
    assert len(decoding.ids) <= 200 - 30
    assert 0 < decoding.read < len(LONG)
    for place, message in enumerate(LONG):
        assert (message.text in prompt) == (place >= len(LONG) - decoding.read)
    assert LONG[-decoding.read].role == "user"


def test_what_the_system_says_stays(opened):
    task = opened("Llama", tokens=200, system="Be brief.")
    [decoding] = task.prepare(LONG)
    assert "system<|end_header_id|>\n\nBe brief.<|eot_id|>" in task._tokenizer.decode(decoding.ids)


def test_a_template_without_a_system_gets_it_in_the_first_message(opened):
    task = opened("Gemma", system="Be brief.")
    [decoding] = task.prepare((*HELLO, Message("user", "Who?")))
    assert task._tokenizer.decode(decoding.ids) == (
        "<bos><start_of_turn>user\nBe brief.\nWho fixed the release?\nWho?<end_of_turn>\n<start_of_turn>model\n"
    )


def test_a_model_without_a_template_reads_plain_lines(opened):
    task = opened("GPT-2", system="Be brief.")
    [decoding] = task.prepare((*HELLO, Message("assistant", "Ana."), Message("user", "When?")))
    assert task._tokenizer.decode(decoding.ids) == (
        "Be brief.\nUser: Who fixed the release?\nAssistant: Ana.\nUser: When?\nAssistant:"
    )


@pytest.mark.parametrize("family", TALKERS)
def test_control_tokens_that_people_write_are_plain_text(opened, family):
    task = opened(family)
    specials = set(task._tokenizer.all_special_ids)
    tokens = "".join(task._tokenizer.all_special_tokens)

    def controls(text):
        return [token for token in task.prepare((Message("user", text),))[0].ids if token in specials]

    assert controls(f"Hello {tokens}") == controls("Hello")


@pytest.mark.parametrize("end", [1, 4])
def test_each_end_token_of_the_checkpoint_ends_an_answer(opened, monkeypatch, end):
    task = opened("Llama")
    plan = [*task._tokenizer("Ana did.")["input_ids"], end, 9, 9]
    monkeypatch.setattr(task, "_scores", scripted(plan))
    ids, shown = finished(task, HELLO)
    assert (ids, shown[-1]) == (plan[:-3], "Ana did.")


def test_an_answer_by_plain_lines_ends_where_somebody_else_speaks(opened, monkeypatch):
    task = opened("GPT-2")
    monkeypatch.setattr(
        task, "_scores", scripted(task._tokenizer(" Ana did.\nUse it.\nUser: when? Then and there, so")["input_ids"])
    )
    _, shown = finished(task, HELLO)
    assert shown[-1] == "Ana did.\nUse it."
    assert not any(text.endswith(("\n", "\nUs", "\nUser")) for text in shown)


@pytest.mark.parametrize("step", [1, 3])
def test_no_half_character_is_ever_shown(opened, monkeypatch, step):
    monkeypatch.setattr(generation, "STEP", step)
    task = opened("Qwen3")
    said = "日本 é 👩‍👩‍👧 ok"
    monkeypatch.setattr(task, "_scores", scripted([*task._tokenizer(said)["input_ids"], 2]))
    _, shown = finished(task, HELLO)
    assert shown[-1] == said
    assert all(said.startswith(text) for text in shown)


def test_a_checkpoints_own_penalty_for_repetition_counts(opened):
    task = opened("Qwen2")
    own = task._network.generation_config
    own.repetition_penalty = 1.8
    again = generation.Generate(
        task._network, task._tokenizer, system="", room=290, written=30, ends=(), limit=1000, model="x"
    )
    ids, _ = finished(again, HELLO)
    prompt = torch.tensor([again.prepare(HELLO)[0].ids])
    whole = task._network.generate(prompt, do_sample=False, max_new_tokens=30, eos_token_id=-1, pad_token_id=0)
    assert ids == whole[0, prompt.shape[1] :].tolist()
    assert ids != finished(task, HELLO)[0]


def test_after_an_error_the_conversation_goes_on_as_if_there_was_none(opened, monkeypatch):
    task, broken = opened("Qwen3"), opened("Qwen3")
    layer = broken._network.model.layers[1]
    forward, calls = layer.forward, []

    def failing(*args, **kwargs):
        calls.append(1)
        if len(calls) == 12:
            raise MemoryError
        return forward(*args, **kwargs)

    monkeypatch.setattr(layer, "forward", failing)
    pieces = broken.prepare(HELLO)
    broken.run(pieces)
    with pytest.raises(MemoryError):
        broken.run(pieces)
    for _ in range(10):
        broken.run(pieces)
    assert {pieces[0].cache.get_seq_length(layer) for layer in (0, 1)} == {pieces[0].fed}  # nothing was read twice
    assert pieces[0].ids[pieces[0].begins :] == finished(task, HELLO)[0]


@pytest.mark.parametrize(("said", "reason"), [(" ", "empty"), ("x" * 30_000, "long"), ("the release broke " * 200, "long")])
def test_a_message_that_cannot_be_read_is_refused(opened, said, reason):
    with pytest.raises(TextRefused) as refused:
        opened("Qwen3").prepare((*HELLO, Message("user", said)))
    assert refused.value.reason == reason
    assert reason == "empty" or 0 < refused.value.limit < len(said)


def test_an_entry_that_leaves_no_room_for_the_conversation_is_refused(opened):
    with pytest.raises(ModelUnavailable, match="raise `tokens` or lower `written`"):
        opened("Qwen3", written=310)


class Gate:
    """Lets steps of the task through one by one."""

    def __init__(self, task):
        self.steps, self.begun, self.go = 0, threading.Event(), threading.Semaphore(0)
        self.caches = []
        self._run, task.run = task.run, self.run

    def run(self, pieces):
        self.begun.set()
        assert self.go.acquire(timeout=10)
        self.steps += 1
        written = self._run(pieces)
        self.caches = [weakref.ref(piece.cache) for piece in pieces]
        return written


class Echo:
    """A classifier that computes nothing."""

    def prepare(self, item):
        return [Message("user", item)]

    def run(self, pieces):
        return [piece.text for piece in pieces]

    def finish(self, item, pieces, raw):
        return raw[0]


async def test_others_are_answered_between_two_steps(talking):
    async with talking() as engine:
        gate = Gate(await engine.task("generate"))
        echo = Echo()
        echo.prepare = lambda item: [type("Row", (), {"text": item, "size": 1})()]
        engine._tasks["sentiment"] = asyncio.create_task(asyncio.sleep(0, echo))
        answer = await engine.generate(HELLO)
        talk = asyncio.create_task(all_of(answer))
        await asyncio.to_thread(gate.begun.wait, 10)
        other = asyncio.create_task(engine.sentiment("we love it"))
        gate.go.release(1)  # only the first of at least four steps
        assert await asyncio.wait_for(other, 10) == "we love it"
        assert gate.steps == 1
        assert not talk.done()
        gate.go.release(100)
        assert await talk
        assert gate.steps >= 4


async def test_who_leaves_stops_the_model_and_frees_its_memory(talking):
    async with talking() as engine:
        gate = Gate(await engine.task("generate"))
        answer = await engine.generate(HELLO)
        talk = asyncio.create_task(all_of(answer))
        await asyncio.to_thread(gate.begun.wait, 10)
        talk.cancel()
        await asyncio.gather(talk, return_exceptions=True)
        del answer, talk
        gate.go.release(100)
        await engine.on_device(lambda: None)
        await engine.on_device(gc.collect)
        assert gate.steps == 1
        assert [cache() for cache in gate.caches] == [None]
        assert engine._batcher.inside == 0


async def test_closing_the_pieces_stops_the_model(talking):
    async with talking() as engine:
        gate = Gate(await engine.task("generate"))
        gate.go.release(100)
        answer = await engine.generate(HELLO)
        async with aclosing(answer.pieces) as pieces:
            await anext(pieces)
        steps = gate.steps
        assert steps < 4
        assert engine._batcher.inside == 0
        assert [piece async for piece in answer.pieces] == []
        assert gate.steps == steps


async def test_several_at_once_are_all_answered(talking):
    async with talking() as engine:
        alone = [await all_of(await engine.generate(messages)) for messages in (HELLO, LONG)]
        answers = [await engine.generate(messages) for messages in (HELLO, LONG, HELLO)]
        assert await asyncio.gather(*map(all_of, answers)) == [*alone, alone[0]]


async def test_a_deadline_ends_an_answer(talking):
    async with talking(deadline_s=0.3) as engine:
        gate = Gate(await engine.task("generate"))
        answer = await engine.generate(HELLO)
        with pytest.raises(DeadlinePassed):
            await all_of(answer)
        gate.go.release(100)


async def test_a_shutdown_ends_an_answer_that_nobody_waits_for(talking):
    async with talking() as engine:
        engine._batcher._grace_s = 0.05
        gate = Gate(await engine.task("generate"))
        talk = asyncio.create_task(all_of(await engine.generate(HELLO)))
        await asyncio.to_thread(gate.begun.wait, 10)
        asyncio.get_running_loop().call_later(0.3, gate.go.release, 100)
    with pytest.raises(Stopped):
        await talk


async def test_a_model_that_breaks_ends_only_its_own_answer(talking):
    async with talking() as engine:
        task = await engine.task("generate")
        run = task.run

        def breaking(pieces):
            if any(len(piece.ids) > 60 for piece in pieces):
                raise ValueError("too long")
            return run(pieces)

        task.run = breaking
        answers = [await engine.generate(messages) for messages in (LONG, HELLO)]
        broken, fine = await asyncio.gather(*map(all_of, answers), return_exceptions=True)
    assert isinstance(broken, ModelFailed)
    assert isinstance(fine, str)


async def test_without_an_entry_it_is_refused_by_name(tmp_path):
    async with serving(catalogue(tmp_path, {})) as engine:
        assert engine.writes == frozenset()
        with pytest.raises(ModelUnavailable, match="generate"):
            await engine.generate(HELLO)


async def all_of(answer):
    return "".join([piece async for piece in answer.pieces])


def scripted(plan):
    """Scores that choose these tokens, one after the other."""
    tokens = iter(plan)

    def scores(decoding, logits):
        return torch.nn.functional.one_hot(torch.tensor([next(tokens, 9)]), logits.shape[-1])

    return scores


async def test_a_users_own_model_answers_in_a_thread(talking):
    thread = Thread((Turn("Ana", "The release broke."),))
    async with talking("Gemma 3") as engine:
        reply = await Assistant(Router(engine), build(engine)).answer(Request("/chat Who fixed it?", thread))
    assert (reply.intent, reply.provenance) == ("chat", Provenance(("Gemma-3@0123456789",), generated=True))
    assert isinstance(reply.parts[0], Text)
    assert reply.parts[1] == Coverage(1, 1)
