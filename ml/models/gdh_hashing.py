"""GDH's hashing network H: ResNet-18 with K outputs (section 3.2), or EfficientNet-Lite0 with ImageNet weights.

Source: "Generative Domain-Migration Hashing", ECCV 2018. No ResNet-18 weights are shipped, so that one is trained from
scratch. Divergences, behind switches: the lite0 trunk keeps a grid of middle features, its BatchNorm folded away and its
first layers frozen; `domain_norm` standardises the features apart for sketches and photos, before the last layer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch.nn.functional as F
from torch import Tensor, nn

from ml.errors import ConfigError
from ml.models.domain_norm import Domain, DomainNorm
from ml.models.efficientnet_lite import EfficientNetLite0
from ml.models.torchvision_import import import_torchvision

LITE0_BLOCK, LITE0_GRID = 10, 4


@dataclass(frozen=True)
class HashNetConfig:
    """Sizes: `code_length` K bits. frozen_blocks: of the lite0 trunk, the stem with them."""

    code_length: int = 64
    backbone: Literal["resnet18", "lite0"] = "resnet18"
    domain_norm: bool = False
    frozen_blocks: int = 5

    def __post_init__(self) -> None:
        if self.code_length < 8 or self.code_length % 8:
            raise ConfigError("code_length", f"{self.code_length}, a multiple of 8 is needed")
        if not 0 <= self.frozen_blocks <= LITE0_BLOCK + 1:
            raise ConfigError("frozen_blocks", f"{self.frozen_blocks}, the trunk has {LITE0_BLOCK + 1}")


class Lite0Grid(nn.Module):
    """Images (B, 3, S, S) in -1..1 to block 10's features averaged on a 4x4 grid, (B, 1792); S a multiple of 64."""

    def __init__(self, frozen_blocks: int, *, pretrained: bool) -> None:
        super().__init__()
        self.trunk = EfficientNetLite0(LITE0_BLOCK)
        if pretrained:
            self.trunk.load_imagenet()
        self.trunk.fold_batch_norm()
        if frozen_blocks:
            for part in (self.trunk._conv_stem, *list(self.trunk._blocks)[:frozen_blocks]):
                part.requires_grad_(False)
        self.out_dim = self.trunk.channels_out * LITE0_GRID**2

    def forward(self, images: Tensor) -> Tensor:
        maps = self.trunk(127.5 * (images + 1))  # (B, 112, S/16, S/16)
        return F.adaptive_avg_pool2d(maps, LITE0_GRID).flatten(1)


class ResNetFeatures(nn.Module):
    """Images (B, 3, S, S) in -1..1 to ResNet-18's pooled features (B, 512)."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = import_torchvision().models.resnet18(weights=None)
        self.trunk.fc = nn.Identity()
        self.out_dim = 512

    def forward(self, images: Tensor) -> Tensor:
        features: Tensor = self.trunk(images)
        return features


class HashNet(nn.Module):
    """Images (B, 3, S, S) in -1..1 that come of sketches or of photos to real-valued outputs (B, K), float32."""

    def __init__(self, config: HashNetConfig, *, pretrained: bool = False) -> None:
        super().__init__()
        self.features: Lite0Grid | ResNetFeatures = (
            Lite0Grid(config.frozen_blocks, pretrained=pretrained)
            if config.backbone == "lite0"
            else ResNetFeatures()
        )
        self.norm = DomainNorm(self.features.out_dim) if config.domain_norm else None
        self.code = nn.Linear(self.features.out_dim, config.code_length)

    def forward(self, images: Tensor, domain: Domain) -> Tensor:
        return self.outputs(self.features(images), domain)

    def outputs(self, features: Tensor, domain: Domain) -> Tensor:
        """The last layer on features (B, F)."""
        features = features.float()
        if self.norm is not None:
            features = self.norm(features, domain)
        result: Tensor = self.code(features).float()
        return result
