"""A checkpoint's network on the meta device: all of its shapes, and none of its numbers."""

from __future__ import annotations

import torch
import transformers
from torch import nn
from transformers import PretrainedConfig, PreTrainedModel

from models.footprint import Footprint


def footprint(config: PretrainedConfig) -> Footprint | None:
    """The footprint of the network that a configuration describes; None where it names no class of transformers."""
    maker = getattr(transformers, (config.architectures or [""])[0], None)
    if not isinstance(maker, type) or not issubclass(maker, PreTrainedModel):
        return None
    with torch.device("meta"):
        network = maker(config)
    words = network.get_output_embeddings()  # left as it is by quantization
    linear = {
        id(module.weight): module.weight.numel()
        for module in network.modules()
        if isinstance(module, nn.Linear) and module is not words
    }
    buffers = sum(buffer.numel() * buffer.element_size() for buffer in network.buffers())
    return Footprint(sum(each.numel() for each in network.parameters()), sum(linear.values()), buffers)
