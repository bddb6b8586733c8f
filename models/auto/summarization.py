"""Summaries by sequence-to-sequence models and by instruction-tuned causal ones.

A thread that is longer than the model's window is read in several: each gets a draft, and the engine has the drafts
summarized again until one window holds them.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Any, Protocol

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    GenerationConfig,
    PretrainedConfig,
    PreTrainedTokenizerBase,
)

from models.auto import opening
from models.auto.chat_template import ChatTemplate
from models.auto.threads import longest, windows
from models.catalog import SummarizeTask
from models.device import moved
from models.types import Message, ModelUnavailable, Summary, TextRefused

INSTRUCTION = (
    "Summarize this conversation in a few short sentences. Say who decided, promised or asked what. "
    "Use only what it says, and write no list."
)
"""What a causal model is told, unless the entry's prefix says it otherwise."""

LEAST = 16
"""Tokens that a window must have for the text itself."""


class Writer(Protocol):
    """Writes summaries of texts that fit into a window."""

    @property
    def model(self) -> Any:
        """The network."""

    def ids(self, text: str) -> list[int]:
        """What the network reads for a text."""

    def write(self, prompts: Sequence[Sequence[int]]) -> list[str]:
        """A summary for each prompt."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a thread as the model reads it; `written` is how many tokens it may answer with."""

    ids: list[int]
    written: int

    @property
    def size(self) -> int:
        """Tokens that it takes in all."""
        return len(self.ids) + self.written


class Summarize:
    """Summarizes threads.

    Args:
        room: tokens of a window, with what stands around the text.
        written: tokens of a draft at most.
        limit: characters of a thread above which it is refused.
    """

    def __init__(self, writer: Writer, *, room: int, written: int, limit: int, model: str) -> None:
        self._writer, self._room, self._written, self._limit, self._model = writer, room, written, limit, model

    def prepare(self, turns: Sequence[str], /) -> list[Window]:
        """Cut a thread into windows. Raises `TextRefused` where it is empty, or longer than the limit (characters)."""
        if sum(map(len, turns)) > self._limit:
            raise TextRefused("long", limit=self._limit)
        said = [turn for turn in turns if turn.strip()]
        if not said:
            raise TextRefused("empty")
        texts = windows(said, lambda text: len(self._writer.ids(text)), self._room)
        return [Window(self._writer.ids(text), self._written) for text in texts]

    @torch.inference_mode()
    def run(self, pieces: Sequence[Window], /) -> list[str]:
        """A draft for each window."""
        return self._writer.write([piece.ids for piece in pieces])

    def finish(self, turns: Sequence[str], pieces: Sequence[Window], raw: Sequence[str], /) -> Summary:
        """The drafts, in order."""
        drafts = tuple(filter(None, (" ".join(draft.split()) for draft in raw)))
        return Summary("\n".join(drafts), drafts, len(turns), len(pieces), self._model)


class Seq2Seq:
    """BART, PEGASUS, T5, LED and their like: the text goes into the encoder, the summary comes out of the decoder."""

    def __init__(self, model: Any, tokenizer: PreTrainedTokenizerBase, decoding: GenerationConfig, *, prefix: str) -> None:
        self.model = model
        self._tokenizer, self._decoding, self._prefix = tokenizer, decoding, prefix
        self._global = "global_attention_mask" in signature(model.forward).parameters

    def ids(self, text: str) -> list[int]:
        """Prefix and text with the tokens around them; what looks like a control token is plain text."""
        found: list[int] = self._tokenizer(self._prefix + text, split_special_tokens=True, verbose=False)["input_ids"]
        return found

    def write(self, prompts: Sequence[Sequence[int]]) -> list[str]:
        """Greedy, or by beams where the entry says so."""
        batch = _padded(prompts, self._tokenizer, self.model.device, left=False)
        if self._global:  # LED attends to everything from the first token only if told so (Beltagy et al. 2020, section 5)
            batch["global_attention_mask"] = torch.zeros_like(batch["attention_mask"])
            batch["global_attention_mask"][:, 0] = 1
        ids = self.model.generate(**batch, generation_config=self._decoding)
        texts = self._tokenizer.batch_decode(ids, skip_special_tokens=True)
        return [text.replace("<n>", "\n") for text in texts]  # which is how PEGASUS writes a line break


class Causal:
    """Instruction-tuned models: the instruction and the text as a user's message, the summary as the answer."""

    def __init__(
        self, model: Any, tokenizer: PreTrainedTokenizerBase, decoding: GenerationConfig, *, instruction: str
    ) -> None:
        self.model = model
        self._tokenizer, self._decoding, self._instruction = tokenizer, decoding, instruction
        self._template = ChatTemplate(tokenizer)

    def ids(self, text: str) -> list[int]:
        """The prompt."""
        return self._template.ids([Message("user", f"{self._instruction}\n\n{text}")])

    def write(self, prompts: Sequence[Sequence[int]]) -> list[str]:
        """Greedy, or by beams where the entry says so."""
        batch = _padded(prompts, self._tokenizer, self.model.device, left=True)
        ids = self.model.generate(**batch, generation_config=self._decoding)
        texts = self._tokenizer.batch_decode(ids[:, batch["input_ids"].shape[1] :], skip_special_tokens=True)
        return [_first_turn(text, self._template.stops) for text in texts]


def load(folder: Path, entry: SummarizeTask, *, device: torch.device, dtype: torch.dtype) -> Summarize:
    """The task for the checkpoint in `folder`. Raises `ModelUnavailable`."""
    config, tokenizer = opening.config(folder, entry), opening.tokenizer(folder, entry)
    paired = bool(config.is_encoder_decoder)
    opener = AutoModelForSeq2SeqLM if paired else AutoModelForCausalLM
    model = opening.model(opener, folder, entry, device=device, dtype=dtype)
    window = entry.tokens or longest(config if paired else config.get_text_config(), tokenizer)
    decoding = decodes(model.generation_config, tokenizer, beams=entry.beams, written=entry.written)
    writer: Writer
    if paired:
        writer, room = Seq2Seq(model, tokenizer, decoding, prefix=entry.prefix or _prefix(config)), window
    else:
        writer, room = Causal(model, tokenizer, decoding, instruction=entry.prefix or INSTRUCTION), window - entry.written
    if room < len(writer.ids("")) + LEAST:
        raise ModelUnavailable(
            f"{entry.name} reads {window} tokens at once, too few beside the {entry.written} that its entry lets it write; "
            "raise `tokens` or lower `written`."
        )
    return Summarize(writer, room=room, written=entry.written, limit=entry.characters, model=entry.model)


def decodes(own: GenerationConfig, tokenizer: PreTrainedTokenizerBase, *, beams: int, written: int) -> GenerationConfig:
    """A checkpoint's own way to decode, made reproducible, and as long as the entry wants it.

    Its least length is left out: a short thread would be padded with what nobody said.
    """
    made = copy.deepcopy(own)
    made.do_sample, made.num_beams = False, beams
    made.max_new_tokens, made.max_length, made.min_length, made.min_new_tokens = written, None, None, None
    made.temperature = made.top_p = made.top_k = None
    if beams == 1:
        made.early_stopping = made.length_penalty = None
    made.pad_token_id = padding(tokenizer)
    return made


def padding(tokenizer: PreTrainedTokenizerBase) -> int:
    """What rows are filled up with. Models without a token for it, such as GPT-2, never see it: it is masked."""
    return next(token for token in (tokenizer.pad_token_id, tokenizer.eos_token_id, 0) if token is not None)


def _prefix(config: PretrainedConfig) -> str:
    """What T5's own configuration says that a text to summarize begins with."""
    tasks: dict[str, dict[str, Any]] = getattr(config, "task_specific_params", None) or {}
    return str(tasks.get("summarization", {}).get("prefix", ""))


def _padded(
    rows: Sequence[Sequence[int]], tokenizer: PreTrainedTokenizerBase, device: torch.device, *, left: bool
) -> dict[str, torch.Tensor]:
    """Rows of token ids as one tensor (rows, longest row), and which of them are real."""
    width, filler = max(map(len, rows)), padding(tokenizer)
    gaps = [[filler] * (width - len(row)) for row in rows]
    none = [[0] * len(gap) for gap in gaps]
    ones = [[1] * len(row) for row in rows]
    ids = [[*gap, *row] if left else [*row, *gap] for row, gap in zip(rows, gaps, strict=True)]
    mask = [[*gap, *row] if left else [*row, *gap] for row, gap in zip(ones, none, strict=True)]
    return {"input_ids": moved(torch.tensor(ids), device), "attention_mask": moved(torch.tensor(mask), device)}


def _first_turn(text: str, stops: Sequence[str]) -> str:
    """What the model said before it spoke for somebody else."""
    return text[: min((at for stop in stops if (at := text.find(stop)) >= 0), default=len(text))]
