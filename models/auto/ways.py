"""How each family is told where to translate to: by what stands before the text, or by what its decoder begins with.

| family               | the encoder reads            | the decoder begins with |
|----------------------|------------------------------|-------------------------|
| opus-mt (Marian)     | [>>por<<] text </s>          | its start token         |
| NLLB, M2M100         | source text </s>             | its start token, target |
| mBART-50             | source text </s>             | its start token, target |
| MADLAD-400 (a T5)    | <2pt> text </s>              | its start token         |
| T5, mT5              | the entry's prefix text </s> | its start token         |
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from transformers import PreTrainedTokenizerBase

from models.auto import tongues
from models.auto.tongues import Tongues, english
from models.catalog import TranslateTask
from models.types import ModelUnavailable

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Way:
    """One direction: the tokens `before` and `after` those of a text, and those that its translation `starts` with."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    starts: tuple[int, ...]

    def around(self, ids: list[int]) -> tuple[int, ...]:
        """What the encoder reads for a text of these tokens."""
        return (*self.before, *ids, *self.after)


@dataclass(frozen=True, slots=True)
class Asked:
    """A checkpoint and the entry that names it. `start` is the token that its decoder begins with."""

    entry: TranslateTask
    tokenizer: PreTrainedTokenizerBase
    start: int

    @property
    def vocabulary(self) -> set[str]:
        """Every token by name; M2M100's tokenizer keeps its language tokens apart."""
        return {*self.tokenizer.get_vocab(), *getattr(self.tokenizer, "lang_token_to_id", ())}

    @property
    def end(self) -> int:
        """The id of the token that closes a text."""
        end: int = self.tokenizer.eos_token_id
        return end

    def encoded(self, text: str) -> tuple[int, ...]:
        """The ids of a text alone."""
        return tuple(self.tokenizer(text, add_special_tokens=False).input_ids)

    def ids(self, known: Tongues, language: str) -> tuple[int, ...]:
        """The id of a language's token. Raises `ModelUnavailable` where there is none."""
        if token := known.token(language):
            ids: list[int] = self.tokenizer.convert_tokens_to_ids([token])  # type: ignore[assignment]  # a list for a list
            return tuple(ids)
        raise self.refused(f"has no token for {english(language)} ({language}); leave that language out of the entry")

    def refused(self, why: str) -> ModelUnavailable:
        """The error that names the checkpoint and says why it cannot serve its entry."""
        return ModelUnavailable(f"{self.entry.name} {why}.")


def ways(entry: TranslateTask, model: Any, tokenizer: PreTrainedTokenizerBase) -> dict[Pair, Way]:
    """The way for each pair of `entry`. Raises `ModelUnavailable` where the checkpoint has none for one of them."""
    if not entry.pairs:
        raise ModelUnavailable(f"The entry of {entry.name} names no languages; give it `between` or `languages`.")
    kind = model.config.model_type
    if kind not in FAMILIES:
        known = ", ".join(sorted(FAMILIES))
        raise ModelUnavailable(f"{entry.name} is a {kind} model, and only these can translate: {known}; choose another.")
    start = model.generation_config.decoder_start_token_id
    start = getattr(model.config, "decoder_start_token_id", None) if start is None else start
    if start is None:
        raise ModelUnavailable(f"{entry.name} does not say what its decoder starts with; add decoder_start_token_id to it.")
    return FAMILIES[kind](Asked(entry, tokenizer, start))


def _marian(asked: Asked) -> dict[Pair, Way]:
    targets = Tongues(getattr(asked.tokenizer, "supported_language_codes", ()), tongues.QUOTED)
    if not targets and len({target for _, target in asked.entry.pairs}) > 1:
        raise asked.refused("translates to one language only, and its entry names several; give each its own checkpoint")
    return {
        pair: Way(asked.ids(targets, pair[1]) if targets else (), (asked.end,), (asked.start,)) for pair in asked.entry.pairs
    }


def _forced(asked: Asked) -> dict[Pair, Way]:
    known = Tongues(asked.vocabulary, tongues.FORCED)
    # NLLB's first release closed a source with its language, and tokenizers can be told to do so still.
    last = getattr(asked.tokenizer, "legacy_behaviour", False)
    return {pair: _between(asked, known, pair, last=last) for pair in asked.entry.pairs}


def _mbart(asked: Asked) -> dict[Pair, Way]:
    if asked.start != asked.end:
        raise asked.refused("is an mBART that came before mBART-50, which alone can be told its languages; choose that")
    known = Tongues(asked.vocabulary, tongues.REGIONAL)
    return {pair: _between(asked, known, pair) for pair in asked.entry.pairs}


def _between(asked: Asked, known: Tongues, pair: Pair, *, last: bool = False) -> Way:
    source, target = (asked.ids(known, language) for language in pair)
    before, after = ((), (asked.end, *source)) if last else (source, (asked.end,))
    return Way(before, after, (asked.start, *target))


def _t5(asked: Asked) -> dict[Pair, Way]:
    targets = Tongues(asked.vocabulary, tongues.TO)
    if asked.entry.prefix is not None:
        return {pair: _way(asked, _prefix(asked, *pair)) for pair in asked.entry.pairs}
    if not targets:
        raise asked.refused('needs words before a text; add prefix = "translate {source} to {target}: " to its entry')
    for _, target in asked.entry.pairs:
        asked.ids(targets, target)
    return {pair: _way(asked, str(targets.token(pair[1]))) for pair in asked.entry.pairs}


def _way(asked: Asked, text: str) -> Way:
    return Way(asked.encoded(text), (asked.end,), (asked.start,))


def _prefix(asked: Asked, source: str, target: str) -> str:
    try:
        return str(asked.entry.prefix).format(source=english(source), target=english(target))
    except (LookupError, ValueError, AttributeError) as error:
        raise asked.refused("has a prefix that cannot be filled in; it may hold {source} and {target} alone") from error


FAMILIES: dict[str, Callable[[Asked], dict[Pair, Way]]] = {
    "marian": _marian,
    "m2m_100": _forced,
    "nllb-moe": _forced,
    "mbart": _mbart,
    "t5": _t5,
    "mt5": _t5,
    "umt5": _t5,
}
"""By `model_type` of a configuration."""
