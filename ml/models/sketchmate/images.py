"""SketchMate's image branch, and the networks that its Table 6 compares with as classifiers.

AlexNet is the paper's. EfficientNet-Lite0 with ImageNet weights, Sketch-a-Net and ResNet-50 are alternatives.
"""

from __future__ import annotations

from torch import Tensor, nn

from ml.models.alexnet import AlexNet, AlexNetConfig
from ml.models.efficientnet_lite import EfficientNetLite0, grid_means
from ml.models.sketch_a_net import SketchANetConfig, SketchANetHead, SketchANetMaps
from ml.models.sketchmate.config import SketchMateConfig
from ml.models.torchvision_import import import_torchvision

LITE0_GRID = 2
SKETCH_A_NET_FEATURES, RESNET_FEATURES = 512, 2048


class Lite0Branch(nn.Module):
    """Ink (B, 1, S, S) in 0..1 to the last block's features on a 2x2 grid, (B, 1280)."""

    def __init__(self, dropout: float, *, pretrained: bool) -> None:
        super().__init__()
        self.trunk = EfficientNetLite0()
        if pretrained:
            self.trunk.load_imagenet()
        self.dropout = nn.Dropout(dropout)
        self.out_dim = self.trunk.channels_out * LITE0_GRID**2

    def forward(self, ink: Tensor) -> Tensor:
        maps = self.trunk(255 * (1 - ink).expand(-1, 3, -1, -1))  # (B, 320, S/32, S/32)
        features: Tensor = self.dropout(grid_means(maps, LITE0_GRID))
        return features


class SketchANetBranch(nn.Module):
    """Ink (B, 1, 225, 225) in 0..1 to the features of FC6, (B, 512)."""

    def __init__(self, dropout: float, *, batch_norm: bool) -> None:
        super().__init__()
        self.maps = SketchANetMaps(batch_norm)
        self.fc6 = SketchANetHead(SketchANetConfig(batch_norm=batch_norm)).fc6
        self.dropout = nn.Dropout(dropout)
        self.out_dim = SKETCH_A_NET_FEATURES

    def forward(self, ink: Tensor) -> Tensor:
        features: Tensor = self.dropout(self.fc6(self.maps(ink)).flatten(1))
        return features


class ResNet50Branch(nn.Module):
    """Ink (B, 1, S, S) in 0..1 to the pooled maps of ResNet-50 (He et al., CVPR 2016), from scratch, (B, 2048)."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        trunk = import_torchvision().models.resnet50(weights=None)
        trunk.conv1 = nn.Conv2d(1, 64, 7, 2, 3, bias=False)  # ink has one channel
        nn.init.kaiming_normal_(trunk.conv1.weight, mode="fan_out", nonlinearity="relu")
        trunk.fc = nn.Identity()
        self.trunk = trunk
        self.dropout = nn.Dropout(dropout)
        self.out_dim = RESNET_FEATURES

    def forward(self, ink: Tensor) -> Tensor:
        features: Tensor = self.dropout(self.trunk(ink))
        return features


def image_branch(
    config: SketchMateConfig, *, pretrained: bool
) -> AlexNet | Lite0Branch | SketchANetBranch | ResNet50Branch:
    """Return the image branch, which stage 1 trains separately."""
    if config.image_branch == "lite0":
        return Lite0Branch(config.dropout, pretrained=pretrained)
    if config.image_branch == "sketch-a-net":
        return SketchANetBranch(config.dropout, batch_norm=config.batch_norm)
    if config.image_branch == "resnet50":
        return ResNet50Branch(config.dropout)
    sizes = AlexNetConfig(
        config.image_size_px, config.width, config.fc_dim, config.batch_norm, config.dropout
    )
    return AlexNet(sizes)
