"""What a checkpoint's labels mean in ours: by their names in many spellings, or as the catalogue's entry says."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

import regex
import torch
from torch import Tensor
from transformers import PretrainedConfig

from models.catalog import SequenceTask
from models.types import ModelUnavailable

SENTIMENT = ("negative", "neutral", "positive")
SIDES = ("negative", "positive")
INTENTS = frozenset({"sentiment", "translate", "ask", "summarize", "help", "unsure"})
STARS = {"1": "negative", "2": "negative", "3": "neutral", "4": "positive", "5": "positive"}

STRENGTH = r"very|extremely|strongly|highly|mostly|quite|rather|somewhat|slightly|mildly|weakly"
FEELING = regex.compile(rf"(?:(?:{STRENGTH}) )?(neg|neu|pos)(?:ative|tral|itive)?")
RATING = regex.compile(r"([1-5])(?: stars?)?")


@dataclass(frozen=True, slots=True)
class Labels:
    """Our labels, and for each of the checkpoint's which of them it counts for.

    A model that knows only negative and positive gives its doubt to neutral: twice the smaller of the two, which is the
    uncertainty of the least confident prediction (Lewis and Gale 1994; Settles 2009, section 3.1) on a scale from 0 to 1.
    What the two sides have in common is neither's, so that positive less negative stays what the model said.
    """

    outcomes: tuple[str, ...]
    places: tuple[int, ...]
    doubt: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Ours, in the order of `scores`."""
        return SENTIMENT if self.doubt else self.outcomes

    def scores(self, logits: Tensor) -> Tensor:
        """Logits over the checkpoint's labels (rows, theirs) as probabilities of ours (rows, ours)."""
        theirs = logits.float().softmax(-1)
        ours = theirs.new_zeros(len(theirs), len(self.outcomes))
        ours.index_add_(1, torch.tensor(self.places, device=ours.device), theirs)
        if not self.doubt:
            return ours
        shared = ours.amin(-1, keepdim=True)
        negative, positive = (ours - shared).unbind(-1)
        return torch.stack([negative, 2 * shared.squeeze(-1), positive], dim=-1)


def read(config: PretrainedConfig, entry: SequenceTask) -> Labels:
    """How a classifier's outputs become ours. Raises `ModelUnavailable`, saying what the entry has to name."""
    named = config.id2label or {}
    theirs = [str(name) for _, name in sorted(named.items())]
    if config.problem_type == "regression" or len(theirs) < 2:
        raise ModelUnavailable(f"{entry.name} gives a number, no labels; choose a model that classifies.")
    if config.problem_type == "multi_label_classification":
        raise ModelUnavailable(f"{entry.name} judges each label by itself; choose a model whose labels exclude one another.")
    unknown = [name for name in entry.labels if spelled(name) not in set(map(spelled, theirs))]
    if unknown:
        raise ModelUnavailable(f"{entry.name} has no label {unknown[0]!r}, which its entry names; it has {_listed(theirs)}.")
    return _mapped(theirs, entry)


def spelled(name: str) -> str:
    """A label's name with its case and its dashes gone."""
    return " ".join(regex.split(r"[\s_-]+", name.strip().lower()))


def _mapped(theirs: Sequence[str], entry: SequenceTask) -> Labels:
    given = {spelled(name): ours for name, ours in entry.labels.items()}
    meanings = [given.get(spelled(name)) or _meaning(name, among=len(theirs)) for name in theirs]
    meant = [meaning for meaning in meanings if meaning]
    if len(meant) < len(theirs) or not _whole(set(meant)):
        raise ModelUnavailable(
            f"The labels of {entry.name} are {_listed(theirs)}; say in its entry what each means, for example: "
            f'labels = {{ "{theirs[0]}" = "negative", "{theirs[-1]}" = "positive" }}.'
        )
    names = tuple(name for name in SENTIMENT if name in meant) or tuple(dict.fromkeys(meant))
    return Labels(names, tuple(map(names.index, meant)), doubt=names == SIDES)


def _whole(names: Set[str]) -> bool:
    """Whether these are labels to choose among; of sentiment, both sides must be there, and nothing else."""
    return len(names) > 1 and (names.isdisjoint(SENTIMENT) or set(SIDES) <= names <= set(SENTIMENT))


def _meaning(name: str, *, among: int) -> str | None:
    """What a name says by itself: a feeling of any strength, one of five stars, or an intent."""
    plain = spelled(name)
    if feeling := FEELING.fullmatch(plain):
        return next(label for label in SENTIMENT if label.startswith(feeling[1]))
    if among == len(STARS) and (rating := RATING.fullmatch(plain)):
        return STARS[rating[1]]
    return plain if plain in INTENTS else None


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names))
