"""SketchMate's two-branch network: the image and the strokes of a sketch, fused into a hash code.

Source: Xu et al., "SketchMate: Deep Hashing for Million-Scale Human Sketch Retrieval", CVPR 2018, sections 3.2 and 4.1,
and its Fig. 2:

    image    AlexNet, FC7                          \
                                                    concatenated -> linear -> hash logits h, f = sigmoid(h), b = [f > 0.5]
    strokes  2-layer bidirectional GRU, last state /                                    f -> linear -> classes

The last state is that of the drawing, not of the padding (`ml.models.sketchmate.strokes`). Other image branches than
AlexNet (`ml.models.sketchmate.images`) are optional divergences. `head="recognition"` is that of section 4.4: a wide ReLU
layer instead of the hash layer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ml.models.sketchmate.config import SketchMateConfig
from ml.models.sketchmate.images import image_branch
from ml.models.sketchmate.strokes import StrokeGru


@dataclass(frozen=True)
class SketchInputs:
    """A batch of sketches for both branches.

    ink: uint8 (B, S, S), dark on white. steps: float32 (B, T, 4), offsets in units of the drawing's box (0..255) and pen
    states, zero beyond a drawing's end. lengths: int64 (B,), on the CPU, numbers of points.
    """

    ink: Tensor
    steps: Tensor
    lengths: Tensor

    def to(self, device: torch.device) -> SketchInputs:
        """Move to a device, except the lengths, which packing requires on the CPU."""
        return replace(self, ink=self.ink.to(device), steps=self.steps.to(device))


class SketchMate(nn.Module):
    """SketchInputs to hash logits (B, K) and class scores (B, L), float32; a bit is a logit's sign, 0 counts as 0.

    pretrained: start a lite0 branch from its ImageNet weights. centres: (L, K), the class centres of the sketch-centre
    loss, stored with the weights.
    """

    centres: Tensor

    def __init__(self, config: SketchMateConfig, *, pretrained: bool = False) -> None:
        super().__init__()
        self.config = config
        self.cnn = image_branch(config, pretrained=pretrained) if config.branches != "rnn" else None
        self.rnn = stroke_branch(config) if config.branches != "cnn" else None
        fused = sum(branch.out_dim for branch in (self.cnn, self.rnn) if branch is not None)
        self.embed = nn.Linear(fused, config.embedding_dim)
        self.classifier = (
            nn.Linear(config.embedding_dim, config.n_categories) if config.n_categories else None
        )
        self.register_buffer("centres", torch.zeros(config.n_categories, config.embedding_dim))

    def fused(self, inputs: SketchInputs) -> Tensor:
        """Return the concatenated features of the branches, (B, F)."""
        parts = []
        if self.cnn is not None:
            parts.append(self.cnn(as_ink(inputs.ink)))
        if self.rnn is not None:
            parts.append(self.rnn(inputs.steps, inputs.lengths))
        return torch.cat([part.float() for part in parts], dim=1)

    def relaxed(self, logits: Tensor) -> Tensor:
        """Return the classifier's input, (B, K): f in (0, 1), or the recognition layer after its ReLU."""
        return torch.sigmoid(logits) if self.config.head == "hash" else F.relu(logits)

    def heads(self, fused: Tensor) -> tuple[Tensor, Tensor]:
        """Return hash logits (B, K) and class scores (B, L) of fused features (B, F), always in float32."""
        with torch.autocast(fused.device.type, enabled=False):
            logits = self.embed(fused.float())
            if self.classifier is None:
                return logits, logits.new_zeros(len(logits), 0)
            return logits, self.classifier(self.relaxed(logits))

    def forward(self, inputs: SketchInputs) -> tuple[Tensor, Tensor]:
        return self.heads(self.fused(inputs))


def stroke_branch(config: SketchMateConfig) -> StrokeGru:
    """Return the stroke branch, which stage 2 trains separately."""
    return StrokeGru(config.rnn_hidden, dropout=config.rnn_dropout)


def as_ink(images: Tensor) -> Tensor:
    """Convert images, uint8 (B, S, S), dark on white, to float (B, 1, S, S) in 0..1, 1 on the lines."""
    return 1 - images[:, None].float() / 255
