"""The training loop: epochs over shuffled lessons, early stopping, and a checkpoint to go on from."""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from models.training.custom.exam import Exam, Lesson
from models.training.custom.network import Network
from models.training.custom.subjects import Figures, Subject

FRESH = 1e-3  # the rate of a new head, which has all to learn
POOL = 50  # batches within which pieces are sorted by length


@dataclass(frozen=True, slots=True)
class Pace:
    """How long and how fast is learned.

    Attributes:
        epochs: passes over the lessons, at most.
        patience: epochs without a better figure, after which it is enough.
        batch: lessons in a step.
        rate: the highest learning rate; it warms up over the first `warmup` of all steps and falls along a cosine to 0.
        seed: of the order of lessons.
    """

    epochs: int = 10
    patience: int = 3
    batch: int = 16
    rate: float = 5e-4
    warmup: float = 0.06
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one pass came to: the mean loss of its lessons, that of the rows held out, and their figures."""

    number: int
    loss: float
    held: float
    figures: Figures


class Watch(Protocol):
    """Who is told how far the training is."""

    def step(self, epoch: int, step: int, steps: int, loss: float) -> None:
        """So many of an epoch's steps are done, with this mean loss."""

    def epoch(self, epoch: Epoch, *, best: bool) -> None:
        """An epoch is done, the best one so far or not."""


class Interrupted(Exception):
    """Raised when the training was asked to stop; its checkpoint is there to go on from."""


@dataclass(slots=True)
class _Place:
    """Where a training stands, beside weights and optimizer."""

    epoch: int = 0
    step: int = 0
    total: float = 0.0
    best: int = 0


def fit(
    network: Network,
    subject: Subject[Any],
    lessons: Sequence[Lesson],
    exam: Exam[Any],
    pace: Pace,
    *,
    checkpoint: Path,
    watch: Watch,
    stop: Callable[[], bool] = lambda: False,
    save_every_s: float = 60.0,
) -> list[Epoch]:
    """Train a network, leave it with the weights of its best epoch, and give the history.

    The best epoch is that with the highest `subject.metric`; of equal ones, that with the lowest loss on the rows held out.
    Goes on from `checkpoint` where there is one. Raises `Interrupted` once `stop()` says so, after a checkpoint.
    """
    training = _Training(network, subject, lessons, pace)
    training.resume(checkpoint)
    saved_at = time.monotonic()
    while not training.over:
        for _ in range(training.place.step, training.steps):
            training.learn()
            watch.step(training.place.epoch + 1, training.place.step, training.steps, training.loss)
            stopping = stop()
            if stopping or time.monotonic() - saved_at > save_every_s:
                training.save(checkpoint)
                saved_at = time.monotonic()
            if stopping:
                raise Interrupted
        watch.epoch(training.examine(exam), best=training.place.best == training.place.epoch)
        training.save(checkpoint)
    training.recall()
    return training.history


class _Training:
    """A training under way: what `fit` saves and restores."""

    def __init__(self, network: Network, subject: Subject[Any], lessons: Sequence[Lesson], pace: Pace) -> None:
        self.network, self._subject, self._lessons, self._pace = network, subject, lessons, pace
        self._weights = network.trained
        self._device = next(iter(self._weights.values())).device
        self.steps = math.ceil(len(lessons) / pace.batch)
        self._optimizer = _optimizer(network, pace)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimizer, _rate(self.steps * pace.epochs, pace.warmup))
        self.place, self.history = _Place(), list[Epoch]()
        self._best: dict[str, Tensor] = {}
        self._order: list[list[int]] = []
        network.train()

    @property
    def over(self) -> bool:
        """Whether all epochs are done, or no better one is in sight."""
        return self.place.epoch >= self._pace.epochs or self.place.epoch - self.place.best >= self._pace.patience

    @property
    def loss(self) -> float:
        """The mean of the epoch so far."""
        return self.place.total / max(1, self.place.step)

    def learn(self) -> None:
        """One step."""
        place = self.place
        if not self._order:
            sizes = [lesson.piece.size for lesson in self._lessons]
            self._order = batches(sizes, self._pace.batch, seed=1000 * self._pace.seed + place.epoch)
        chosen = [self._lessons[at] for at in self._order[place.step]]
        value = self._loss(chosen)
        value.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._weights.values(), 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self._schedule.step()
        place.total += value.item()
        place.step += 1

    def examine(self, exam: Exam[Any]) -> Epoch:
        """End an epoch: see what was learned, and keep the weights if it is the best so far."""
        losses: list[tuple[float, int]] = []

        def run(lessons: Sequence[Lesson]) -> Sequence[Any]:
            pieces, targets = [lesson.piece for lesson in lessons], [lesson.target for lesson in lessons]
            with precision(self._device):
                logits = self.network(pieces)
            losses.append((self._subject.loss(logits.float(), pieces, targets).item(), len(lessons)))
            return self._subject.raw(logits.float(), pieces)

        self.network.eval()
        with torch.inference_mode():
            figures = exam.tuned(run)
        self.network.train()
        held = sum(loss * count for loss, count in losses) / sum(count for _, count in losses)
        epoch = Epoch(self.place.epoch + 1, self.loss, held, figures)
        if not self.history or self._worth(epoch) > self._worth(self.history[self.place.best - 1]):
            self.place.best = epoch.number
            self._best = {name: weight.detach().clone() for name, weight in self._weights.items()}
        self.history.append(epoch)
        self.place.epoch, self.place.step, self.place.total, self._order = epoch.number, 0, 0.0, []
        return epoch

    def recall(self) -> None:
        """Put the best epoch's weights back."""
        self.network.load_state_dict(self._best, strict=False)
        self.network.eval()

    def save(self, path: Path) -> None:
        """Write a checkpoint, whole or not at all."""
        state = {
            "place": asdict(self.place),
            "history": json.dumps([asdict(epoch) for epoch in self.history]),
            "weights": {name: weight.detach() for name, weight in self._weights.items()},
            "best": self._best,
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "random": torch.get_rng_state(),
            "cuda": torch.cuda.get_rng_state_all() if self._device.type == "cuda" else [],
        }
        unfinished = path.with_suffix(".new")
        torch.save(state, unfinished)
        unfinished.replace(path)

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint, where there is one."""
        if not path.exists():
            return
        state = torch.load(path, weights_only=True, map_location="cpu")
        self.place = _Place(**state["place"])
        self.history = [Epoch(**epoch) for epoch in json.loads(state["history"])]
        self.network.load_state_dict(state["weights"], strict=False)
        self._best = state["best"]
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["random"])
        if state["cuda"]:
            torch.cuda.set_rng_state_all(state["cuda"])

    def _loss(self, lessons: Sequence[Lesson]) -> Tensor:
        pieces, targets = [lesson.piece for lesson in lessons], [lesson.target for lesson in lessons]
        with precision(self._device):
            logits = self.network(pieces)
        return self._subject.loss(logits.float(), pieces, targets)

    def _worth(self, epoch: Epoch) -> tuple[float, float]:
        return epoch.figures[self._subject.metric], -epoch.held


def batches(sizes: Sequence[int], most: int, *, seed: int) -> list[list[int]]:
    """Indices in batches of at most `most`: shuffled, pieces of like length together, so that little is padded."""
    rng = random.Random(seed)
    order = list(range(len(sizes)))
    rng.shuffle(order)
    pools = (order[at : at + POOL * most] for at in range(0, len(order), POOL * most))
    near = [at for pool in pools for at in sorted(pool, key=sizes.__getitem__)]
    made = [near[at : at + most] for at in range(0, len(near), most)]
    rng.shuffle(made)
    return made


def precision(device: torch.device) -> AbstractContextManager[Any]:
    """Matrix products in bfloat16 where the device is made for it; weights and the loss stay in float32."""
    able = device.type == "cuda" and torch.cuda.is_bf16_supported()
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=able)


def _optimizer(network: Network, pace: Pace) -> torch.optim.AdamW:
    heads = network.heads()
    known = {id(weight) for weight in heads}
    body = [weight for weight in network.trained.values() if id(weight) not in known]
    groups = [{"params": body, "lr": pace.rate}, {"params": heads, "lr": FRESH if network.fresh else pace.rate}]
    return torch.optim.AdamW(groups, weight_decay=0.01)


def _rate(steps: int, warmup: float) -> Callable[[int], float]:
    """The share of the highest rate at each step."""
    rising = max(1, round(steps * warmup))

    def share(step: int) -> float:
        if step < rising:
            return (step + 1) / rising
        return 0.5 * (1 + math.cos(math.pi * (step - rising) / max(1, steps - rising)))

    return share
