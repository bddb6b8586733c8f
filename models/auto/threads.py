"""Cuts a thread into windows that a model can read: between turns, and within one only where it must be. Drops nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sentencex import segment
from transformers import PretrainedConfig, PreTrainedTokenizerBase

ENDLESS = 1_000_000
"""Tokens from which on a tokenizer's limit means that nobody set one."""

USUAL = 512
"""Tokens of a window where neither the model nor its tokenizer names a limit."""

POSITIONS = ("max_encoder_position_embeddings", "max_position_embeddings", "n_positions")


def longest(config: PretrainedConfig, tokenizer: PreTrainedTokenizerBase) -> int:
    """How many tokens a checkpoint was made to read at once."""
    positions = next((value for name in POSITIONS if (value := getattr(config, name, None))), ENDLESS)
    limit = min(positions, tokenizer.model_max_length)
    return USUAL if limit >= ENDLESS else limit


def windows(turns: Sequence[str], length: Callable[[str], int], room: int) -> list[str]:
    """The turns, a line each, in texts of at most `room`, as `length` counts it; in order, and together all there is."""
    parts = [part for turn in turns for part in _parts(turn, length, room)]
    sizes = [length(part) + 1 for part in parts]  # and a line break
    found, start = [], 0
    while start < len(parts):
        end, left = start + 1, room - sizes[start]
        while end < len(parts) and sizes[end] <= left:
            left -= sizes[end]
            end += 1
        while end > start + 1 and length("\n".join(parts[start:end])) > room:  # neighbours may split otherwise than alone
            end -= 1
        found.append("\n".join(parts[start:end]))
        start = end
    return found


def _parts(turn: str, length: Callable[[str], int], room: int) -> Iterator[str]:
    """The turn whole, or else as many of its sentences at a time as fit."""
    if length(turn) <= room:
        yield turn
        return
    pieces = [piece for sentence in segment("en", turn) for piece in _halves(sentence, length, room)]
    held = ""
    for piece in pieces:
        if held and length(held + piece) > room:
            yield held.strip()
            held = ""
        held += piece
    yield held.strip()


def _halves(text: str, length: Callable[[str], int], room: int) -> Iterator[str]:
    """A sentence, cut in the middle until it fits: after a space where there is one."""
    if length(text) <= room or len(text) < 2:
        yield text
        return
    space = text.find(" ", len(text) // 2, -1)
    cut = space + 1 if space >= 0 else (text.rfind(" ", 0, len(text) // 2) + 1 or len(text) // 2)
    yield from _halves(text[:cut], length, room)
    yield from _halves(text[cut:], length, room)
