"""Figures of the answering task as a CPU serves it, on articles and dialogues that its weights did not learn from.

    python -m models.training.answering_eval --data ../shared/data

Questions about SQuAD articles, a third of them unanswerable: F1 of the best span, F1 and the share declined at the threshold
that is served, and the same at other thresholds. Questions about FriendsQA scenes: F1 of the best span, the share answered,
and the share declined when each question is asked of another scene. Figures are in percent; the progress goes to stderr.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from models import catalog
from models.load import EXACT, WEIGHTS, Adapter, Loader
from models.tasks.int8 import available
from models.training.answering import Asked, development, mark, scenes
from models.training.answering_data import Paragraph
from models.training.answering_marks import Answering, percent

SWEEP = (0.5, 0.6, 0.7, 0.8)
"""Shares of the unanswerable questions to decline."""

Figures = dict[str, Any]


def served(weights: Path, *, int8: bool = False) -> Answering:
    """The task with the weights of a folder, as a CPU serves it, or in 8 bits. Raises `ModelUnavailable`."""
    profile = catalog.read("offline")
    entry = profile.tasks["extract"].model_copy(update={"adapter": str(weights.resolve())})
    changed = profile.model_copy(update={"tasks": {**profile.tasks, "extract": entry}})
    return Loader(changed, device=torch.device("cpu"), exact=() if int8 else EXACT).task("extract")


def on_articles(task: Answering, asked: Sequence[Asked], title: str) -> Figures:
    """What the task makes of questions of which some are unanswerable."""
    marks = mark(task, asked, title)
    return {
        "questions": len(asked),
        "unanswerable ones": int((~marks.answerable).sum()),
        "answerable F1, best span": marks.best,
        "as served": marks.figures(marks.answered),
        "at other thresholds": [marks.at(marks.threshold(share)) for share in SWEEP],
    }


def on_scenes(task: Answering, held: Sequence[Paragraph], questions: int, title: str) -> Figures:
    """What the task makes of questions about scenes, put to their own scene and then to another one."""
    own, other = asked_of_scenes(held)
    here = mark(task, own[:questions], title)
    elsewhere = mark(task, other[:questions], f"{title}, another scene")
    return {
        "questions": len(own[:questions]),
        "F1, best span": here.best,
        "answered": percent(here.answered),
        "declined of another scene": percent(~elsewhere.answered),
    }


def asked_of_scenes(held: Sequence[Paragraph]) -> tuple[list[Asked], list[Asked]]:
    """Each question with its own scene, and with the next one (for the last scene: the first), counted as unanswerable."""
    own: list[Asked] = []
    other: list[Asked] = []
    for scene, following in zip(held, [*held[1:], *held[:1]], strict=True):
        for question, spans in scene.questions:
            own.append((question, scene.text, [scene.text[slice(*span)] for span in spans]))
            other.append((question, following.text, []))
    return own, other


def measured(task: Answering, root: Path, questions: int, precision: str) -> Figures:
    """The figures on both sets, of at most so many questions each. `precision` stands beside the progress bars."""
    return {
        "SQuAD": on_articles(task, development(root, questions=questions, seed=1), f"{precision}, SQuAD"),
        "FriendsQA": on_scenes(task, scenes(root)[1], questions, f"{precision}, FriendsQA"),
    }


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, default=WEIGHTS / "answering", help="the folder to evaluate")
    parser.add_argument("--questions", type=int, default=3000, help="at most so many of each set")
    parser.add_argument("--int8", action="store_true", help="measure the encoder in 8 bits, too")
    parser.add_argument("--out", type=Path, help="also write the figures to this file")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    if options.int8 and not available():
        parser.error("This build of torch has no 8-bit kernels; run without --int8.")
    torch.set_num_threads(options.threads)
    adapter = Adapter(options.weights)
    figures: Figures = {"weights": adapter.name, "threshold": adapter.config["threshold"]}
    for precision in ("float32", "int8") if options.int8 else ("float32",):
        task = served(options.weights, int8=precision == "int8")
        figures[precision] = measured(task, options.data, options.questions, precision)
    shown = json.dumps(figures, indent=1)
    print(shown)
    if options.out:
        options.out.write_text(f"{shown}\n")


if __name__ == "__main__":
    main()
