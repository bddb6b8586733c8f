"""Recipe for `models/weights/intent`: what a message wants of the bot, six classes on the shared encoder.

    python -m models.training.intent --data ../shared/data --work ../work/intent

Our own wordings (templates with slots, `intent_phrases/`) teach the five intents and what colleagues write to each other;
CLINC150, HWU64 and Natural Questions show what else people ask of assistants; FriendsQA and QMSum show how a conversation is
asked about. Each epoch sees every wording typed in another way. At the end the head's "unsure" bias is moved so that even
odds are where the development set wants the line between an intent and "not sure".
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from models.tasks.encoder import pad
from models.training import encoder, intent_data
from models.training.intent_data import LABELS, Wording
from models.training.loop import Batch, by_length, fit

MAX_TOKENS = 64
THRESHOLD = 0.5
UNSURE = LABELS.index("unsure")
# Kinds of off-topic requests that are never trained on, to see whether "unsure" holds for what was not foreseen.
UNSEEN = frozenset({"clinc/auto_and_commute", "clinc/kitchen_and_dining", "hwu/transport", "hwu/takeaway", "hwu/cooking"})


def course(root: Path, *, seed: int, epochs: int, without: frozenset[str]) -> list[Wording]:
    """All training wordings, epoch after epoch, each time typed differently.

    What equals a development wording is left out, and so are the families `without`.
    """
    rng = random.Random(seed)
    held = {intent_data.plain(wording.text) for wording in intent_data.dev()}
    fixed = intent_data.thin(intent_data.clinc(root / "intent/clinc150"), most=320, rng=rng)
    fixed += intent_data.thin(intent_data.hwu(root / "intent/hwu64"), most=120, rng=rng)
    fixed += intent_data.thin(intent_data.trivia(root / "qa/qed"), most=700, rng=rng)
    fixed += intent_data.thin(intent_data.dialogue(root / "qa/friendsqa_dev/friendsqa_dev.json"), most=300, rng=rng)
    fixed += intent_data.thin(intent_data.meetings(root / "summarization/qmsum/train"), most=150, rng=rng)
    rows: list[Wording] = []
    for _ in range(epochs):
        epoch = [w for w in [*intent_data.own(each=3, rng=rng), *fixed] if w.family not in without]
        epoch = [intent_data.vary(w, rng) for w in epoch if intent_data.plain(w.text) not in held]
        rng.shuffle(epoch)
        rows += epoch
    return rows


def weights(rows: Sequence[Wording]) -> Tensor:
    """One weight a class, by inverse root frequency, mean one."""
    counts = Counter(row.intent for row in rows)
    raw = torch.tensor([counts[label] ** -0.5 for label in LABELS])
    return raw / raw.mean()


def padded(rows: Sequence[Sequence[int]]) -> Batch:
    """Rows of token ids as a batch."""
    ids, mask = pad(rows)
    return {"ids": ids, "mask": mask}


def truth(rows: Sequence[Wording]) -> Tensor:
    """The index of each row's intent."""
    return torch.tensor([LABELS.index(row.intent) for row in rows])


@torch.no_grad()
def logits(model: encoder.Classifier, reader: encoder.Reader, rows: Sequence[Wording]) -> Tensor:
    """(rows, 6)."""
    ids = [reader.ids(row.text, MAX_TOKENS) for row in rows]
    found = torch.empty(len(rows), len(LABELS))
    for batch in by_length([len(row) for row in ids], tokens=4096, seed=0, pool=len(ids)):
        found[batch] = model(padded([ids[i] for i in batch]))
    return found


def decided(scores: Tensor) -> Tensor:
    """The label of each row of logits as the router decides it: "unsure" below even odds."""
    top = scores.softmax(-1).max(-1)
    return torch.where(top.values < THRESHOLD, UNSURE, top.indices)


def shares(scores: Tensor, labels: Tensor) -> tuple[float, float]:
    """(share of requests given their intent, share of other messages left unsure); NaN where there are none."""
    right, scope = decided(scores) == labels, labels != UNSURE
    return right[scope].float().mean().item(), right[~scope].float().mean().item()


def best_shift(scores: Tensor, labels: Tensor) -> float:
    """What to add to the "unsure" logit so that the harmonic mean of both shares is highest (the middle of the best)."""
    found: list[tuple[float, float]] = []
    for step in range(-30, 31):
        shifted = scores.clone()
        shifted[:, UNSURE] += step / 10
        known, unknown = shares(shifted, labels)
        found.append((2 * known * unknown / max(known + unknown, 1e-9), step / 10))
    top = max(value for value, _ in found)
    stretch = [shift for value, shift in found if value > top - 0.003]
    return stretch[len(stretch) // 2]


def confusion(scores: Tensor, labels: Tensor) -> str:
    """A table: a row for each true intent, a column for each decision."""
    counts = Counter(zip(labels.tolist(), decided(scores).tolist(), strict=True))
    lines = ["".join(f"{name:>11}" for name in ("", *LABELS))]
    lines += [f"{name:>11}" + "".join(f"{counts[i, j]:>11}" for j in range(len(LABELS))) for i, name in enumerate(LABELS)]
    return "\n".join(lines)


def held_out(root: Path, seed: int) -> dict[str, list[Wording]]:
    """Sets by name that nothing was trained on."""
    rng = random.Random(seed)
    clinc = intent_data.thin(intent_data.clinc(root / "intent/clinc150", ("val", "oos_val")), most=150, rng=rng)
    unseen = [*intent_data.clinc(root / "intent/clinc150"), *intent_data.hwu(root / "intent/hwu64")]
    return {
        "fresh wordings": intent_data.dev(),
        "unseen kinds": intent_data.thin([w for w in unseen if w.family in UNSEEN], most=150, rng=rng),
        "CLINC150 val": [w for w in clinc if w.family not in UNSEEN],
        "QMSum val": intent_data.thin(intent_data.meetings(root / "summarization/qmsum/val"), most=150, rng=rng),
    }


def evaluate(scores: Mapping[str, Tensor], held: Mapping[str, Sequence[Wording]]) -> dict[str, float]:
    """Both shares for each held-out set."""
    figures: dict[str, float] = {}
    for name, rows in held.items():
        known, unknown = shares(scores[name], truth(rows))
        figures |= {f"{name}: intents": known, f"{name}: left unsure": unknown}
    return {name: round(value, 4) for name, value in figures.items() if value == value}


def main() -> None:
    """Train, set the line for "unsure", evaluate, and write the adapter."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="checkpoints go here; a second run goes on from them")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "weights" / "intent")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=1024, help="padded tokens a batch")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--show-errors", action="store_true", help="print the own development wordings that go wrong")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    rows = course(options.data, seed=options.seed, epochs=options.epochs, without=UNSEEN)
    reader = encoder.Reader()
    ids, labels = [reader.ids(row.text, MAX_TOKENS) for row in rows], truth(rows)
    plan = by_length([len(row) for row in ids], tokens=options.tokens, seed=options.seed)
    print(f"{len(rows)} wordings, {sum(map(len, ids))} tokens, {len(plan)} batches", flush=True)
    model = encoder.Classifier(classes=len(LABELS), rank=options.rank)
    objective = nn.CrossEntropyLoss(weights(rows), label_smoothing=0.05)

    def collate(batch: Sequence[int]) -> Batch:
        return padded([ids[i] for i in batch]) | {"label": labels[batch]}

    fit(model, plan, collate, lambda m, b: objective(m(b), b["label"]), lr=options.lr, head_lr=2e-3, folder=options.work)
    held = held_out(options.data, options.seed)
    scores = {name: logits(model, reader, part) for name, part in held.items()}
    dev, dev_labels = scores["fresh wordings"], truth(held["fresh wordings"])
    shift = best_shift(dev, dev_labels)
    for part in scores.values():
        part[:, UNSURE] += shift
    with torch.no_grad():
        model.head.bias[UNSURE] += shift
    figures = evaluate(scores, held)
    print(confusion(dev, dev_labels), json.dumps({"unsure shift": shift, **figures}, indent=1), sep="\n")
    if options.show_errors:
        for row, guess, label in zip(held["fresh wordings"], decided(dev), dev_labels, strict=True):
            if guess != label:
                print(f"{row.intent} taken for {LABELS[int(guess)]}: {row.text}")
    encoder.save(model, options.out, labels=LABELS, window=MAX_TOKENS, threshold=THRESHOLD, figures=figures)


if __name__ == "__main__":
    main()
