"""Layers of GDH's networks: convolutions with normalisation, residual blocks, the attention mask."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ml.models.gdh.config import Norm


def normalised(norm: Norm, channels: int) -> nn.Module:
    """Return BatchNorm, as in the paper, or InstanceNorm, which does not depend on the rest of the batch."""
    return nn.BatchNorm2d(channels) if norm == "batch" else nn.InstanceNorm2d(channels, affine=True)


def conv(
    channels_in: int, channels_out: int, kernel: int, stride: int, norm: Norm, *, leak: float = 0.0
) -> nn.Sequential:
    """Return convolution with padding 1, normalisation, ReLU: (B, I, S, S) to (B, O, S / stride, S / stride)."""
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, kernel, stride, 1, bias=False),
        normalised(norm, channels_out),
        nn.LeakyReLU(leak) if leak else nn.ReLU(),
    )


def deconv(channels_in: int, channels_out: int, norm: Norm) -> nn.Sequential:
    """Return transposed 4x4 convolution of stride 2, normalisation, ReLU: (B, I, S, S) to (B, O, 2 S, 2 S)."""
    return nn.Sequential(
        nn.ConvTranspose2d(channels_in, channels_out, 4, 2, 1, bias=False),
        normalised(norm, channels_out),
        nn.ReLU(),
    )


class ResBlock(nn.Module):
    """Two 3x3 convolutions with normalisation and a shortcut, (B, C, S, S) to the same."""

    def __init__(self, channels: int, norm: Norm) -> None:
        super().__init__()
        self.first = conv(channels, channels, 3, 1, norm)
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False), normalised(norm, channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = x + self.second(self.first(x))
        return result


class AttentionMask(nn.Module):
    """Feature maps (B, C, h, w) to a binary mask (B, 1, h, w), float32: 1x1 convolution, softmax, threshold.

    p is the softmax over the map's h w places (section 3.2). The paper does not state its threshold: here a place is kept
    if p is at least `threshold` times the mean 1 / (h w), independently of the size; with a threshold of at most 1,
    something is always kept. The gradient of a step is 0, so the mask takes that of a / (a + threshold), a = h w p, which
    crosses 1/2 exactly where the mask steps (straight-through); without `straight_through` it has none.
    """

    def __init__(self, channels: int, threshold: float, *, straight_through: bool) -> None:
        super().__init__()
        self.score = nn.Conv2d(channels, 1, 1)
        nn.init.zeros_(self.score.weight)
        self.threshold = threshold
        self.straight_through = straight_through

    def forward(self, features: Tensor) -> Tensor:
        scores: Tensor = self.score(features).float()  # (B, 1, h, w)
        probabilities = torch.softmax(scores.flatten(2), dim=2).view_as(scores)
        relative = probabilities * (scores.shape[2] * scores.shape[3])
        # Equal scores must keep everything despite the rounding of the softmax.
        mask: Tensor = (relative >= self.threshold - 1e-4).float()
        if not (self.straight_through and torch.is_grad_enabled()):
            return mask
        soft = relative / (relative + self.threshold)
        return mask + (soft - soft.detach())  # adds 0, so the mask stays exact


def enlarged(mask: Tensor, times: int) -> Tensor:
    """Enlarge a mask (B, 1, h, w) to (B, 1, times h, times w)."""
    return F.interpolate(mask, scale_factor=float(times), mode="nearest")
