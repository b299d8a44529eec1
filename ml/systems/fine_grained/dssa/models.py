"""The two networks of `dssa` as ranking models: Sketch-a-Net with attention, and the hybrid for many categories."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ml.losses.holef_regulariser import holef_regulariser
from ml.models.domain_norm import Domain, DomainNorm
from ml.models.dssa.config import DssaConfig, HybridConfig
from ml.models.dssa.holef import Holef
from ml.models.dssa.hybrid import HYBRID_INPUT_PX, Hybrid
from ml.models.dssa.network import Dssa, fused
from ml.systems.fine_grained.dssa.config import DssaSettings
from ml.systems.fine_grained.model import Frozen, RankingModel, ink, squared_distances


class HolefModel(RankingModel):
    """A ranking model with HOLEF as optional distance and its regulariser as penalty."""

    def __init__(self, dim: int, settings: DssaSettings) -> None:
        super().__init__()
        self.holef = Holef(dim) if settings.holef else None
        self._weight = settings.holef_weight
        self._rate = settings.holef_lr

    def distances(self, sketches: Tensor, photos: Tensor) -> Tensor:
        if self.holef is None:
            return squared_distances(sketches, photos)
        distances: Tensor = self.holef(sketches, photos)
        return distances

    def penalty(self) -> Tensor | None:
        return None if self.holef is None else self._weight * holef_regulariser(self.holef.weight)

    def groups(self, rate: float, pretrained_rate: float) -> list[tuple[list[nn.Parameter], float]]:
        """Return parameters with learning rates; HOLEF's matrix, initialised to the identity, has a separate one."""
        groups = super().groups(rate, pretrained_rate)
        if self.holef is None:
            return groups
        matrix = self.holef.weight
        others = [([one for one in layers if one is not matrix], its_rate) for layers, its_rate in groups]
        return [*others, ([matrix], self._rate)]


class DssaModel(HolefModel):
    """One branch of Table 1, or a pretrained one, shared by sketches and gallery images."""

    def __init__(self, network: DssaConfig, settings: DssaSettings) -> None:
        branch = Dssa(network, frozen_blocks=settings.frozen_blocks)
        super().__init__(branch.output_dim, settings)
        self.branch = branch
        self.photo_kind = settings.gallery
        self.input_px = branch.sizes.input_px
        self.feature_dim = branch.sizes.n_features
        self.normalise_and_project(branch.sizes, network.embedding_dim, domain_norm=settings.domain_norm)
        coarse = settings.domain_norm and network.coarse_fine
        self.coarse_norm = DomainNorm(branch.sizes.n_maps) if coarse else None
        self._frozen = Frozen([])

    def features(self, images: Tensor, domain: Domain) -> Tensor:
        return self.branch.halves(ink(images))[0]

    def embed(self, images: Tensor, domain: Domain) -> Tensor:
        return self._joined(self.branch.halves(ink(images)), domain)

    def embed_pairs(self, sketches: Tensor, photos: Tensor) -> tuple[Tensor, Tensor]:
        if sketches.shape[3:] != photos.shape[3:]:
            return super().embed_pairs(sketches, photos)
        halves = self.branch.halves(ink(torch.cat([sketches, photos])))  # one pass, one BatchNorm of the maps
        n = len(sketches)
        return (
            self._joined(tuple(half[:n] for half in halves), "sketch"),
            self._joined(tuple(half[n:] for half in halves), "photo"),
        )

    def _joined(self, halves: tuple[Tensor, ...], domain: Domain) -> Tensor:
        fine, *coarse = halves
        joined = [self.projected(fine, domain)]
        joined += [
            half.float() if self.coarse_norm is None else self.coarse_norm(half, domain) for half in coarse
        ]
        return fused(tuple(joined), self.branch.config.coarse_weight)

    def masks(self, images: Tensor, domain: Domain) -> Tensor | None:
        return self.branch.mask(ink(images))

    def freeze(self, convolutions: int) -> None:
        self._frozen = Frozen(self.branch.convolutions()[:convolutions])

    def train(self, mode: bool = True) -> DssaModel:
        super().train(mode)
        self._frozen.apply()
        return self


class HybridModel(HolefModel):
    """The hybrid network: photos in colour, sketches as three equal channels; category logits beside the embeddings."""

    input_px = HYBRID_INPUT_PX
    photo_kind = "photo"

    def __init__(self, network: HybridConfig, settings: DssaSettings) -> None:
        net = Hybrid(network)
        super().__init__(net.output_dim, settings)
        self.net = net
        self.feature_dim = net.output_dim

    def embed(self, images: Tensor, domain: Domain) -> Tensor:
        return self.with_logits(images, domain)[0]

    def with_logits(self, images: Tensor, domain: Domain) -> tuple[Tensor, Tensor]:
        """Return embeddings (B, D) and category logits (B, C)."""
        pair: tuple[Tensor, Tensor] = self.net(_three_channels(images), domain)
        return pair

    def masks(self, images: Tensor, domain: Domain) -> Tensor | None:
        return self.net.mask(_three_channels(images), domain)


def _three_channels(images: Tensor) -> Tensor:
    """Convert uint8 (B, S, S) or (B, S, S, 3) to float (B, 3, S, S), 0 on white."""
    return ink(images).expand(-1, 3, -1, -1)
