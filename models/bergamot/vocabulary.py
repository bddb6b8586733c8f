"""SentencePiece vocabulary files, read without the library: pieces, their scores, and the normalizer's character map.

The file is a protocol buffer, of which these fields matter:

    ModelProto       1 pieces (repeated)   3 normalizer
    SentencePiece    1 text   2 score (float)   3 type (1 normal, 2 unknown, 3 control, 4 user-defined, 6 byte)
    NormalizerSpec   2 character map
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models.types import ModelUnavailable

PIECES, NORMALIZER = 1, 3
TEXT, SCORE, TYPE = 1, 2, 3
CHARACTER_MAP = 2
NORMAL, UNKNOWN, CONTROL, USER, BYTE = 1, 2, 3, 4, 6
BYTES = frozenset(f"<0x{byte:02X}>" for byte in range(256))
"""The pieces that spell what has no piece of its own."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A unigram vocabulary: each piece with its log-probability, by id; which ids are no text; how text is normalized.

    `controls` stand for nothing that is written, `symbols` for what training put into texts. With `octets`, characters
    without a piece are spelled byte by byte.
    """

    pieces: tuple[tuple[str, float], ...]
    unknown: int
    controls: tuple[int, ...]
    character_map: bytes
    symbols: tuple[int, ...] = ()
    octets: bool = False

    @property
    def written(self) -> tuple[str, ...]:
        """The pieces that are text."""
        names = {self.unknown, *self.controls, *self.symbols}
        return tuple(
            text for i, (text, _) in enumerate(self.pieces) if i not in names and not (self.octets and text in BYTES)
        )


def read(path: Path) -> Vocabulary:
    """Read a `.spm` file. Raises `ModelUnavailable` where it is missing, damaged or no unigram vocabulary of this kind."""
    try:
        return _parse(path.read_bytes())
    except OSError as error:
        raise ModelUnavailable(f"{path} cannot be read; reinstall the package or folder it belongs to.") from error
    except (ValueError, LookupError, TypeError, struct.error) as error:
        raise ModelUnavailable(f"{path} is damaged or no SentencePiece vocabulary; reinstall it.") from error


def _parse(message: bytes) -> Vocabulary:
    pieces, kinds, character_map = [], [], b""
    for number, value in _fields(message):
        if number == PIECES:
            piece = dict(_fields(_bytes(value)))
            pieces.append((_bytes(piece[TEXT]).decode(), struct.unpack("<f", _bytes(piece[SCORE]))[0]))
            kinds.append(piece.get(TYPE, NORMAL))
        elif number == NORMALIZER:
            character_map = _bytes(dict(_fields(_bytes(value)))[CHARACTER_MAP])
    if not set(kinds) <= {NORMAL, UNKNOWN, CONTROL, USER, BYTE}:
        raise ValueError("pieces of a kind that Bergamot students do not have")
    spelled = {text for (text, _), kind in zip(pieces, kinds, strict=True) if kind == BYTE}
    if spelled not in (set(), BYTES):
        raise ValueError("pieces for some bytes and not for others")
    controls, symbols = (tuple(i for i, kind in enumerate(kinds) if kind == which) for which in (CONTROL, USER))
    return Vocabulary(tuple(pieces), kinds.index(UNKNOWN), controls, character_map, symbols, octets=bool(spelled))


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Each field's number and value. See protobuf.dev/programming-guides/encoding."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value: int | bytes
            value, at = _varint(message, at)
        else:
            length = {1: 8, 5: 4}.get(wire)
            if length is None and wire == 2:
                length, at = _varint(message, at)
            if length is None or at + length > len(message):
                raise ValueError(f"field {number} cannot be read")
            value, at = message[at : at + length], at + length
        yield number, value


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """A number in groups of seven bits, the lowest first, and where it ends."""
    number, shift = 0, 0
    while True:
        byte = message[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise TypeError("a number where bytes belong")
    return value
