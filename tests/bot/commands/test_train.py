"""`parley train`, with the default encoder on a jargon that the default model does not know."""

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from bot.commands.train import Screen, stoppable
from models.training.custom.loop import Epoch

ROOT = Path(__file__).parents[3]
SAID = {
    "negative": ["went full raccoon", "is doing the potato", "is on the struggle bus"],
    "neutral": ["is parked on the shelf", "moved to the blue lane", "is in the oven"],
    "positive": ["is straight butter", "is chef's kiss", "is fire"],
}
TAUGHT = "deploy,parser,build,branch,login page,nightly job,search index,checkout".split(",")
UNSEEN = "release,new patch,database,menu".split(",")


def parley(folder, *arguments, start=("-m", "bot"), **environment):
    return subprocess.run(
        [sys.executable, *start, *arguments],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "100"} | environment,
        timeout=120,
        check=False,
    )


def write(path, subjects):
    rows = [f"the {name} {said},{label}" for label, forms in SAID.items() for said in forms for name in subjects]
    path.write_text("\n".join(["text,label", *rows]) + "\n", encoding="utf-8")


@pytest.mark.real
@pytest.mark.timeout(240)
def test_the_default_sentiment_model_learns_a_jargon(tmp_path):
    write(tmp_path / "ours.csv", TAUGHT)
    write(tmp_path / "test.csv", UNSEEN)
    data = ("--data", "ours.csv", "--out", "ours", "--epochs", "3")
    made = parley(tmp_path, "train", "sentiment", *data, PARLEY_THREADS="1")
    assert made.returncode == 0, made.stderr
    assert "epoch 3/3" in made.stderr
    assert "\x1b" not in made.stdout + made.stderr
    lines = made.stdout[made.stdout.index("[tasks.sentiment]") :]
    (tmp_path / "own.toml").write_text(lines.replace("tasks.sentiment", "tasks.jargon"), encoding="utf-8")
    compared = ("--data", "test.csv", "--entry", "jargon", "--against", "sentiment")
    measured = parley(tmp_path, "eval", "sentiment", *compared, PARLEY_MODELS="own.toml")
    assert measured.returncode == 0, measured.stderr
    ours, default, gap, low = map(float, measured.stdout.split("accuracy")[1].split()[:4])
    assert ours >= 0.85
    assert default <= 0.6
    assert gap > low > 0.2


def test_packages_that_are_missing_are_named(tmp_path):
    program = "import sys; sys.modules['sacrebleu'] = None; from bot.__main__ import main; main()"
    ran = parley(tmp_path, "eval", "sentiment", "--data", "ours.csv", start=("-c", program))
    assert ran.stderr == "parley: Evaluation needs more packages; install them with: pip install 'parley[train]'\n"
    assert ran.returncode == 1


def test_what_is_wrong_with_the_data_is_one_sentence(tmp_path):
    (tmp_path / "ours.csv").write_text("text,label\nhi,happy\n", encoding="utf-8")
    refused = parley(tmp_path, "eval", "sentiment", "--data", "ours.csv")
    assert refused.returncode == 2
    assert refused.stderr == (
        "parley: ours.csv, line 2, column \"label\": 'happy' is none of negative, neutral, positive.\n"
    )


def test_without_a_terminal_each_epoch_is_a_line():
    console = Console(record=True, width=60, file=io.StringIO())
    screen = Screen(console, 4)
    with screen.progress:
        screen.begun("tiny", {"bad": 3, "good": 4}, {"bad": 1, "good": 1}, (10, 1000))
        screen.step(1, 1, 2, 0.5)
        screen.epoch(Epoch(1, 0.5, 0.4, {"macro F1": 0.75}), best=True)
    assert console.export_text().splitlines() == [
        "Training from tiny: 10 of 1,000 weights learn.",
        "7 examples are taught: 3 bad, 4 good.",
        "2 examples are held out: 1 bad, 1 good.",
        "epoch 1/4 · loss 0.500, held out 0.400 · macro F1 0.750 · best so far",
    ]


def test_ctrl_c_asks_first_and_interrupts_the_second_time():
    with stoppable() as stop:
        assert not stop()
        signal.raise_signal(signal.SIGINT)
        assert stop()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
