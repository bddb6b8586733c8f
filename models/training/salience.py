"""Recipe for `models/weights/salience`: which excerpts of a thread its summaries take up.

    python -m models.training.salience --data ../shared/data --work ../work/salience

The encoder stays as it is, and excerpts are embedded once; only a small head is trained on top. It learns from
customer-service threads with summaries (TweetSumm) and from this project's own team threads, each seen `--own` times in an
epoch, since they are few. `models.training.salience_eval` measures the summaries that come of it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from rich.progress import track
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import BertModel

from models.tasks.encoder import Encoder
from models.tasks.int8 import Int8Linear
from models.tasks.packed import PackedBert
from models.tasks.salience import SCALARS, Array, Passage, Weigh, features
from models.training import salience_data as data
from models.training.encoder import Reader, base_folder, seal
from models.training.loop import Batch, by_length, fit
from models.training.salience_data import Told
from models.training.salience_targets import targets

WINDOW = 128
Example = tuple[Tensor, Tensor]


class Head(nn.Module):
    """Features of an excerpt -> log-odds that a summary takes it up: a perceptron with one hidden layer.

    `dropout` goes to the hidden layer. Of the embeddings among the features, half are dropped: they know what a thread is
    about, which says little of the next one.
    """

    def __init__(self, inputs: int, *, hidden: int, dropout: float) -> None:
        super().__init__()
        self.up, self.out = nn.Linear(inputs, hidden), nn.Linear(hidden, 1)
        self.hide, self.drop = nn.Dropout(0.5), nn.Dropout(dropout)

    def forward(self, seen: Tensor) -> Tensor:
        """(excerpts, features) -> (excerpts,)."""
        shown = torch.cat([self.hide(seen[:, :-SCALARS]), seen[:, -SCALARS:]], 1)
        scores: Tensor = self.out(self.drop(self.up(shown).relu())).squeeze(-1)
        return scores


def untrained() -> Weigh:
    """The task on the 8-bit encoder, as a CPU serves it, without a head: it cuts and embeds."""
    model = BertModel.from_pretrained(base_folder(), add_pooling_layer=False).eval()
    encoder = Encoder(PackedBert(model, Int8Linear), Reader().tokenizer)
    return Weigh(encoder, {}, window=WINDOW, limit=10**9, model="untrained")


def examples(task: Weigh, threads: Sequence[Told], cache: Path) -> list[Example]:
    """(features, targets) of each thread that has excerpts; their embeddings are kept in the file `cache`."""
    cut = [pieces for thread in threads if (pieces := task.prepare(thread.texts))]
    whole = [thread for thread in threads if task.prepare(thread.texts)]
    if not cache.is_file():
        cache.parent.mkdir(parents=True, exist_ok=True)
        np.save(cache, _embedded(task, [piece for pieces in cut for piece in pieces], cache.stem))
    rows = np.split(np.load(cache), np.cumsum([len(pieces) for pieces in cut])[:-1])
    return [
        (torch.from_numpy(features(thread.texts, pieces, vectors)), torch.from_numpy(targets(thread, pieces)))
        for thread, pieces, vectors in zip(whole, cut, rows, strict=True)
    ]


def train(rows: Sequence[Example], plan: Sequence[Sequence[int]], options: argparse.Namespace) -> Head:
    """Fit a head; a batch of the plan is some threads."""
    torch.manual_seed(options.seed)
    head = Head(rows[0][0].shape[1], hidden=options.hidden, dropout=options.dropout)

    def collate(batch: Sequence[int]) -> Batch:
        return {"seen": torch.cat([rows[i][0] for i in batch]), "target": torch.cat([rows[i][1] for i in batch])}

    def loss(model: nn.Module, batch: Batch) -> Tensor:
        return nn.functional.binary_cross_entropy_with_logits(model(batch["seen"]), batch["target"])

    fit(head, plan, collate, loss, lr=options.lr, folder=options.work, cooldown=0.6)
    return head


def planned(count: int, *, epochs: int, size: int, seed: int) -> list[list[int]]:
    """`epochs` times every index below `count`, shuffled anew, in batches of about `size`."""
    order = np.random.default_rng(seed)
    return [
        batch.tolist() for _ in range(epochs) for batch in np.array_split(order.permutation(count), max(1, count // size))
    ]


def save(head: Head, folder: Path) -> None:
    """Write head.safetensors (half precision) and config.json."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {f"head.{name}": tensor.half().contiguous() for name, tensor in head.state_dict().items()}
    save_file(weights, folder / "head.safetensors")
    seal(folder, {"window": WINDOW})


def main() -> None:
    """Embed, train, and write the head."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--work", type=Path, required=True, help="embeddings and checkpoints; a second run goes on from them"
    )
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "weights" / "salience")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--own", type=int, default=40, help="times that our own threads are seen in an epoch")
    parser.add_argument("--hidden", type=int, default=48)
    parser.add_argument("--dropout", type=float, default=0.3)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--batch", type=int, default=16, help="threads a batch")
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    task = untrained()
    service = list(data.tweetsumm(options.data / "summarization/tweetsumm", "train"))
    own = examples(task, list(data.own()), options.work / "own.npy")
    rows = examples(task, service, options.work / "tweetsumm.npy") + own * options.own
    plan = planned(len(rows), epochs=options.epochs, size=options.batch, seed=options.seed)
    save(train(rows, plan, options), options.out)


def _embedded(task: Weigh, pieces: Sequence[Passage], name: str) -> Array:
    batches = by_length([piece.size for piece in pieces], tokens=2048, seed=0, pool=len(pieces))
    rows: list[Array] = [np.empty(0, np.float32)] * len(pieces)
    for batch in track(batches, f"embed {name}"):
        for index, vector in zip(batch, task.run([pieces[i] for i in batch]), strict=True):
            rows[index] = vector
    return np.stack(rows)


if __name__ == "__main__":
    main()
