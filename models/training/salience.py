"""Recipe for `models/weights/salience`: which sentences of a thread its summaries speak of.

    python -m models.training.salience --data ../shared/data --work ../work/salience

The encoder stays as it is; only a small head is trained, on embeddings that are computed once. A sentence's target is the
share of summaries for which a greedy search picks it: the search adds the sentence that most improves ROUGE-1 plus ROUGE-2
(Nallapati et al. 2017, section 3), until none does.

`--evaluate` trains nothing: it sends the validation threads through `parley batch summarize`, and prints ROUGE against the
best of each thread's summaries, beside the first three turns and the three turns nearest to the thread's mean embedding.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from rich.progress import track
from rouge_score.rouge_scorer import RougeScorer
from rouge_score.tokenize import tokenize
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import AutoModel

from models.tasks import int8
from models.tasks.encoder import Encoder
from models.tasks.salience import Array, Passage, Weigh, features
from models.training.encoder import Reader, base_folder
from models.training.loop import Batch, by_length, fit
from models.training.salience_data import Told

WINDOW = 128
MEASURES = ("rouge1", "rouge2", "rougeL")
OUT = Path(__file__).parents[1] / "weights" / "salience"


class Head(nn.Module):
    """Features of a sentence -> log-odds that a summary speaks of it."""

    def __init__(self, inputs: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.hide, self.drop = nn.Dropout(0.1), nn.Dropout(dropout)
        self.add_module("in", nn.Linear(inputs, hidden))
        self.out = nn.Linear(hidden, 1)

    def forward(self, seen: Tensor) -> Tensor:
        """(sentences, features) -> (sentences,)."""
        hidden = self.get_submodule("in")(self.hide(seen)).relu()
        scores: Tensor = self.out(self.drop(hidden)).squeeze(-1)
        return scores


def weigher(head: dict[str, Tensor]) -> Weigh:
    """The task on the 8-bit encoder, as a CPU serves it."""
    model = AutoModel.from_pretrained(base_folder(), add_pooling_layer=False).eval()
    int8.quantize(model)
    return Weigh(Encoder(model, Reader().tokenizer), head, window=WINDOW, limit=10**9, model="salience")


def embed(task: Weigh, pieces: Sequence[Passage], cache: Path) -> Array:
    """A row for each sentence; kept in `cache`, which a second call reads instead."""
    if cache.is_file():
        kept: Array = np.load(cache)
        return kept
    rows = np.empty((len(pieces), 384), np.float32)
    for batch in track(by_length([p.size for p in pieces], tokens=2048, seed=0, pool=len(pieces)), cache.stem):
        rows[batch] = task.run([pieces[i] for i in batch])
    cache.parent.mkdir(parents=True, exist_ok=True)
    np.save(cache, rows)
    return rows


def examples(task: Weigh, threads: Sequence[Told], cache: Path) -> list[tuple[Tensor, Tensor]]:
    """(features, targets) of each thread that has sentences."""
    cut = [task.prepare(thread.texts) for thread in threads]
    rows = iter(embed(task, [piece for pieces in cut for piece in pieces], cache))
    made = []
    for thread, pieces in zip(threads, cut, strict=True):
        if pieces:
            seen = features(thread.texts, pieces, np.stack([next(rows) for _ in pieces]))
            made.append((torch.from_numpy(seen), torch.from_numpy(targets(thread, pieces))))
    return made


def targets(thread: Told, pieces: Sequence[Passage]) -> Array:
    """For each sentence: 1 where it is marked as telling, else the share of summaries that pick it."""
    if thread.telling:
        return np.array([any(p.turn == at and p.start < end and start < p.end for at, start, end in thread.telling) for p in pieces], np.float32)
    return shares([thread.texts[p.turn][p.start : p.end] for p in pieces], thread.summaries)


def shares(sentences: Sequence[str], summaries: Sequence[str]) -> Array:
    """For each sentence, the share of summaries whose greedy search picks it."""
    bags = [grams(sentence) for sentence in sentences]
    picked = np.zeros(len(sentences), np.float32)
    for summary in summaries:
        picked[greedy(bags, grams(summary))] += 1 / len(summaries)
    return picked


def grams(text: str) -> tuple[Counter[object], Counter[object]]:
    """Words and pairs of words, as ROUGE counts them."""
    words = tokenize(text, None)
    return Counter(words), Counter(zip(words, words[1:], strict=False))


def greedy(
    bags: Sequence[tuple[Counter[object], Counter[object]]], wanted: tuple[Counter[object], Counter[object]]
) -> list[int]:
    """Sentences chosen one by one for the gain in ROUGE-1 plus ROUGE-2 F1, until none gains."""
    chosen: list[int] = []
    said: tuple[Counter[object], Counter[object]] = (Counter(), Counter())
    reached = 0.0
    while True:
        tried = {i: [a + b for a, b in zip(said, bag, strict=True)] for i, bag in enumerate(bags) if i not in chosen}
        values = {i: sum(f1(a, b) for a, b in zip(both, wanted, strict=True)) for i, both in tried.items()}
        best = max(values, key=values.__getitem__, default=-1)
        if best < 0 or values[best] <= reached:
            return chosen
        chosen.append(best)
        said, reached = (tried[best][0], tried[best][1]), values[best]


def f1(said: Counter[object], wanted: Counter[object]) -> float:
    """F1 of the overlap of two bags."""
    shared = (said & wanted).total()
    return 2 * shared / (said.total() + wanted.total()) if shared else 0.0


def train(rows: Sequence[tuple[Tensor, Tensor]], options: argparse.Namespace) -> Head:
    """Fit the head; a batch is some threads."""
    head = Head(rows[0][0].shape[1], options.hidden, options.dropout)
    order = np.random.default_rng(options.seed)
    plan = [
        batch.tolist()
        for _ in range(options.epochs)
        for batch in np.array_split(order.permutation(len(rows)), len(rows) // options.batch + 1)
    ]

    def collate(batch: Sequence[int]) -> Batch:
        return {"seen": torch.cat([rows[i][0] for i in batch]), "target": torch.cat([rows[i][1] for i in batch])}

    def loss(model: nn.Module, batch: Batch) -> Tensor:
        return nn.functional.binary_cross_entropy_with_logits(model(batch["seen"]), batch["target"])

    fit(head, plan, collate, loss, lr=options.lr, folder=options.work)
    return head


def save(head: Head, folder: Path) -> None:
    """Write head.safetensors and config.json with its checksum."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "head.safetensors"
    save_file({name: tensor.half().contiguous() for name, tensor in head.state_dict().items()}, path)
    config = {"window": WINDOW, "sha256": {path.name: hashlib.sha256(path.read_bytes()).hexdigest()}}
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")


def evaluate(threads: Sequence[Told]) -> dict[str, list[float]]:
    """ROUGE-1/2/L F1 in percent of what the product says by default and in three points, and of the two baselines."""
    task = weigher({})
    return {
        "parley": rouge(threads, summarized(threads)),
        "parley, sentences=3": rouge(threads, summarized(threads, sentences=3)),
        "first three turns": rouge(threads, [" ".join(thread.texts[:3]) for thread in threads]),
        "centroid": rouge(threads, [centroid(task, thread.texts) for thread in track(threads, "centroid")]),
    }


def summarized(threads: Iterable[Told], **fields: int) -> list[str]:
    """Summaries by `parley batch summarize`, run as a user runs it."""
    rows = [{"turns": [{"speaker": s, "text": t} for s, t in thread.turns], **fields} for thread in threads]
    command = [sys.executable, "-m", "bot", "batch", "summarize"]
    ran = subprocess.run(command, input="\n".join(map(json.dumps, rows)), stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line)["summary"] for line in ran.stdout.splitlines()]


def centroid(task: Weigh, turns: Sequence[str], count: int = 3) -> str:
    """The `count` turns whose embedding is nearest to their mean, in thread order."""
    reader = Reader()
    vectors = np.stack(task.run([Passage(i, 0, len(turn), reader.ids(turn, WINDOW)) for i, turn in enumerate(turns)]))
    nearest = np.argsort(-(vectors @ vectors.mean(0)), kind="stable")[:count]
    return " ".join(turns[i] for i in sorted(nearest))


def rouge(threads: Sequence[Told], summaries: Sequence[str]) -> list[float]:
    """F1 in percent by measure, with stemming; the best of a thread's references counts, for each measure by itself."""
    scorer = RougeScorer(MEASURES, use_stemmer=True)
    best: Callable[[Told, str], list[float]] = lambda thread, said: [  # noqa: E731
        max(scorer.score(reference, said)[measure].fmeasure for reference in thread.summaries) for measure in MEASURES
    ]
    rows = [best(thread, said) for thread, said in zip(threads, summaries, strict=True)]
    return [round(100 * sum(column) / len(rows), 1) for column in zip(*rows, strict=True)]
