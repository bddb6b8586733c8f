import struct

import numpy as np
import pytest

from models.bergamot import marian
from models.types import ModelUnavailable

SETTINGS = ("special:model.yml", 0x0101, (8,), b"a: [1]\n\0")


def int8(rows, multiplier):
    return np.array(rows, np.int8).tobytes() + struct.pack("<f", multiplier) + bytes(252)


def test_tensors_and_settings_are_read(marian_file):
    floats = np.array([[1.5, -2.0, 0.25]], np.float32)
    checkpoint = marian.read(marian_file([SETTINGS, ("bias", 0x0404, (1, 3), floats.tobytes())]))
    assert checkpoint.settings == {"a": [1]}
    np.testing.assert_array_equal(checkpoint.tensors["bias"], floats)


def test_quantized_matrices_are_stored_transposed_except_embeddings(marian_file):
    rows = [[1, 2, 3], [4, 5, 6]]
    checkpoint = marian.read(
        marian_file([("W", 0x4101, (3, 2), int8(rows, 2.0)), ("Wemb", 0x4101, (2, 3), int8(rows, 4.0))])
    )
    np.testing.assert_array_equal(checkpoint.tensors["W"], np.array(rows).T / 2)
    np.testing.assert_array_equal(checkpoint.tensors["Wemb"], np.array(rows) / 4)


def test_a_file_cut_anywhere_is_refused_by_name(marian_file, tmp_path):
    whole = marian_file([SETTINGS, ("W", 0x4101, (3, 2), int8([[1, 2, 3], [4, 5, 6]], 2.0))]).read_bytes()
    path = tmp_path / "cut.bin"
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(ModelUnavailable, match="cut.bin"):
            marian.read(path)


@pytest.mark.parametrize("where", [0, 8, 16, 32, 40, 48, 56])
def test_a_damaged_header_is_refused(marian_file, where):
    path = marian_file([SETTINGS, ("W", 0x4101, (3, 2), int8([[1, 2, 3], [4, 5, 6]], 2.0))])
    blob = bytearray(path.read_bytes())
    blob[where : where + 8] = b"\xff" * 8
    path.write_bytes(blob)
    with pytest.raises(ModelUnavailable, match="model.xxyy"):
        marian.read(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ModelUnavailable, match="none.bin"):
        marian.read(tmp_path / "none.bin")
