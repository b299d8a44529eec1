"""The network of `triplet-san` as a ranking model."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ml.models.domain_norm import Domain, DomainNorm
from ml.models.sketch_a_net import INPUT_PX, SketchANet, SketchANetConfig
from ml.systems.fine_grained.model import Frozen, RankingModel, ink


class TripletSan(RankingModel):
    """One Sketch-a-Net shared by sketches and edge maps, or with `heterogeneous` one for each."""

    input_px = INPUT_PX

    def __init__(
        self, network: SketchANetConfig, *, heterogeneous: bool = False, domain_norm: bool = True
    ) -> None:
        super().__init__()
        self.feature_dim = network.embedding_dim
        self.branch = SketchANet(network)
        self.photo_branch = SketchANet(network) if heterogeneous else None
        self.norm = DomainNorm(network.embedding_dim) if domain_norm else None
        self._frozen = Frozen([])

    def features(self, images: Tensor, domain: Domain) -> Tensor:
        """Return FC7 before normalisation, (B, D)."""
        branch = self._branch(domain)
        features: Tensor = branch.head(branch.maps(ink(images)))
        return features

    def embed(self, images: Tensor, domain: Domain) -> Tensor:
        return self._normalised(self.features(images, domain), domain)

    def embed_pairs(self, sketches: Tensor, photos: Tensor) -> tuple[Tensor, Tensor]:
        if self.photo_branch is not None:
            return super().embed_pairs(sketches, photos)
        joined = self.features(torch.cat([sketches, photos]), "sketch")  # one pass, one BatchNorm of the maps
        n = len(sketches)
        return self._normalised(joined[:n], "sketch"), self._normalised(joined[n:], "photo")

    def freeze(self, convolutions: int) -> None:
        self._frozen = Frozen(self.branch.maps.convolutions()[:convolutions])

    def train(self, mode: bool = True) -> TripletSan:
        super().train(mode)
        self._frozen.apply()
        return self

    def _normalised(self, features: Tensor, domain: Domain) -> Tensor:
        standard = features if self.norm is None else self.norm(features, domain)
        return F.normalize(standard.float(), dim=1)

    def _branch(self, domain: Domain) -> SketchANet:
        return self.branch if domain == "sketch" or self.photo_branch is None else self.photo_branch
