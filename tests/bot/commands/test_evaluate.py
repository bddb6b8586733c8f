"""`parley eval`: what is asked of whom, and what is printed of the answers."""

import io
import json
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from rich.console import Console

from bot.commands import evaluate
from bot.commands.measures import MEASURES, serving
from bot.settings import Settings
from models import catalog
from models.catalog import CatalogError
from models.types import Classification, Extraction, ModelUnavailable, TextRefused, Translation

OTHER = {"kind": "sequence", "name": "o", "source": "path:/o", "revision": "1", "licence": "MIT"}


@pytest.fixture
def known():
    """The default profile with another classifier and another translator."""
    offline = catalog.read("offline")
    more = {"other": OTHER, "babel": OTHER | {"kind": "translate", "languages": ["en", "pt", "fr"]}}
    return catalog.Catalog.model_validate({"encoders": offline.encoders, "tasks": {**offline.tasks, **more}})


class Words:
    """An engine that finds a label, an answer or a translation in the words themselves."""

    def __init__(self, serving):
        self.entry = serving.tasks["sentiment"].kind if serving else "classify"

    async def sentiment(self, text):
        if text == "?":
            raise TextRefused("empty")
        label = "positive" if "good" in text and self.entry == "classify" else "negative"
        return Classification(label, {label: 1.0}, self.entry)

    async def extract(self, question, context):
        span = (0, 3) if "Ana" in context else None
        return Extraction(span, 0.9, (0, 3), 1.0, "words")

    async def translate(self, text, *, source, target):
        return Translation(text.replace("Hello", "Olá").replace("Bom", "Good"), source, target, "words")


@pytest.fixture
def run(monkeypatch, tmp_path, known):
    """Runs the command with that engine; gives what it printed and what it wrote."""

    @asynccontextmanager
    async def running(settings, serving=None):
        yield SimpleNamespace(engine=Words(serving))

    monkeypatch.setattr(evaluate, "running", running)
    monkeypatch.setattr(catalog, "read", lambda *_: known)

    async def run(task, text, *entries, name="data.csv"):
        data, path = tmp_path / name, tmp_path / "figures.json"
        data.write_text(text, encoding="utf-8")
        out, err = Console(file=io.StringIO(), width=100, record=True), Console(quiet=True)
        code = await evaluate.run(Settings(), task, data, entries or [None], out, err, path=path, seed=1)
        assert code == 0
        return out.export_text(), json.loads(path.read_text(encoding="utf-8"))

    return run


ROWS = "text,label\ngood one,positive\ngood two,positive\nbad,negative\n?,negative\n"


async def test_one_entry_is_measured_label_by_label(run):
    shown, written = await run("sentiment", ROWS)
    assert "accuracy          0.750" in shown
    assert "positive      1.000   1.000  1.000         2" in shown
    assert "sentiment could not read 1; they count as wrong." in shown
    assert written["entries"][0]["figures"]["macro recall"] == 0.75
    assert written["entries"][0]["refused"] == 1
    assert "differences" not in written


async def test_two_entries_are_compared(run):
    shown, written = await run("sentiment", ROWS, "sentiment", "other")
    assert [entry["model"] for entry in written["entries"]] == ["classify", "sequence"]
    difference = written["differences"]["accuracy"]
    assert difference["value"] == 0.5
    assert difference["low"] <= 0.5 <= difference["high"]
    assert "+0.500" in shown
    assert "paired bootstrap, 1,000 resamples" in shown


async def test_answers_and_translations_have_the_figures_of_their_field(run):
    shown, _ = await run("ask", "question,context,answer\nWho?,Ana did,Ana\nWhen?,Ana did,\nWho?,Ben did,Ben\n")
    assert "HasAns EM     50.00" in shown
    assert "NoAns          0.00" in shown
    rows = "text,source,target,translation\nHello my dear old friend Ana,English,pt,Olá my dear old friend Ana\n"
    shown, written = await run("translate", rows + "Bom dia Ana,pt,en,Good dia Ana\n")
    assert written["entries"][0]["figures"]["en → pt BLEU"] == pytest.approx(100)
    assert written["entries"][0]["figures"]["pt → en chrF"] == pytest.approx(100)
    assert "version:" in written["entries"][0]["how"]["en → pt BLEU"]


async def test_a_model_that_is_not_there_ends_it(run, monkeypatch):
    async def missing(self, text):
        raise ModelUnavailable("It is missing.")

    monkeypatch.setattr(Words, "sentiment", missing)
    with pytest.raises(ModelUnavailable):
        await run("sentiment", ROWS)


def test_an_entry_takes_the_place_of_the_one_that_serves(known):
    assert serving(known, MEASURES["sentiment"], None) is known
    assert serving(known, MEASURES["sentiment"], "other").tasks["sentiment"].name == "o"
    assert serving(known, MEASURES["intent"], "other").tasks["intent"].name == "o"


def test_a_translator_is_not_helped_by_others(known):
    assert serving(known, MEASURES["translate"], "translate-en-pt").pairs == {("en", "pt")}
    assert ("fr", "pt") in serving(known, MEASURES["translate"], "babel").pairs


def test_what_does_another_task_is_refused(known):
    with pytest.raises(CatalogError, match="Babel does another task"):
        serving(known, MEASURES["sentiment"], "babel")
    with pytest.raises(CatalogError, match="no entry 'nobody'; choose one of: sentiment, intent, other"):
        serving(known, MEASURES["classify"], "nobody")


@pytest.mark.real
async def test_summaries_are_measured_as_they_are_served(tmp_path):
    turns = [
        {"speaker": "Ana", "text": "The release broke the search page."},
        {"speaker": "Ben", "text": "Rolling it back."},
    ]
    data = tmp_path / "threads.jsonl"
    data.write_text(json.dumps({"turns": turns, "summary": "The release broke the search page."}), encoding="utf-8")
    out = Console(file=io.StringIO(), width=100, record=True)
    await evaluate.run(Settings(), "summarize", data, [None], out, Console(quiet=True), path=None, seed=0)
    assert float(out.export_text().split("ROUGE-1")[1].split()[0]) > 50
