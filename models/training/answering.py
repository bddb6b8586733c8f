"""Recipe for `models/weights/answering`: span extraction with "no answer" on the shared encoder.

    python -m models.training.answering --data ../shared/data --work ../work/answering

Questions from SQuAD 1.1, Natural Questions (QED), QAMR and FriendsQA. Paragraphs are cropped around the answer, shorter
early on (a curriculum that also doubles the examples an hour buys), and some are rewritten as chats. About every sixth
example is unanswerable, made three ways: another paragraph of the same article, a crop that lost its answer, and a question
altered so that its paragraph no longer answers it (another name or number, an antonym, a negation).
`models.training.answering_eval` measures the weights that come of it.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import string
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from models.tasks.extract import Extract
from models.training import answering_data as data
from models.training import encoder
from models.training.answering_data import Cropper, Example, Paragraph
from models.training.answering_marks import Answering, Marks, answers
from models.training.loop import Batch, by_length, fit

Asked = tuple[str, str, list[str]]
"""A question, its context, and the accepted answers: none where the context does not answer it."""

WORD = re.compile(r"\w+")
SIZES = (72, 120, 290)  # tokens of a crop
PHASES = ((0.14, (1.0, 0.0, 0.0)), (0.56, (0.5, 0.3, 0.2)), (0.3, (0.2, 0.3, 0.5)))  # shares of the course; of each size


class SpanModel(nn.Module):
    """Encoder and a linear span head: (batch, length) ids -> (batch, length, 2) start and end logits.

    Position 0 stands for "no answer".
    """

    def __init__(self, *, rank: int) -> None:
        super().__init__()
        self.encoder = encoder.adapted(rank)
        self.head = nn.Linear(self.encoder.config.hidden_size, 2)

    def forward(self, batch: Batch) -> Tensor:
        """Logits; those outside the context are far below all others."""
        hidden = self.encoder(
            input_ids=batch["ids"], attention_mask=batch["mask"], token_type_ids=batch["types"]
        ).last_hidden_state
        logits: Tensor = self.head(hidden)
        return logits.masked_fill(~batch["allowed"].unsqueeze(-1), -1e4)


def collate(examples: Sequence[Example]) -> Batch:
    """Pad to the longest. `allowed` marks the context and position 0; `start` and `end` mark every accepted position."""
    longest = max(len(e.ids) for e in examples)
    shape = (len(examples), longest)
    ids, types = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
    mask, allowed = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.bool)
    start, end = torch.zeros(shape, dtype=torch.bool), torch.zeros(shape, dtype=torch.bool)
    for row, e in enumerate(examples):
        size = len(e.ids)
        ids[row, :size], mask[row, :size] = torch.tensor(e.ids), 1
        types[row, e.context_at : size] = 1
        allowed[row, e.context_at : size - 1] = True
        allowed[row, 0] = True
        for first, last in e.spans or [(0, 0)]:
            start[row, first], end[row, last] = True, True
    return {"ids": ids, "mask": mask, "types": types, "allowed": allowed, "start": start, "end": end}


def span_loss(model: nn.Module, batch: Batch) -> Tensor:
    """Negative log of the probability mass on accepted starts and ends (Clark & Gardner 2018, section 2.2, marginal)."""
    scores = model(batch).float().log_softmax(1)
    start, end = scores.unbind(-1)
    kept = -start.masked_fill(~batch["start"], -1e9).logsumexp(1) - end.masked_fill(~batch["end"], -1e9).logsumexp(1)
    mean: Tensor = kept.mean() / 2
    return mean


def negative(article: list[Paragraph], cropper: Cropper, size: int, rng: random.Random) -> Example | None:
    """An unanswerable example from one article's paragraphs, if the one drawn can be made."""
    at = rng.randrange(len(article))
    paragraph = article[at]
    asked = [(question, spans) for question, spans in paragraph.questions if spans]
    if not asked:
        return None
    (question, spans), kind = rng.choice(asked), rng.random()
    if kind < 0.5:
        changed = data.alter(question, [p.text for p in rng.sample(article, min(8, len(article)))], rng)
        ids, offsets = cropper.tokens(paragraph.text)
        kept = cropper.crop(changed, ids, offsets, spans, size=size) if changed else None
        return Example(kept.ids, kept.context_at, []) if kept else None
    if kind < 0.65:
        ids, offsets = cropper.tokens(paragraph.text)
        return cropper.crop(question, ids, offsets, spans, size=min(size, len(ids) * 2 // 3), lose=True)
    answer = paragraph.text[slice(*spans[0])].lower()
    rest = [p.text for p in rng.sample(article, min(10, len(article))) if answer not in p.text.lower()]
    if not rest:
        return None
    words = {w.lower() for w in WORD.findall(question)}
    near = max(rest, key=lambda text: len(words & {w.lower() for w in WORD.findall(text)}))
    ids, offsets = cropper.tokens(near)
    return cropper.crop(question, ids, offsets, [], size=size)


def examples(root: Path, cropper: Cropper, *, seed: int, squad_share: float) -> list[Example]:
    """The whole course in order: an opening of short crops, then crops of all sizes, the long ones more often at the end.

    Negatives are mixed in, about one to five; every fifth paragraph of SQuAD is read as a chat.
    """
    rng = random.Random(seed)
    articles: dict[str, list[Paragraph]] = defaultdict(list)
    for paragraph in data.squad(root / "qa/squad11_train"):
        articles[paragraph.title].append(paragraph)
    titles = sorted(articles)[: -len(articles) // 20]
    phases: list[list[Example]] = [[] for _ in PHASES]

    def drawn() -> tuple[int, int]:
        phase = rng.choices(range(len(PHASES)), [share for share, _ in PHASES])[0]
        return phase, rng.choices(SIZES, PHASES[phase][1])[0]

    def add(paragraph: Paragraph) -> None:
        ids, offsets = cropper.tokens(paragraph.text)
        for question, spans in paragraph.questions:
            phase, size = drawn()
            if spans and (made := cropper.crop(question, ids, offsets, spans, size=size)):
                phases[phase].append(made)

    def add_negatives(article: list[Paragraph], wanted: int) -> None:
        for _ in range(wanted):
            phase, size = drawn()
            if made := negative(article, cropper, size, rng):
                phases[phase].append(made)

    for title in titles:
        article = [data.as_chat(p, rng) if rng.random() < 0.2 else p for p in articles[title]]
        for paragraph in article:
            add(Paragraph(title, paragraph.text, [q for q in paragraph.questions if rng.random() < squad_share]))
        asked = sum(len(p.questions) for p in article) * squad_share
        add_negatives(article, int(asked * 0.3))
    for paragraph in data.qed(sorted((root / "qa/qed").glob("nq-train-*"))):
        add(paragraph)
    for paragraph in list(data.qamr(root / "qa/qamr"))[::4]:
        add(paragraph)
    for paragraph in scenes(root)[0]:
        add(paragraph)
        add_negatives([paragraph], len(paragraph.questions) // 3)
    for phase in phases:
        rng.shuffle(phase)
    return [example for phase in phases for example in phase]


def scenes(root: Path) -> tuple[list[Paragraph], list[Paragraph]]:
    """FriendsQA: the two thirds of the scenes that are trained on, and the third that is not."""
    found = list(data.friends(root / "qa/friendsqa_dev/friendsqa_dev.json"))
    cut = len(found) * 2 // 3
    return found[:cut], found[cut:]


def development(root: Path, *, questions: int, seed: int) -> list[Asked]:
    """Questions about articles that training never saw; a third of them unanswerable.

    Half of the unanswerable ones are altered questions, half belong to another paragraph of the article.
    """
    rng = random.Random(seed)
    articles: dict[str, list[Paragraph]] = defaultdict(list)
    for paragraph in data.squad(root / "qa/squad11_train"):
        articles[paragraph.title].append(paragraph)
    held = sorted(articles)[-len(articles) // 20 :]
    rows = []
    for title in held:
        for paragraph in articles[title]:
            texts = [p.text for p in articles[title]]
            for question, spans in paragraph.questions:
                answer = paragraph.text[slice(*spans[0])]
                kind = rng.random()
                if kind > 1 / 3:
                    rows.append((question, paragraph.text, [answer]))
                elif kind > 1 / 6:
                    other = rng.choice([text for text in texts if answer not in text] or [""])
                    rows.append((question, other, []))
                elif changed := data.alter(question, texts, rng):
                    rows.append((changed, paragraph.text, []))
    rows = [row for row in rows if row[1]]
    rng.shuffle(rows)
    return rows[:questions]


def f1(guess: str, truths: Sequence[str]) -> float:
    """Overlap of words, best of the accepted answers (Rajpurkar et al. 2016, section 6.1)."""

    def words(text: str) -> list[str]:
        kept = "".join(char for char in text.lower() if char not in string.punctuation)
        return [word for word in kept.split() if word not in {"a", "an", "the"}]

    best = 0.0
    for truth in truths:
        ours, theirs = words(guess), words(truth)
        shared = sum((Counter(ours) & Counter(theirs)).values())
        if shared:
            best = max(best, 2 * shared / (len(ours) + len(theirs)))
    return best


def mark(task: Answering, asked: Sequence[Asked], title: str) -> Marks:
    """Ask the task all questions, and compare its answers with the accepted ones. `title` stands beside the progress bar."""
    found = answers(task, [(question, context) for question, context, _ in asked], title)
    pairs = list(zip(asked, found, strict=True))
    return Marks(
        overlap=np.array([f1(context[slice(*given.best)], accepted) for (_, context, accepted), given in pairs]),
        margin=np.array([given.margin for given in found]),
        answered=np.array([given.span is not None for given in found]),
        answerable=np.array([bool(accepted) for _, _, accepted in asked]),
    )


def evaluate(task: Answering, asked: Sequence[Asked], *, declined: float) -> dict[str, float]:
    """F1 of the best span, then the threshold that declines this share of unanswerable questions, and F1 with it."""
    marks = mark(task, asked, "evaluate")
    return {
        "questions": len(asked),
        "answerable F1, best span": marks.best,
        **marks.at(marks.threshold(declined)),
    }


def main() -> None:
    """Train, choose the threshold, evaluate, and write the adapter."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="checkpoints go here; a second run goes on from them")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "weights" / "answering")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--rank", type=int, default=64)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--squad-share", type=float, default=0.55, help="the share of SQuAD's questions to use")
    parser.add_argument("--tokens", type=int, default=3000, help="padded tokens a batch")
    parser.add_argument("--start", type=Path, help="the --work folder of an earlier course whose weights to begin with")
    parser.add_argument("--last", type=int, default=0, help="only so many batches at the end of the course; 0 for all")
    parser.add_argument("--cooldown", type=float, default=0.3, help="the share of the batches in which the rate falls")
    parser.add_argument("--declined", type=float, default=0.7, help="unanswerable questions the threshold shall decline")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    reader = encoder.Reader()
    cropper = Cropper(reader.tokenizer, seed=options.seed)
    course = examples(options.data, cropper, seed=options.seed, squad_share=options.squad_share)
    plan = by_length([len(e.ids) for e in course], tokens=options.tokens, seed=options.seed)
    unanswerable, tokens = sum(not e.spans for e in course), sum(len(e.ids) for e in course)
    print(f"{len(course)} examples, {unanswerable} unanswerable, {tokens} tokens, {len(plan)} batches", flush=True)
    model = SpanModel(rank=options.rank)
    plan = plan[-options.last :]
    if options.start:
        model.load_state_dict(torch.load(options.start / "checkpoint.pt", weights_only=True)["model"], strict=False)

    def batch(rows: Sequence[int]) -> Batch:
        return collate([course[i] for i in rows])

    fit(model, plan, batch, span_loss, lr=options.lr, head_lr=options.lr, cooldown=options.cooldown, folder=options.work)
    serving = encoder.serving(model)
    head = {f"head.{name}": tensor for name, tensor in model.head.state_dict().items()}
    spans: dict[str, Any] = {"window": 320, "stride": 96, "longest": 24}
    task = Extract(serving, head, **spans, threshold=0.0, limit=10**6, model="answering")
    figures = evaluate(task, development(options.data, questions=3000, seed=1), declined=options.declined)
    print(json.dumps(figures, indent=1))
    encoder.save(model, options.out, **spans, threshold=figures["threshold"], figures=figures)


if __name__ == "__main__":
    main()
