import struct

import numpy as np
import pytest

from models.bergamot.shortlist import MAGIC, Shortlist
from models.types import ModelUnavailable

LISTS = [[], [], [9, 12], [13], *[[] for _ in range(16)]]


def content(lists=LISTS, frequent=3, magic=MAGIC):
    tokens = [token for row in lists for token in row]
    offsets = np.cumsum([0, *map(len, lists)])
    header = struct.pack("<6Q", magic, 0, frequent, 2, len(offsets), len(tokens))
    return header + struct.pack(f"<{len(offsets)}Q", *offsets) + struct.pack(f"<{len(tokens)}I", *tokens)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lex.xxyy.bin"


def test_frequent_listed_and_own_tokens_are_allowed_and_rounded_up(path):
    path.write_bytes(content())
    allowed = Shortlist.load(path, 20).allowed([[2, 0], [2, 3, 7, 0], [0]])
    assert [np.flatnonzero(row).tolist() for row in allowed] == [
        [0, 1, 2, 3, 4, 5, 9, 12],
        [0, 1, 2, 3, 7, 9, 12, 13],
        [0, 1, 2, 3, 4, 5, 6, 7],
    ]


@pytest.mark.parametrize(
    "damaged",
    [b"", content()[:40], content()[:-1], content(magic=7), content(lists=LISTS[:-1]), content(lists=[[99], *LISTS[1:]])],
    ids=["empty", "header", "cut", "magic", "size", "token"],
)
def test_a_damaged_file_is_refused_by_name(path, damaged):
    path.write_bytes(damaged)
    with pytest.raises(ModelUnavailable, match="lex.xxyy.bin"):
        Shortlist.load(path, 20)


def test_a_missing_file_is_refused(path):
    with pytest.raises(ModelUnavailable, match="lex.xxyy.bin"):
        Shortlist.load(path, 20)
