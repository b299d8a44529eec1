"""GDH's hashing network H: ResNet-18 with K outputs (section 3.2), or EfficientNet-Lite0 with ImageNet weights.

Source: "Generative Domain-Migration Hashing", ECCV 2018. No ResNet-18 weights are shipped, so ResNet-18 is trained from
scratch. Optional divergences: the lite0 trunk keeps a grid of features, with BatchNorm folded and the first blocks and
all depthwise convolutions (few weights) frozen; `domain_norm` standardises the features before the last layer,
separately for sketches and photos.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from ml.models.discriminant import discriminant_axes
from ml.models.domain_norm import Domain, DomainNorm
from ml.models.efficientnet_lite import Block, EfficientNetLite0, grid_means
from ml.models.gdh.config import HashNetConfig
from ml.models.torchvision_import import import_torchvision

PRINCIPAL_AXES, RIDGE = 400, 2.0  # with two images per label, the variance within labels is poorly estimated


class Lite0Grid(nn.Module):
    """Images (B, 3, S, S) in -1..1 to a block's features averaged on a grid, (B, C grid^2)."""

    def __init__(self, config: HashNetConfig, *, pretrained: bool) -> None:
        super().__init__()
        self.trunk = EfficientNetLite0(config.last_block)
        if pretrained:
            self.trunk.load_imagenet()
        self.trunk.fold_batch_norm()
        blocks = [block for block in self.trunk._blocks if isinstance(block, Block)]
        if config.frozen_blocks:
            self.trunk.freeze(config.frozen_blocks)
        for block in blocks:
            block._depthwise_conv.requires_grad_(False)
        self.grid = config.grid
        self.out_dim = self.trunk.channels_out * config.grid**2

    def forward(self, images: Tensor) -> Tensor:
        maps = self.trunk(127.5 * (images + 1))  # (B, C, M, M)
        return grid_means(maps, self.grid)


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
    """Images (B, 3, S, S) in -1..1, from sketches or photos, to real-valued outputs (B, K), float32."""

    def __init__(self, config: HashNetConfig, *, pretrained: bool = False) -> None:
        super().__init__()
        self.features: Lite0Grid | ResNetFeatures = (
            Lite0Grid(config, pretrained=pretrained) if config.backbone == "lite0" else ResNetFeatures()
        )
        self.norm = DomainNorm(self.features.out_dim) if config.domain_norm else None
        self.code = nn.Linear(self.features.out_dim, config.code_length)

    def forward(self, images: Tensor, domain: Domain) -> Tensor:
        return self.outputs(self.features(images), domain)

    def outputs(self, features: Tensor, domain: Domain) -> Tensor:
        """Apply the last layer to features (B, F); returns (B, K)."""
        result: Tensor = self.code(self.standardised(features, domain)).float()
        return result

    def standardised(self, features: Tensor, domain: Domain) -> Tensor:
        """Return features (B, F) of one domain as input of the last layer, float32."""
        features = features.float()
        if self.norm is not None:
            features = self.norm(features, domain)
        return features

    @torch.no_grad()
    def initialise(self, sketches: Tensor, photos: Tensor, labels: Tensor) -> None:
        """Initialise the last layer so that equal labels are close and different ones are separated.

        Call in eval mode. sketches (N, F), photos (M, F): features. labels: int64 (N + M,), the sketches' first.
        The axes are those of Fisher's discriminant within the principal ones, rotated at random, so that all bits are
        equally informative. Each output starts with mean 0 and deviation 1.
        """
        if self.norm is not None:
            for domain, features in (("sketch", sketches), ("photo", photos)):
                norm = self.norm.norms[domain]
                assert isinstance(norm, nn.BatchNorm1d)
                norm.running_var, norm.running_mean = torch.var_mean(features, dim=0)
            sketches, photos = self.norm(sketches, "sketch"), self.norm(photos, "photo")
        both = torch.cat([sketches, photos])
        centre = both.mean(0)
        axes, _ = discriminant_axes(
            both - centre, labels, self.code.out_features, n_principal=PRINCIPAL_AXES, ridge=RIDGE
        )  # (A, F)
        turned = torch.linalg.qr(torch.randn(self.code.out_features, len(axes), device=axes.device))[0] @ axes
        turned /= ((both - centre) @ turned.T).std(0).clamp_min(1e-6)[:, None]
        self.code.weight.copy_(turned)
        self.code.bias.copy_(-(turned @ centre))

    def shortened(self, code_length: int) -> HashNet:
        """Return the same network with only its first `code_length` bits."""
        short = copy.deepcopy(self)
        short.code = nn.Linear(self.code.in_features, code_length)
        with torch.no_grad():
            short.code.weight.copy_(self.code.weight[:code_length])
            short.code.bias.copy_(self.code.bias[:code_length])
        return short
