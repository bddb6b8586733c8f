"""`parley models info` on this very machine; hosts that are made up are in tests/models/test_survey.py."""

import io

import pytest
from rich.console import Console
from transformers import AutoModelForSequenceClassification
from typer.testing import CliRunner

from bot.__main__ import app
from bot.commands import models_info
from bot.settings import Settings

from ...models.families import checkpoint
from ...models.families_encoders import bert

ENTRY = """
[tasks.sentiment]
kind = "sequence"
name = "mood"
source = "path:mood"
revision = "1"
licence = "MIT"
device = "cpu"
dtype = "bfloat16"

[tasks.generate]
kind = "generate"
name = "giant"
source = "hub:acme/giant"
revision = "0123456789012345678901234567890123456789"
licence = "MIT"
device = "cpu"
size = 900_000_000_000_000
"""


@pytest.fixture
def settings(tmp_path):
    checkpoint(tmp_path / "mood", AutoModelForSequenceClassification, *bert())
    path = tmp_path / "own.toml"
    path.write_text(ENTRY)
    return Settings(models=path, models_dir=tmp_path / "models")


def printed(settings, device=None):
    out = Console(file=io.StringIO(), width=120)
    return models_info.run(settings, device, out), out.file.getvalue()


def test_each_entry_has_a_row_and_a_sentence(settings):
    code, text = printed(settings, "cpu")
    [row] = [line.split() for line in text.splitlines() if line.startswith("sentiment ")]
    assert row[1:] == ["mood@1", "0.0", "M", row[4], row[5], "bfloat16", "cpu", "yes"]
    [giant] = [line.split() for line in text.splitlines() if line.startswith("generate ")]
    assert giant[-2:] == ["cpu", "no"]
    assert "generate: giant needs" in text
    assert "sentiment: Goes to cpu, where" in text
    assert any(line.startswith("cpu: ") and "main memory" in line for line in text.splitlines())
    assert code == 1


def test_a_profile_that_fits_leaves_with_nothing_to_mend():
    assert printed(Settings(), "cpu")[0] == 0


def test_a_device_that_is_not_here_is_one_sentence():
    found = CliRunner().invoke(app, ["models", "info", "--device", "cuda:99"])
    assert found.exit_code == 1
    assert "The device 'cuda:99' is not available here; choose one of: auto" in found.stderr
