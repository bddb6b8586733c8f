import struct

import pytest
import sentencepiece

from models.bergamot import vocabulary
from models.types import ModelUnavailable


def field(number, wire, payload):
    return bytes([number << 3 | wire]) + payload


def chunk(number, payload):
    return field(number, 2, bytes([len(payload)]) + payload)


def piece(text, score, kind=None):
    content = chunk(1, text.encode()) + field(2, 5, struct.pack("<f", score))
    return chunk(1, content if kind is None else content + field(3, 0, bytes([kind])))


MODEL = piece("</s>", 0, 3) + piece("<unk>", 0, 2) + piece("▁olá", -2.5) + chunk(3, chunk(1, b"nmt") + chunk(2, b"\x01\x02"))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vocab.xxyy.spm"


def test_pieces_scores_and_kinds_are_read(path):
    path.write_bytes(MODEL)
    words = vocabulary.read(path)
    assert words.pieces == (("</s>", 0.0), ("<unk>", 0.0), ("▁olá", -2.5))
    assert (words.unknown, words.controls, words.character_map) == (1, (0,), b"\x01\x02")
    assert words.written == ("▁olá",)


@pytest.mark.parametrize(
    "damaged",
    [b"", b"\xff", MODEL[:-1], MODEL[:7], piece("▁olá", -2.5), MODEL + piece("<0x00>", 0, 6), field(1, 3, b"")],
    ids=["empty", "tag", "cut", "cut early", "no unknown", "byte pieces", "wire type"],
)
def test_a_damaged_file_is_refused_by_name(path, damaged):
    path.write_bytes(damaged)
    with pytest.raises(ModelUnavailable, match="vocab.xxyy.spm"):
        vocabulary.read(path)


def test_a_missing_file_is_refused(path):
    with pytest.raises(ModelUnavailable, match="vocab.xxyy.spm"):
        vocabulary.read(path)


@pytest.mark.real
@pytest.mark.parametrize("source", ["en", "pt"])
def test_it_reads_what_sentencepiece_reads(student_folders, source):
    path = next(student_folders[source].glob("vocab.*.spm"))
    words, reference = vocabulary.read(path), sentencepiece.SentencePieceProcessor(model_file=str(path))
    assert words.pieces == tuple(
        (reference.id_to_piece(i), reference.get_score(i)) for i in range(reference.get_piece_size())
    )
    assert (words.unknown, words.controls) == (reference.unk_id(), (reference.eos_id(),))
