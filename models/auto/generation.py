"""Free conversation with causal models, some tokens at a time, so that whoever else needs the device gets it in between.

A conversation stays on the device's thread only for one step; its keys and values wait in its `Decoding` meanwhile, and are
gone with it when whoever listened leaves.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from inspect import signature
from pathlib import Path
from typing import Any, NamedTuple

import torch
from transformers import (
    AutoModelForCausalLM,
    DynamicCache,
    GenerationConfig,
    PreTrainedTokenizerBase,
    RepetitionPenaltyLogitsProcessor,
)

from models.auto import opening
from models.auto.chat_template import ChatTemplate
from models.auto.threads import longest
from models.catalog import GenerateTask
from models.stream import Progress
from models.types import Message, ModelUnavailable, TextRefused

STEP = 8
"""Tokens that are written in one step."""

READ = 256
"""Tokens that are read in one step."""

HALF = "\ufffd"
"""What the bytes of half a character decode to."""

LEAST = 16
"""Tokens that a window must have for the conversation itself."""


@dataclass(slots=True, eq=False)
class Decoding:
    """A conversation while it is answered: `ids` are its prompt and what was written so far.

    Attributes:
        begins: where the answer begins in `ids`.
        read: how many of the messages are in the prompt.
        fed: how many of `ids` are in the cache.
    """

    ids: list[int]
    read: int
    begins: int = field(init=False)
    cache: DynamicCache | None = None
    fed: int = 0
    ended: bool = False

    def __post_init__(self) -> None:
        self.begins = len(self.ids)

    @property
    def size(self) -> int:
        """Tokens, read and written."""
        return len(self.ids)


class Written(NamedTuple):
    """What a step leaves: the answer's tokens so far, and whether the model has ended it."""

    ids: tuple[int, ...]
    ended: bool


class Generate:
    """Answers conversations, always with the likeliest token. Each call of `run` goes one step further.

    Args:
        system: what the model is told before each conversation.
        room: tokens of a prompt.
        written: tokens of an answer.
        ends: tokens that end an answer.
        limit: characters of the last message above which it is refused.
    """

    def __init__(
        self,
        network: Any,
        tokenizer: PreTrainedTokenizerBase,
        *,
        system: str,
        room: int,
        written: int,
        ends: Collection[int],
        limit: int,
        model: str,
    ) -> None:
        self.model = model
        self._network, self._tokenizer, self._template = network, tokenizer, ChatTemplate(tokenizer)
        self._system = [Message("system", system)] if system.strip() else []
        self._room, self._written, self._ends, self._limit = room, written, ends, limit
        self._last = {"logits_to_keep": 1} if "logits_to_keep" in signature(network.forward).parameters else {}
        penalty = network.generation_config.repetition_penalty
        self._penalize = RepetitionPenaltyLogitsProcessor(penalty) if penalty and penalty != 1 else None

    def prepare(self, messages: Sequence[Message], /) -> list[Decoding]:
        """The prompt, without the oldest messages where not all fit.

        Raises `TextRefused` where the last message is empty or does not fit.
        """
        last = messages[-1].text
        if not last.strip():
            raise TextRefused("empty")
        if len(last) > self._limit:
            raise TextRefused("long", limit=self._limit)
        # An answer never comes first: most templates refuse it, and what it answered was cut off.
        starts = [place for place, message in enumerate(messages) if message.role != "assistant"]
        at = bisect_left(starts, True, key=lambda start: len(self._prompt(messages[start:])) <= self._room)
        if at == len(starts):
            tokens = len(self._prompt(messages[-1:]))
            raise TextRefused("long", limit=len(last) * self._room // tokens)
        return [Decoding(self._prompt(messages[starts[at] :]), len(messages) - starts[at])]

    @torch.inference_mode()
    def run(self, pieces: Sequence[Decoding], /) -> list[Written]:
        """A step further; several conversations share what would be the step of one, so that nobody waits longer."""
        for decoding in pieces:
            self._advance(decoding, among=len(pieces))
        return [Written(tuple(decoding.ids[decoding.begins :]), decoding.ended) for decoding in pieces]

    def finish(self, messages: Sequence[Message], pieces: Sequence[Decoding], raw: Sequence[Written], /) -> Progress:
        """The answer as far as it is certain."""
        [(ids, ended)] = raw
        text = str(self._tokenizer.decode(list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False)).lstrip()
        stopped = [at for stop in self._template.stops if (at := f"\n{text}".find(stop)) >= 0]
        if stopped:
            return Progress(text[: max(0, min(stopped) - 1)], True, False)
        full = len(ids) >= self._written and not ended
        text = text.rstrip(HALF)
        if not ended and not full:
            text = text[: len(text) - max(_begun(f"\n{text}", stop) for stop in self._template.stops or ("",))]
        return Progress(text, ended or full, full)

    def _prompt(self, messages: Sequence[Message]) -> list[int]:
        return self._template.ids([*self._system, *messages])

    def _advance(self, decoding: Decoding, *, among: int) -> None:
        for _ in range(max(1, STEP // among)):
            if decoding.ended or len(decoding.ids) - decoding.begins >= self._written:
                return
            logits = self._feed(decoding, max(1, READ // among))
            if decoding.fed < len(decoding.ids):
                return  # still reading
            token = int(self._scores(decoding, logits).argmax())
            decoding.ended = token in self._ends
            if not decoding.ended:
                decoding.ids.append(token)

    def _feed(self, decoding: Decoding, most: int) -> torch.Tensor:
        """Read on by at most so many tokens; the scores of what follows the last of them (1, vocabulary).

        The cache is set aside meanwhile: one that an error leaves half filled is not used again.
        """
        cache, decoding.cache = decoding.cache, None
        if cache is None:
            cache, decoding.fed = DynamicCache(config=self._network.config), 0
        chunk = decoding.ids[decoding.fed : decoding.fed + most]
        ids = torch.tensor([chunk], device=self._network.device)
        logits: torch.Tensor = self._network(input_ids=ids, past_key_values=cache, use_cache=True, **self._last).logits[
            :, -1
        ]
        decoding.cache, decoding.fed = cache, decoding.fed + len(chunk)
        return logits

    def _scores(self, decoding: Decoding, logits: torch.Tensor) -> torch.Tensor:
        if self._penalize is None:
            return logits
        scores: torch.Tensor = self._penalize(torch.tensor([decoding.ids], device=logits.device), logits.float())
        return scores


def load(folder: Path, entry: GenerateTask, *, device: torch.device, dtype: torch.dtype) -> Generate:
    """The task for the checkpoint in `folder`. Raises `ModelUnavailable`."""
    config, tokenizer = opening.config(folder, entry), opening.tokenizer(folder, entry)
    model = opening.model(AutoModelForCausalLM, folder, entry, device=device, dtype=dtype)
    window = entry.tokens or longest(config.get_text_config(), tokenizer)
    if window < entry.written + LEAST:
        raise ModelUnavailable(
            f"{entry.name} has room for {window} tokens, too few beside the {entry.written} that its entry lets it write; "
            "raise `tokens` or lower `written`."
        )
    return Generate(
        model,
        tokenizer,
        system=entry.system,
        room=window - entry.written,
        written=entry.written,
        ends=ends(model.generation_config, tokenizer),
        limit=entry.characters,
        model=entry.model,
    )


def ends(decoding: GenerationConfig, tokenizer: PreTrainedTokenizerBase) -> frozenset[int]:
    """The tokens that end an answer, from the checkpoint's own files."""
    named = decoding.eos_token_id
    several = [named] if isinstance(named, int) else [*(named or ())]
    return frozenset(token for token in (*several, tokenizer.eos_token_id) if token is not None)


def _begun(text: str, stop: str) -> int:
    """How many characters at the end of `text` may be the beginning of `stop`."""
    return next((length for length in range(len(stop) - 1, 0, -1) if text.endswith(stop[:length])), 0)
