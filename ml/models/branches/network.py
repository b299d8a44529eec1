"""One branch: maps, and a head that makes features of them."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from ml.models.branches.config import FROZEN_BLOCKS, LITE0_PX, BranchName
from ml.models.branches.lite0 import LITE0_FEATURES, LITE0_MAPS, GridHead, Lite0Maps
from ml.models.sketch_a_net import INPUT_PX, MAPS, SketchANetConfig, SketchANetHead, SketchANetMaps


@dataclass(frozen=True)
class BranchSizes:
    """Side of the input, channels of the maps, length of the head's output, and whether a linear FC7 follows."""

    input_px: int
    n_maps: int
    n_features: int
    projected: bool


class Branch(nn.Module):
    """Maps and head of one branch: ink (B, C, S, S) in 0..1, 0 on white, to features (B, F), not normalised.

    lite0_px: side of Lite0's input. frozen_blocks: Lite0's first blocks that do not learn.
    """

    def __init__(
        self,
        name: BranchName,
        network: SketchANetConfig,
        *,
        lite0_px: int = LITE0_PX,
        frozen_blocks: int = FROZEN_BLOCKS,
    ) -> None:
        super().__init__()
        self.sizes = sizes_of(name, network, lite0_px)
        if name == "lite0":
            self.maps: nn.Module = Lite0Maps(frozen_blocks)
            self.head: nn.Module = GridHead()
        else:
            self.maps = SketchANetMaps(network.batch_norm, network.channels)
            self.head = SketchANetHead(network)

    def forward(self, ink: Tensor) -> Tensor:
        features: Tensor = self.head(self.maps(ink))
        return features

    def convolutions(self) -> list[nn.Module]:
        """Return Sketch-a-Net's convolutional layers in order; none of a branch that freezes its own."""
        return self.maps.convolutions() if isinstance(self.maps, SketchANetMaps) else []


def sizes_of(name: BranchName, network: SketchANetConfig, lite0_px: int = LITE0_PX) -> BranchSizes:
    """Return the sizes of a branch."""
    if name == "lite0":
        return BranchSizes(lite0_px, LITE0_MAPS, LITE0_FEATURES, projected=True)
    return BranchSizes(INPUT_PX, MAPS, network.embedding_dim, projected=False)
