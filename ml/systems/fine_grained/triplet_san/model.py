"""The network of `triplet-san` as a ranking model."""

from __future__ import annotations

from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ml.models.branches.network import Branch
from ml.models.domain_norm import Domain
from ml.models.sketch_a_net import SketchANetConfig
from ml.systems.fine_grained.model import Frozen, RankingModel, ink
from ml.systems.fine_grained.triplet_san.config import TripletSanConfig

RGB = 3


class TripletSan(RankingModel):
    """One branch shared by sketches and gallery images, or with `heterogeneous` one for each."""

    def __init__(self, network: SketchANetConfig, config: TripletSanConfig) -> None:
        super().__init__()
        self.photo_kind = config.gallery
        self.branch = _branch(config, network)
        of_photos = replace(network, channels=RGB) if config.gallery == "photo" else network
        self.photo_branch = _branch(config, of_photos) if config.heterogeneous else None
        self.input_px = self.branch.sizes.input_px
        self.feature_dim = self.branch.sizes.n_features
        self.normalise_and_project(self.branch.sizes, network.embedding_dim, domain_norm=config.domain_norm)
        self._frozen = Frozen([])

    def features(self, images: Tensor, domain: Domain) -> Tensor:
        """Return the branch's features before normalisation, (B, F)."""
        features: Tensor = self._of(domain)(ink(images))
        return features

    def embed(self, images: Tensor, domain: Domain) -> Tensor:
        return self._embedded(self.features(images, domain), domain)

    def embed_pairs(self, sketches: Tensor, photos: Tensor) -> tuple[Tensor, Tensor]:
        if self.photo_branch is not None or sketches.shape[3:] != photos.shape[3:]:
            return super().embed_pairs(sketches, photos)
        joined = self.features(torch.cat([sketches, photos]), "sketch")  # one pass, one BatchNorm of the maps
        n = len(sketches)
        return self._embedded(joined[:n], "sketch"), self._embedded(joined[n:], "photo")

    def freeze(self, convolutions: int) -> None:
        self._frozen = Frozen(self.branch.convolutions()[:convolutions])

    def train(self, mode: bool = True) -> TripletSan:
        super().train(mode)
        self._frozen.apply()
        return self

    def _embedded(self, features: Tensor, domain: Domain) -> Tensor:
        return F.normalize(self.projected(features, domain), dim=1)

    def _of(self, domain: Domain) -> Branch:
        return self.branch if domain == "sketch" or self.photo_branch is None else self.photo_branch


def _branch(config: TripletSanConfig, network: SketchANetConfig) -> Branch:
    return Branch(config.branch, network, lite0_px=config.pretrained_px, frozen_blocks=config.frozen_blocks)
