"""One plain PyTorch training loop, shared by every recipe: deterministic order, resumable, shows its progress."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor, nn

Batch = dict[str, Tensor]


def by_length(lengths: Sequence[int], *, tokens: int, seed: int, pool: int = 2048) -> list[list[int]]:
    """Group example indices into batches of at most `tokens` padded tokens.

    Examples keep their order up to `pool` neighbours, among which they are sorted by length; the batches of a pool are
    then shuffled, so that length does not correlate with time.
    """
    shuffle = random.Random(seed).shuffle
    batches: list[list[int]] = []
    for start in range(0, len(lengths), pool):
        block = sorted(range(start, min(start + pool, len(lengths))), key=lengths.__getitem__)
        formed: list[list[int]] = [[]]
        for index in block:
            if formed[-1] and lengths[index] * (len(formed[-1]) + 1) > tokens:
                formed.append([])
            formed[-1].append(index)
        shuffle(formed)
        batches += formed
    return batches


def fit(
    model: nn.Module,
    plan: Sequence[Sequence[int]],
    collate: Callable[[Sequence[int]], Batch],
    loss: Callable[[nn.Module, Batch], Tensor],
    *,
    lr: float,
    folder: Path,
    head_lr: float | None = None,
    warmup: int = 60,
    cooldown: float = 0.3,
    weight_decay: float = 0.01,
    save_every_s: float = 120.0,
) -> None:
    """Train `model` over the batches of `plan`, once each, with AdamW.

    The learning rate warms up over `warmup` batches, stays, and falls linearly over the last `cooldown` share of the plan
    (Hu et al. 2024, MiniCPM, section 4), so that a longer plan can go on from a checkpoint taken before the fall.
    Parameters whose name contains `head` use `head_lr`. A checkpoint (trained parameters, optimizer, position) is kept in
    `folder`, and another one, `stable.pt`, where the fall begins; a second call goes on from the former.
    """
    folder.mkdir(parents=True, exist_ok=True)
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    heads = [p for name, p in trained.items() if "head" in name]
    body = [p for name, p in trained.items() if "head" not in name]
    optimizer = torch.optim.AdamW(
        [{"params": body, "lr": lr}, {"params": heads, "lr": head_lr or lr}], weight_decay=weight_decay, fused=True
    )
    total = len(plan)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / warmup, (total - step) / max(1.0, total * cooldown))
    )
    checkpoint, first = folder / "checkpoint.pt", 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        first = state["step"]
        model.load_state_dict(state["model"], strict=False)
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])

    def save(step: int, path: Path) -> None:
        saved = {name: p.detach() for name, p in trained.items()}
        whole = {"step": step, "model": saved, "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict()}
        torch.save(whole, path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)

    columns = (
        TextColumn("train"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("loss {task.fields[loss]:.3f}"),
    )
    running, saved_at = None, time.monotonic()
    model.train()
    with Progress(*columns, refresh_per_second=1) as progress:
        bar = progress.add_task("train", total=total, completed=first, loss=float("nan"))
        for step in range(first, total):
            if step == int(total * (1 - cooldown)):
                save(step, folder / "stable.pt")
            value = loss(model, collate(plan[step]))
            value.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(body + heads, 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            schedule.step()
            running = value.item() if running is None else 0.98 * running + 0.02 * value.item()
            progress.update(bar, completed=step + 1, loss=running)
            if not progress.console.is_terminal and (step + 1) % 50 == 0:
                progress.console.print(f"{step + 1}/{total} loss {running:.3f}")
            if time.monotonic() - saved_at > save_every_s:
                save(step + 1, checkpoint)
                saved_at = time.monotonic()
    save(total, checkpoint)
    model.eval()
