"""The engine as handlers see it, over tasks that compute nothing."""

import asyncio
import threading
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from blockbuster import blockbuster_ctx

from models import catalog
from models.engine import LocalEngine
from models.types import DeadlinePassed, ModelFailed, ModelUnavailable, Overloaded, PairUnsupported, TextRefused, Translation

CATALOG = catalog.read("offline")


@dataclass(frozen=True)
class Word:
    text: str
    size: int = 1


class Shouting:
    """Cuts a text into words and shouts each."""

    def __init__(self):
        self.gate = threading.Event()
        self.gate.set()
        self.batches = []

    def prepare(self, item):
        text = item if isinstance(item, str) else " ".join(item)
        if not text:
            raise TextRefused("empty")
        return [Word(word) for word in text.split()]

    def run(self, pieces):
        self.batches.append(len(pieces))
        assert self.gate.wait(10)
        if any(piece.text == "bad" for piece in pieces):
            raise ValueError("bad")
        return [piece.text.upper() for piece in pieces]

    def finish(self, text, pieces, raw):
        return " ".join(raw)


class Shelf:
    def __init__(self, task):
        self.loaded, self._task, self.missing = [], task, False

    def devices(self, name):
        return ("cpu",)

    def task(self, name, device):
        if self.missing:
            raise ModelUnavailable("The model file x is missing; install it again.")
        self.loaded.append(name)
        return self._task


@pytest.fixture
def task():
    return Shouting()


@pytest.fixture
def shelf(task):
    return Shelf(task)


@asynccontextmanager
async def running(shelf, **options):
    async with LocalEngine(CATALOG, lambda: shelf, **options) as engine:
        yield engine


async def test_a_request_goes_through_all_three_phases(shelf):
    async with running(shelf) as engine:
        assert await engine.sentiment("we love it") == "WE LOVE IT"


async def test_pieces_of_many_requests_share_batches(shelf, task):
    async with running(shelf) as engine:
        await engine.sentiment("warm")
        task.gate.clear()
        requests = [asyncio.create_task(engine.sentiment("a b c")) for _ in range(20)]
        await asyncio.sleep(0.2)
        task.gate.set()
        assert await asyncio.gather(*requests) == ["A B C"] * 20
    assert len(task.batches) < 10


async def test_a_model_is_loaded_once_however_many_ask_for_it(shelf):
    async with running(shelf) as engine:
        await asyncio.gather(*(engine.sentiment("x") for _ in range(20)))
    assert shelf.loaded == ["sentiment"]


async def test_a_load_that_failed_is_tried_again(shelf):
    shelf.missing = True
    async with running(shelf) as engine:
        with pytest.raises(ModelUnavailable):
            await engine.sentiment("x")
        shelf.missing = False
        assert await engine.sentiment("x") == "X"


async def test_an_error_of_one_text_leaves_the_others_alone(shelf):
    async with running(shelf) as engine:
        found = await asyncio.gather(*map(engine.sentiment, ["good", "bad", "", "fine"]), return_exceptions=True)
    assert (found[0], found[3]) == ("GOOD", "FINE")
    assert isinstance(found[1], ModelFailed)
    assert isinstance(found[2], TextRefused)


async def test_a_request_that_takes_too_long_is_told_so(shelf, task):
    task.gate.clear()
    async with running(shelf, deadline_s=0.2) as engine:
        with pytest.raises(DeadlinePassed):
            await engine.sentiment("x")
        task.gate.set()
        assert await engine.sentiment("y") == "Y"


async def test_a_full_house_refuses_before_any_work(shelf, task):
    task.gate.clear()
    async with running(shelf, room=2) as engine:
        inside = [asyncio.create_task(engine.sentiment("x")) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await engine.sentiment("x")
        task.gate.set()
        assert await asyncio.gather(*inside) == ["X", "X"]


async def test_a_caller_who_leaves_during_the_load_does_not_stop_it_for_others(shelf):
    async with running(shelf) as engine:
        gone, stays = (asyncio.create_task(engine.sentiment("x")) for _ in range(2))
        await asyncio.sleep(0)
        gone.cancel()
        assert await stays == "X"


async def test_a_text_is_read_once_while_its_result_is_kept(shelf, task):
    async with running(shelf, cache=1000) as engine:
        assert [await engine.sentiment("x") for _ in range(3)] == ["X"] * 3
        await engine.intent("x")
        await engine.translate("x", source="pt", target="en")
        await engine.translate("x", source="en", target="pt")
        await engine.extract("x", "y z")
        await engine.extract("x y", "z")
    assert len(task.batches) == 6


async def test_an_error_is_not_kept(shelf):
    async with running(shelf, cache=1000) as engine:
        for _ in range(2):
            with pytest.raises(ModelFailed):
                await engine.sentiment("bad")


async def test_a_language_is_identified_anew_for_other_hints(shelf):
    async with running(shelf, cache=1000) as engine:
        hinted = [await engine.language("ok casa", hints=(hint,)) for hint in ("es", "pt", "es")]
    assert hinted[0] is hinted[2]
    assert hinted[0].language != hinted[1].language


async def test_unknown_pairs_are_refused_by_name(shelf):
    async with running(shelf) as engine:
        assert engine.pairs == {("en", "pt"), ("pt", "en")}
        with pytest.raises(PairUnsupported) as refused:
            await engine.translate("x", source="en", target="ja")
    assert (refused.value.source, refused.value.target) == ("en", "ja")


async def test_each_task_is_reached_under_its_name(shelf):
    async with running(shelf) as engine:
        await engine.translate("x", source="pt", target="en")
        await engine.intent("x")
    assert shelf.loaded == ["translate-pt-en", "intent"]


async def test_warming_loads_everything_and_reports_it(shelf):
    reports = []
    async with running(shelf) as engine:
        await engine.warm(lambda name, done, total: reports.append((name, done, total)))
    assert set(shelf.loaded) == {"sentiment", "intent", "extract", "salience", "translate-en-pt", "translate-pt-en"}
    assert [done for _, done, _ in reports] == list(range(len(reports)))
    assert reports[-1][1] == reports[-1][2]


async def test_the_event_loop_is_never_blocked(shelf):
    """Any blocking call on the loop raises here; and while the device works, the loop keeps turning."""
    with blockbuster_ctx():
        async with running(shelf) as engine:
            await engine.sentiment("we love it")
            await engine.language("we love it")


@pytest.mark.real
async def test_the_event_loop_keeps_turning_while_real_models_work(real_engine):
    gaps, before = [], asyncio.get_running_loop().time()
    work = asyncio.gather(*(real_engine.sentiment(f"we love it, number {i}, " * 20) for i in range(20)))
    while not work.done():
        await asyncio.sleep(0)
        now = asyncio.get_running_loop().time()
        gaps.append(now - before)
        before = now
    await work
    assert len(gaps) > 50


# Translations through English


class Spelling(Shouting):
    """Translates by writing the way it went behind each text."""

    def finish(self, item, pieces, raw):
        text, source, target = item
        return Translation(f"{text} ({source}-{target})", source, target, f"{source}{target}@1")


@pytest.fixture
def across(tmp_path):
    """An engine that translates from Portuguese to English and from English to German."""
    about = 'name = "m"\nsource = "path:/m"\nrevision = "1"\nlicence = "MIT"\nkind = "translate"\n'
    own = tmp_path / "own.toml"
    own.write_text(f"[tasks.translate-en-de]\n{about}between = [['en', 'de']]\n")
    task = Spelling()
    return LocalEngine(catalog.read("offline", own), lambda: Shelf(task), cache=1000), task


async def test_what_no_model_translates_directly_goes_through_english(across):
    engine, _ = across
    async with engine:
        assert ("pt", "de") in engine.pairs
        found = await engine.translate("olá", source="pt", target="de")
    assert found == Translation("olá (pt-en) (en-de)", "pt", "de", "pten@1, ende@1", "en")
    assert found.route == "pt>en>de"


async def test_both_steps_are_kept_each_for_itself(across):
    engine, task = across
    async with engine:
        for _ in range(2):
            await engine.translate("olá", source="pt", target="de")
        direct = await engine.translate("olá", source="pt", target="en")
    assert len(task.batches) == 2
    assert (direct.route, direct.pivot) == ("pt>en", None)


async def test_a_step_that_fails_fails_the_translation(across):
    engine, _ = across
    async with engine:
        with pytest.raises(ModelFailed):
            await engine.translate("bad", source="pt", target="de")
        with pytest.raises(PairUnsupported):
            await engine.translate("x", source="de", target="pt")
