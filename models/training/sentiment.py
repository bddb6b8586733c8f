"""Recipe for `models/weights/sentiment`: three classes on the shared encoder.

    python -m models.training.sentiment --data ../shared/data --work ../work/sentiment

Tweets, developer posts, Reddit comments, reviews: one model for the ways people write in a chat. The loss weighs classes by
inverse frequency (to the power 0.7), because macro recall is what counts and negative texts are rare in most sources.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import torch
from sklearn.metrics import f1_score, recall_score
from torch import Tensor, nn

from models.tasks.encoder import pad
from models.training import encoder, sentiment_data
from models.training.loop import Batch, by_length, fit
from models.training.sentiment_data import Labelled

MAX_TOKENS = 96


def course(root: Path, *, seed: int) -> tuple[list[Labelled], dict[str, list[Labelled]]]:
    """(training texts in order, development sets by name)."""
    rng = random.Random(seed)
    social = sentiment_data.tweeteval_val(root)
    developer, developer_held = sentiment_data.split(sentiment_data.senti4sd(root), held=0.15, seed=seed)
    ratings = sentiment_data.rated(root / "vader_groundtruth/amazonReviewSnippets_GroundTruth.txt")
    products, products_held = sentiment_data.split(ratings, held=0.15, seed=seed)
    tweets = sentiment_data.rated(root / "vader_groundtruth/tweets_GroundTruth.txt")
    reddit = sentiment_data.goemotions(root, "train")
    rows = sentiment_data.without(sentiment_data.semeval(root), social)
    rows += developer * 3 + products * 2 + sentiment_data.sst(root, "train") * 2 + tweets + rng.sample(reddit, 12_000)
    rng.shuffle(rows)
    films = sentiment_data.sst(root, "dev")
    return rows, {"social": social, "developer": developer_held, "products": products_held, "films": films}


def weights(rows: list[Labelled]) -> Tensor:
    """One weight a class, mean one."""
    counts = Counter(label for _, label in rows)
    raw = torch.tensor([counts[label] ** -0.7 for label in range(3)])
    return raw / raw.mean()


def padded(rows: Sequence[Sequence[int]]) -> Batch:
    """Rows of token ids as a batch."""
    ids, mask = pad(rows)
    return {"ids": ids, "mask": mask}


@torch.inference_mode()
def evaluate(model: encoder.Classifier, reader: encoder.Reader, sets: dict[str, list[Labelled]]) -> dict[str, float]:
    """Macro recall, macro F1 and (for reviews) the share of texts on the right side, for each development set."""
    figures = {}
    for name, rows in sets.items():
        ids = [reader.ids(text, MAX_TOKENS) for text, _ in rows]
        logits = torch.empty(len(rows), 3)
        for batch in by_length([len(row) for row in ids], tokens=4096, seed=0, pool=len(ids)):
            logits[batch] = model(padded([ids[i] for i in batch]))
        truth = torch.tensor([label for _, label in rows])
        guess = logits.argmax(1)
        figures[f"{name} macro recall"] = float(recall_score(truth, guess, average="macro"))
        figures[f"{name} macro F1"] = float(f1_score(truth, guess, average="macro"))
        sided = truth != 1
        figures[f"{name} right side"] = ((logits[:, 2] > logits[:, 0]) == (truth == 2))[sided].float().mean().item()
    return {name: round(value, 4) for name, value in figures.items()}


def main() -> None:
    """Train, evaluate, and write the adapter."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="checkpoints go here; a second run goes on from them")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "weights" / "sentiment")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--lr", type=float, default=8e-4)
    parser.add_argument("--tokens", type=int, default=1024, help="padded tokens a batch")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    rows, held = course(options.data / "sentiment", seed=options.seed)
    reader = encoder.Reader()
    ids = [reader.ids(text, MAX_TOKENS) for text, _ in rows]
    labels = torch.tensor([label for _, label in rows])
    plan = by_length([len(row) for row in ids], tokens=options.tokens, seed=options.seed)
    print(f"{len(rows)} texts, {sum(map(len, ids))} tokens, {len(plan)} batches", flush=True)
    model = encoder.Classifier(classes=3, rank=options.rank)
    objective = nn.CrossEntropyLoss(weights(rows))

    def collate(batch: Sequence[int]) -> Batch:
        return padded([ids[i] for i in batch]) | {"label": labels[list(batch)]}

    fit(model, plan, collate, lambda m, b: objective(m(b), b["label"]), lr=options.lr, head_lr=1e-3, folder=options.work)
    figures = evaluate(model, reader, held)
    print(json.dumps(figures, indent=1))
    encoder.save(model, options.out, labels=sentiment_data.LABELS, window=MAX_TOKENS, figures=figures)


if __name__ == "__main__":
    main()
