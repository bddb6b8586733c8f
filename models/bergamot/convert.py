"""From a folder of a Bergamot student, as Mozilla and the Bergamot project publish it, to a transformers model.

Such a folder holds `model.<pair>.*.bin` (weights), `vocab.<pair>.spm` (vocabulary) and `lex.*.<pair>.*.bin` (shortlist).
Languages that share few words have a vocabulary each, `srcvocab.<pair>.spm` and `trgvocab.<pair>.spm`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from transformers import GenerationConfig

from models.bergamot import marian
from models.bergamot.configuration import BergamotConfig
from models.bergamot.marian import Array, Checkpoint
from models.bergamot.modeling import NEVER, BergamotForConditionalGeneration
from models.types import ModelUnavailable

FAMILY = {
    "type": "transformer",
    "transformer-decoder-autoreg": "rnn",
    "dec-cell": "ssru",
    "dec-cell-base-depth": 2,
    "tied-embeddings-src": False,
    "transformer-ffn-depth": 2,
    "transformer-ffn-activation": "relu",
    "transformer-preprocess": "",
    "transformer-postprocess": "dan",
    "transformer-postprocess-emb": "d",
    "transformer-postprocess-top": "",
    "transformer-train-position-embeddings": False,
    "transformer-no-projection": False,
    "transformer-tied-layers": [],
    "factors-combine": None,
    "lemma-dim-emb": 0,
    "input-types": [],
}
"""The training settings that make a Marian model a Bergamot student; what is not written in a file is as here."""


SHARED, SOURCE, TARGET = "Wemb", "encoder_Wemb", "decoder_Wemb"
"""What Marian calls embeddings: of source and target together, or of each."""


def find(folder: Path, pattern: str) -> Path:
    """The one file of `folder` that matches `pattern`. Raises `ModelUnavailable` where there is none, or are several."""
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise ModelUnavailable(f"{folder} must hold one file {pattern} but holds {len(found)}; is it a Bergamot student?")
    return found[0]


def load(path: Path, *, words: int, targets: int | None = None) -> BergamotForConditionalGeneration:
    """Build the model in float32 from the weight file at `path`, for a vocabulary of `words` tokens.

    `targets` are those of the target's vocabulary, where that is another.

    Raises `ModelUnavailable` where the file is missing, damaged, or holds a network of another family.
    """
    checkpoint = marian.read(path)
    config = _config(checkpoint, path)
    if (config.vocab_size, config.target_vocab_size or config.vocab_size) != (words + 1, (targets or words) + 1):
        raise ModelUnavailable(f"{path} and its vocabulary differ in size; reinstall them together.")
    with torch.device("meta"):  # the weights come from the file: drawing random ones first would be lost time
        model = BergamotForConditionalGeneration(config)
    try:
        model.load_state_dict(_weights(checkpoint, config), assign=True)
    except (KeyError, ValueError, RuntimeError) as error:
        raise ModelUnavailable(f"{path} does not hold the weights that its own settings ask for; reinstall it.") from error
    model.generation_config = GenerationConfig.from_model_config(config)
    # Ended targets are padded with a token of theirs.
    padding = config.decoder_start_token_id
    model.generation_config.update(max_new_tokens=512, suppress_tokens=[config.unk_token_id], pad_token_id=padding)
    model.eval()  # type: ignore[no-untyped-call]
    return model


def _config(checkpoint: Checkpoint, path: Path) -> BergamotConfig:
    settings = checkpoint.settings
    for name, expected in FAMILY.items():
        if (actual := settings.get(name, expected)) != expected:
            raise ModelUnavailable(f"{path} is no Bergamot student ({name} is {actual!r}); choose another model.")
    try:
        # What is tied is one matrix; the settings' own sizes may be left out.
        tied = settings.get("tied-embeddings-all", SOURCE not in checkpoint.tensors)
        if not tied and not settings["tied-embeddings"]:
            raise ModelUnavailable(f"{path} is no Bergamot student (its output layer is not tied); choose another model.")
        words, targets = (len(checkpoint.tensors[name]) for name in ((SHARED, SHARED) if tied else (SOURCE, TARGET)))
        return BergamotConfig(
            vocab_size=words + 1,
            target_vocab_size=None if tied else targets + 1,
            d_model=int(settings["dim-emb"]),
            ffn_dim=int(settings["transformer-dim-ffn"]),
            attention_heads=int(settings["transformer-heads"]),
            encoder_layers=int(settings["enc-depth"]),
            decoder_layers=int(settings["dec-depth"]),
            pad_token_id=words,
            decoder_start_token_id=targets,
        )
    except (KeyError, ValueError, TypeError) as error:
        raise ModelUnavailable(f"{path} does not state its sizes ({error}); reinstall it.") from error


def _weights(checkpoint: Checkpoint, config: BergamotConfig) -> dict[str, Tensor]:
    """The checkpoint under the model's names. Marian counts layers from 1 and multiplies from the right (x W)."""
    read = _Reader(checkpoint.tensors)
    own = config.target_vocab_size is not None
    weights = {
        "encoder.embedding.tokens.weight": read.padded(SOURCE if own else SHARED, 0.0),
        "output_bias": read.padded("decoder_ff_logit_out_b", NEVER),
    }
    if own:
        weights["decoder.embedding.tokens.weight"] = read.padded(TARGET, 0.0)
    for i in range(config.encoder_layers):
        theirs, ours = f"encoder_l{i + 1}", f"encoder.layers.{i}"
        weights |= read.attention(f"{theirs}_self", ours) | read.feed_forward(f"{theirs}_ffn", ours)
    for i in range(config.decoder_layers):
        theirs, ours = f"decoder_l{i + 1}", f"decoder.layers.{i}"
        weights |= read.recurrence(f"{theirs}_rnn", ours)
        weights |= read.attention(f"{theirs}_context", ours) | read.feed_forward(f"{theirs}_ffn", ours)
    return weights


class _Reader:
    """Takes sublayers out of a checkpoint. `theirs` is Marian's prefix, `ours` the layer's name in the model."""

    def __init__(self, tensors: dict[str, Array]) -> None:
        self._tensors = tensors

    def attention(self, theirs: str, ours: str) -> dict[str, Tensor]:
        linear, norm = self._linear, self._norm
        return (
            linear(f"{ours}.attention.query", [f"{theirs}_Wq"], [f"{theirs}_bq"])
            | linear(f"{ours}.attention.key_value", [f"{theirs}_Wk", f"{theirs}_Wv"], [f"{theirs}_bk", f"{theirs}_bv"])
            | linear(f"{ours}.attention.output", [f"{theirs}_Wo"], [f"{theirs}_bo"])
            | norm(f"{ours}.after_attention.norm", f"{theirs}_Wo_ln")
        )

    def feed_forward(self, theirs: str, ours: str) -> dict[str, Tensor]:
        return (
            self._linear(f"{ours}.feed_forward.up", [f"{theirs}_W1"], [f"{theirs}_b1"])
            | self._linear(f"{ours}.feed_forward.down", [f"{theirs}_W2"], [f"{theirs}_b2"])
            | self._norm(f"{ours}.after_feed_forward.norm", f"{theirs}_ffn_ln")
        )

    def recurrence(self, theirs: str, ours: str) -> dict[str, Tensor]:
        return (
            self._linear(f"{ours}.recurrence.candidate", [f"{theirs}_W"], [])
            | self._linear(f"{ours}.recurrence.forget", [f"{theirs}_Wf"], [f"{theirs}_bf"])
            | self._norm(f"{ours}.after_recurrence.norm", f"{theirs}_ffn_ln")
        )

    def padded(self, name: str, last: float) -> Tensor:
        """A tensor with one entry for each token, and the padding token's, `last`, after them."""
        tensor = torch.from_numpy(np.ascontiguousarray(self._tensors[name])).squeeze(0)
        return torch.cat((tensor, tensor.new_full((1, *tensor.shape[1:]), last)))

    def _linear(self, ours: str, matrices: list[str], biases: list[str]) -> dict[str, Tensor]:
        """An `nn.Linear` of several matrices side by side."""
        weights = {f"{ours}.weight": torch.from_numpy(np.concatenate([self._tensors[name].T for name in matrices]))}
        if biases:
            weights[f"{ours}.bias"] = torch.from_numpy(np.concatenate([self._tensors[name].ravel() for name in biases]))
        return weights

    def _norm(self, ours: str, theirs: str) -> dict[str, Tensor]:
        scale, bias = (torch.from_numpy(self._tensors[f"{theirs}_{part}"].ravel().copy()) for part in ("scale", "bias"))
        return {f"{ours}.weight": scale, f"{ours}.bias": bias}
