"""What the README shows is what Parley does."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import Settings, variable

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def blocks(language, document=README):
    """The code blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", document, re.MULTILINE | re.DOTALL)


def examples(document=README):
    """Each command with the output that stands below it."""
    parts = [
        example for block in blocks("console", document) for example in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    ]
    return [example.partition("\n")[::2] for example in parts]


def masked(text):
    """The text without what differs between machines and revisions: times, scores with their bars, and checksums."""
    text = re.sub(r"\b(\d+ ms|\d+\.\d s)(?= ·)", "TIME", text)
    text = re.sub(r"(TIME · [^\n]*)\n▌ ", r"\1 · ", text)  # a longer time may wrap the line of what was used
    text = re.sub(r"[█░]+ +\d+%", "BAR", text)
    text = re.sub(r"@[0-9a-f]{8}\b", "@REVISION", text)
    return re.sub(r"\d\.\d{3,}(e-\d+)?", "SCORE", text)


def run(line, folder):
    """A line of shell, with `parley` standing for the one under test."""
    return subprocess.run(
        ["bash", "-c", f'parley() {{ "$PYTHON" -m bot "$@"; }}\n{line}'],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        cwd=folder,
        env=os.environ | {"PYTHON": sys.executable, "PYTHONPATH": str(ROOT), "COLUMNS": "80", "LC_ALL": "C.UTF-8"},
        timeout=280,
        check=True,
    ).stdout


@pytest.mark.real
@pytest.mark.timeout(300)
def test_the_excerpt_stands_in_what_the_demo_prints(tmp_path):
    shown = run("parley demo", tmp_path)
    assert "\x1b" not in shown
    assert max(map(len, shown.splitlines())) <= 80
    excerpt = blocks("text")[0]
    for part in excerpt.split("\n…\n"):
        assert masked(part.strip()) in masked(shown)


@pytest.mark.real
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("command", "output"), [example for example in examples() if example[0].partition(" ")[0] != "make"]
)
def test_commands_do_what_stands_below_them(command, output, tmp_path):
    (tmp_path / "incident.txt").write_text(blocks("text")[1], encoding="utf-8")
    assert masked(output).strip() in masked(run(command, tmp_path))


@pytest.mark.parametrize(
    ("command", "output"), [example for example in examples() + examples(CONTRIBUTING) if "make" in example[0]]
)
def test_what_can_be_made_is_in_the_makefile(command, output):
    run(f"make --dry-run {command.removeprefix('make ')}", ROOT)
    assert output == ""


def test_every_setting_is_in_the_table():
    assert re.findall(r"^\| `(PARLEY_\w+)`", README, re.MULTILINE) == list(map(variable, Settings.model_fields))


def test_links_lead_to_files_that_are_there():
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", README + CONTRIBUTING)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []
