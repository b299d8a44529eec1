"""EfficientNet-Lite0 as the pretrained branch of a ranking network.

Its maps take the place of Sketch-a-Net's in `triplet-san` and `dssa`: the papers' branches start from all of ImageNet,
which is not available for Sketch-a-Net, whereas Lite0's ImageNet weights are. Averages of block 10's map over a grid take
the place of FC6: an untrained FC6 would destroy the similarities that the trunk brings along. FC7 follows in the ranking
model, after the features of each domain have been standardised.
"""

from __future__ import annotations

from typing import Final

from torch import Tensor, nn

from ml.models.branches.config import FROZEN_BLOCKS, LITE0_BLOCKS
from ml.models.efficientnet_lite import Block, EfficientNetLite0, grid_means

LITE0_MAPS: Final = 112
GRID: Final = 4  # cells per side
LITE0_FEATURES: Final = LITE0_MAPS * GRID**2


class Lite0Maps(nn.Module):
    """Ink (B, 1 or 3, S, S) in 0..1, 0 on white, S a multiple of 32, to maps (B, 112, S / 16, S / 16).

    Has ImageNet weights. BatchNorm is folded; the stem, the first `frozen_blocks` and depthwise convolutions don't learn.
    """

    def __init__(self, frozen_blocks: int = FROZEN_BLOCKS) -> None:
        super().__init__()
        self.trunk = EfficientNetLite0(LITE0_BLOCKS - 1)
        self.trunk.load_imagenet()
        self.trunk.fold_batch_norm()
        self.trunk.freeze(frozen_blocks)
        for block in self.trunk._blocks:
            assert isinstance(block, Block)
            block._depthwise_conv.requires_grad_(False)

    def forward(self, ink: Tensor) -> Tensor:
        grey = (255 * (1 - ink)).expand(-1, 3, -1, -1)
        maps: Tensor = self.trunk(grey.contiguous())
        return maps


class GridHead(nn.Module):
    """Maps (B, 112, h, h) to their averages over a 4x4 grid, (B, 1792)."""

    def forward(self, maps: Tensor) -> Tensor:
        return grid_means(maps, GRID)
