import io
import json
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace

import pytest
from rich.console import Console
from rich.text import Text

from bot.commands import compare
from bot.settings import Settings
from models.bench import compare as bench
from models.bench import memory
from models.bench.compare import Comparison, Row
from models.bench.ways import Answer, Network, Way
from models.examples import DataError
from models.types import ModelUnavailable

TEXT = "Doctors recommend that older people get the vaccine before the winter begins."
FIRST = "Os médicos recomendam que as pessoas mais velhas recebam a vacina antes do inverno começar."
SECOND = FIRST.replace("recebam", "obtenham")


def way(name, gone=""):
    return Way(name, "float32", f"{name} does it all: tokens, batches, layers and what comes after them.", None, gone)


@pytest.fixture
def comparison():
    rows = (
        Row(way("generate"), (Answer(FIRST),), 56.2, 1.0, 1, 188_000_000),
        Row(way("parley"), (Answer(SECOND),), 112.4, 2.0, 0, 92_000_000),
    )
    network = Network("bergamot-enpt@1693087644", 16_907_265, 22_426_145)
    return Comparison("translate", network, (TEXT,), rows, (way("pipeline", "removed in transformers 5"),))


@pytest.fixture
def compared(comparison, monkeypatch):
    """What was asked to be compared: (subject, texts, threads)."""
    asked = []

    async def fake(subject, texts, report, *, threads):
        report("generate: speed")
        asked.append((subject.name, list(texts), threads))
        return comparison

    monkeypatch.setattr(bench, "compare", fake)
    monkeypatch.setattr(memory, "prepare", lambda: None)
    return asked


def console(terminal=False):
    return Console(file=io.StringIO(), width=80, force_terminal=terminal, highlight=False)


async def shown(*names, terminal=False, **options):
    out, err = console(terminal), console()
    code = await compare.run(Settings(threads=2), names or ("translate",), out, err, **options)
    assert code == 0
    return out.file.getvalue(), err.file.getvalue()


async def test_a_table_fits_a_terminal(compared):
    written, _ = await shown(terminal=True)
    lines = [Text.from_ansi(line).plain for line in written.splitlines()]
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    assert "removed in" in text
    assert "16.9 million parameters" in text
    assert "92.0 MB" in text
    assert "2.00" in text


async def test_words_that_differ_are_marked(compared):
    written, _ = await shown(terminal=True)
    assert "\x1b[1mobtenham" in written
    assert written.count("≠") == 1


async def test_a_pipe_gets_a_line_for_each_way(compared):
    written, told = await shown()
    assert "\x1b" not in written
    lines = written.splitlines()
    assert "pipeline: removed in transformers 5" in lines
    assert f"generate: float32, 188.0 MB, 56.2 texts/s, ratio 1.00, 1/1 the same: {FIRST}" in lines
    assert f"parley: float32, 92.0 MB, 112 texts/s, ratio 2.00, 0/1 the same: ≠ {SECOND}" in lines
    assert lines[-1] == compare.LEGEND
    assert told == "Comparing; this takes about a minute …\n"


async def test_a_text_comes_first_and_a_file_takes_the_place_of_ours(compared, tmp_path):
    file = tmp_path / "texts.txt"
    file.write_text("One.\n\n  Two.\n", encoding="utf-8")
    await shown("sentiment", "translate", text="Mine.")
    await shown(text="Mine.", file=file)
    (first, own, threads), (second, _, _), (_, from_file, _) = compared
    assert (first, second) == ("sentiment", "translate")
    assert own == ["Mine.", *bench.SUBJECTS["sentiment"].texts()]
    assert from_file == ["Mine.", "One.", "Two."]
    assert threads == 2


@pytest.mark.parametrize(
    ("content", "complaint"), [(None, "cannot be read"), (b"\n \n", "holds no texts"), (b"\xff\xfe\xfa", "not in UTF-8")]
)
async def test_a_file_without_texts_is_refused_by_name(compared, tmp_path, content, complaint):
    file = tmp_path / "texts.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(DataError, match=rf"texts\.txt {complaint}|texts\.txt is {complaint}"):
        await shown(file=file)
    assert compared == []


async def test_json_holds_everything(compared, tmp_path):
    path = tmp_path / "compared.json"
    await shown(path=path)
    found = json.loads(path.read_text(encoding="utf-8"))
    (told,) = found["comparisons"]
    assert found["transformers"].startswith("5.")
    assert (told["task"], told["parameters"], told["texts"]) == ("translate", 16_907_265, [TEXT])
    gone, _, parley = told["ways"]
    assert gone["gone"] == "removed in transformers 5"
    assert parley["answers"] == [{"text": SECOND, "score": None}]
    assert (parley["peak_memory"], parley["texts_per_second"], parley["ratio"], parley["same"]) == (92_000_000, 112.4, 2, 0)


def test_a_long_text_is_cut_and_no_escape_reaches_the_terminal(comparison):
    out = console(terminal=False)
    out.print(compare.plain(replace(comparison, texts=("a\n b\x1b[2J" + "c" * 500,))), soft_wrap=True)
    assert out.file.getvalue().splitlines()[1] == "“a b\ufffd[2J" + "c" * (compare.LONGEST - 8) + "…”"


async def test_a_process_that_was_killed_becomes_a_sentence(compared, monkeypatch):
    async def killed(*arguments, **options):
        raise BrokenProcessPool

    monkeypatch.setattr(bench, "compare", killed)
    with pytest.raises(ModelUnavailable, match="make more memory free"):
        await shown()
