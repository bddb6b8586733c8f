"""ROUGE of the product's summaries on threads that its head did not learn from, beside two baselines.

    python -m models.training.salience_eval --data ../shared/data

The summaries are made by `parley batch summarize`. The references are the human abstractive summaries; each measure counts
the one that is best for it. F1 in percent, with stemming, as the package rouge-score computes it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from rouge_score.rouge_scorer import RougeScorer

from models.tasks.salience import Passage, Weigh
from models.training import salience_data as data
from models.training.encoder import Reader
from models.training.salience import WINDOW, untrained
from models.training.salience_data import Told

MEASURES = ("rouge1", "rouge2", "rougeL")


def summarized(threads: Iterable[Told], **fields: int) -> list[str]:
    """Summaries by the product, as a user runs it."""
    rows = [{"turns": [{"speaker": s, "text": t} for s, t in thread.turns], **fields} for thread in threads]
    command = [sys.executable, "-m", "bot", "batch", "summarize"]
    ran = subprocess.run(command, input="\n".join(map(json.dumps, rows)), stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line)["summary"] for line in ran.stdout.splitlines()]


def first(turns: Sequence[str], count: int = 3) -> str:
    """The first turns."""
    return " ".join(turns[:count])


def central(task: Weigh, turns: Sequence[str], count: int = 3) -> str:
    """The turns whose embeddings are nearest to their mean, in thread order."""
    reader = Reader()
    vectors = np.stack(task.run([Passage(i, 0, len(turn), reader.ids(turn, WINDOW)) for i, turn in enumerate(turns)]))
    nearest = np.argsort(-(vectors @ vectors.mean(0)), kind="stable")[:count]
    return " ".join(turns[i] for i in sorted(nearest))


def rouge(threads: Sequence[Told], summaries: Sequence[str]) -> list[float]:
    """ROUGE-1, ROUGE-2 and ROUGE-L: F1 in percent, averaged over the threads."""
    scorer = RougeScorer(MEASURES, use_stemmer=True)
    rows = []
    for thread, summary in zip(threads, summaries, strict=True):
        found = [scorer.score(reference, summary) for reference in thread.summaries]
        rows.append([max(scores[measure].fmeasure for scores in found) for measure in MEASURES])
    return [100 * sum(column) / len(rows) for column in zip(*rows, strict=True)]


def main() -> None:
    """Print a table for customer-service threads and one for e-mail threads."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    root = parser.parse_args().data / "summarization"
    task = untrained()
    sets = {
        "customer service (TweetSumm valid)": list(data.tweetsumm(root / "tweetsumm", "val")),
        "e-mail (ConvoSumm val)": list(data.emails(root / "convosumm_email", "val")),
    }
    for title, threads in sets.items():
        table = Table("", "ROUGE-1", "ROUGE-2", "ROUGE-L", title=f"{title}, {len(threads)} threads")
        systems = {
            "parley": summarized(threads),
            "parley, sentences=3": summarized(threads, sentences=3),
            "first three turns": [first(thread.texts) for thread in threads],
            "three central turns": [central(task, thread.texts) for thread in threads],
        }
        for name, summaries in systems.items():
            table.add_row(name, *(f"{value:.1f}" for value in rouge(threads, summaries)))
        Console().print(table)


if __name__ == "__main__":
    main()
