"""Salience: how much each excerpt of a thread tells of it, and embeddings to know repetitions by.

The shared encoder embeds every excerpt by itself (mean of its last states, Reimers & Gurevych 2019); a small head then sees
it beside the thread: its embedding, the thread's mean, their product, and where and how it is said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.tasks import quotable
from models.tasks.encoder import Encoder, mean
from models.tasks.normalize import normalize
from models.types import Excerpt, Salience, TextRefused

Array = npt.NDArray[np.float32]

SCALARS = 14  # at the end of the features
DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Passage:
    """An excerpt as token ids with [CLS] and [SEP]; `start` and `end` are characters of its turn."""

    turn: int
    start: int
    end: int
    ids: list[int]

    @property
    def size(self) -> int:
        """Tokens."""
        return len(self.ids)


class Weigh:
    """Weighs the excerpts of a thread.

    Args:
        head: a perceptron with one hidden layer: "head.up.weight" (hidden, features), "head.out.weight" (1, hidden), and the
            bias of each.
        window: tokens of an excerpt that are read.
        kept: excerpts that are returned at most, the most telling ones.
        limit: characters of a thread above which it is refused.
    """

    def __init__(
        self, encoder: Encoder, head: Mapping[str, Tensor], *, window: int, limit: int, model: str, kept: int = 256
    ) -> None:
        self._encoder, self._model = encoder, model
        self._head = {name: tensor.float().numpy() for name, tensor in head.items()}
        self._window, self._kept, self._limit = window, kept, limit
        self._cls, self._sep = encoder.special("[CLS]"), encoder.special("[SEP]")

    def prepare(self, turns: Sequence[str], /) -> list[Passage]:
        """Cut turns into excerpts; none where they hold no words. Raises `TextRefused` when they are too long together."""
        if sum(map(len, turns)) > self._limit:
            raise TextRefused("long", limit=self._limit)
        addressed = quotable.addresses(turns)
        return [
            Passage(index, start, end, self._ids(turn[start:end]))
            for index, turn in enumerate(turns)
            for start, end in quotable.spans(turn, addressed)
        ]

    @torch.inference_mode()
    def run(self, pieces: Sequence[Passage], /) -> list[Array]:
        """A unit-length embedding for each excerpt."""
        pooled = mean(*self._encoder.states([piece.ids for piece in pieces])).float()
        return list(torch.nn.functional.normalize(pooled, dim=-1).cpu().numpy())

    def finish(self, turns: Sequence[str], pieces: Sequence[Passage], raw: Sequence[Array], /) -> Salience:
        """Weigh the excerpts against each other."""
        if not pieces:
            return Salience((), self._model)
        scores = weigh(features(turns, pieces, np.stack(raw)), self._head)
        best = sorted(np.argsort(-scores, kind="stable")[: self._kept])
        found = [
            Excerpt(pieces[i].turn, pieces[i].start, pieces[i].end, float(scores[i]), tuple(raw[i].tolist())) for i in best
        ]
        return Salience(tuple(found), self._model)

    def _ids(self, text: str) -> list[int]:
        return [self._cls, *self._encoder.tokens(normalize(text))[0][: self._window - 2], self._sep]


def features(turns: Sequence[str], pieces: Sequence[Passage], vectors: Array) -> Array:
    """What the head sees: (excerpts, 3 x width + SCALARS).

    The embedding, its product with the thread's mean embedding, that mean, then scalars: closeness to the mean, to the first
    excerpt and to its neighbours; place in the thread, from either end; and how it is said (length, question, figures).
    """
    count, last = len(pieces), len(turns) - 1
    centre = vectors.mean(0)
    centre /= np.linalg.norm(centre) + 1e-6
    rank, turn = np.arange(count), np.array([piece.turn for piece in pieces])
    said = [turns[piece.turn][piece.start : piece.end] for piece in pieces]
    words = np.array([len(text.split()) for text in said])
    beside = (vectors[1:] * vectors[:-1]).sum(1)
    scalars = [
        vectors @ centre,
        vectors @ vectors[0],
        np.append(0.0, beside),
        np.append(beside, 0.0),
        rank / max(1, count - 1),
        1 / (1 + rank),
        1 / (1 + rank[::-1]),
        1 / (1 + turn),
        1 / (1 + last - turn),
        np.append(1, np.diff(turn) > 0),  # opens its turn
        np.log1p(words) / 3,
        words < 4,
        ["?" in text for text in said],
        [bool(DIGIT.search(text)) for text in said],
    ]
    # The product of two unit vectors is small in each dimension; sqrt(width) brings it to the scale of the others.
    product = vectors * centre * np.sqrt(vectors.shape[1])
    whole = [vectors, product, np.broadcast_to(centre, vectors.shape), np.stack(scalars, 1)]
    return np.concatenate(whole, 1).astype(np.float32)


def weigh(seen: Array, head: Mapping[str, Array]) -> Array:
    """The perceptron: features (excerpts, features) -> log-odds (excerpts,)."""
    hidden = np.maximum(seen @ head["head.up.weight"].T + head["head.up.bias"], 0)
    scores: Array = (hidden @ head["head.out.weight"].T + head["head.out.bias"])[:, 0]
    return scores
