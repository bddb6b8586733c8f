"""What the salience recipe learns from: threads with summaries that people wrote of them."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Split = Literal["train", "val"]

MARKED = re.compile(r"\[\[(.*?)\]\]")
OWN = Path(__file__).parent / "salience_threads.txt"
TWEET = re.compile(r"^\t(Customer|Agent):\t", re.MULTILINE)
HEADER = re.compile(r"^\s*Name: (?:\"(.*?)\"|(\S*)).*?Subject: \".*?\"\s", re.DOTALL)
QUOTED = re.compile(r"(?:^|\s{2,})\s*>.*?(?=\s{2,}|$)")  # lines are joined by runs of spaces


@dataclass(frozen=True)
class Told:
    """A thread, as (speaker, text) turns, with summaries of it, or with its telling spans (turn, start, end) marked."""

    turns: list[tuple[str, str]]
    summaries: list[str] = field(default_factory=list)
    telling: list[tuple[int, int, int]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """What was said, turn by turn."""
        return [text for _, text in self.turns]


def own() -> Iterator[Told]:
    """Team threads of this project, in which the telling sentences are marked."""
    lines = (line for line in OWN.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    for thread in "\n".join(lines).strip().split("\n\n"):
        turns, telling = [], []
        for index, line in enumerate(thread.splitlines()):
            speaker, _, marked = line.partition(": ")
            text = MARKED.sub(r"\1", marked)
            turns.append((speaker, text))
            for before, found in enumerate(MARKED.finditer(marked)):  # each mark before it took four characters
                telling.append((index, found.start() - 4 * before, found.end() - 4 * (before + 1)))
        yield Told(turns, telling=telling)


def tweetsumm(folder: Path, split: Split) -> Iterator[Told]:
    """Customer-service threads with two or three summaries each."""
    wanted = {"train": "train", "val": "valid"}[split]
    for line in (folder / "dialogs.train_val.jsonl").read_text().splitlines():
        row = json.loads(line)
        if row["split"] == wanted:
            parts = TWEET.split(row["dialogue"])[1:]
            turns = [(speaker, text.strip()) for speaker, text in zip(parts[::2], parts[1::2], strict=True)]
            yield Told(turns, row["summaries"])


def emails(folder: Path, split: Split) -> Iterator[Told]:
    """Mailing-list threads, without their headers and what they quote."""
    with gzip.open(folder / f"{split}.source.gz", "rt") as sources:
        summaries = (folder / f"{split}.target").read_text().splitlines()
        for source, summary in zip(sources, summaries, strict=True):
            yield Told([_mail(mail) for mail in source.split("</s>") if mail.strip()], [summary])


def _mail(mail: str) -> tuple[str, str]:
    header = HEADER.match(mail)
    speaker = (header[1] or header[2] or "") if header else ""
    body = mail[header.end() :] if header else mail
    return speaker, " ".join(QUOTED.sub(" ", body).split())
