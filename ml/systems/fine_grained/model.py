"""The interface of a ranking system's network to training and scoring."""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn

from ml.models.branches.network import BranchSizes
from ml.models.branches.projection import Projection
from ml.models.domain_norm import Domain, DomainNorm

Gallery = Literal["edge", "photo"]
PRETRAINED_EPS = 1e-4  # of standardised pretrained features, some of which hardly vary


class RankingModel(nn.Module):
    """A network that embeds images of two domains, with the squared Euclidean distance unless overridden.

    Images are uint8 (B, S, S), dark on white, or (B, S, S, 3); embeddings are float32 (B, D). A pretrained branch has a
    projection from its features to the embedding.
    """

    input_px: int
    feature_dim: int
    photo_kind: Gallery = "edge"

    def __init__(self) -> None:
        super().__init__()
        self.norm: DomainNorm | None = None  # of a branch's features
        self.project: Projection | None = None  # of normalised features to the embedding

    def features(self, images: Tensor, domain: Domain) -> Tensor:
        """Return a branch's features (B, F), which also are the input of the classifier in pretraining."""
        raise NotImplementedError

    def embed(self, images: Tensor, domain: Domain) -> Tensor:
        """Return embeddings (B, D) of images of one domain."""
        raise NotImplementedError

    def embed_pairs(self, sketches: Tensor, photos: Tensor) -> tuple[Tensor, Tensor]:
        """Return embeddings of a training batch of both domains."""
        return self.embed(sketches, "sketch"), self.embed(photos, "photo")

    def distances(self, sketches: Tensor, photos: Tensor) -> Tensor:
        """Return distances (M, N) of embeddings (M, D) and (N, D)."""
        return squared_distances(sketches, photos)

    def penalty(self) -> Tensor | None:
        """Return a term to add to every loss, if there is one."""
        return None

    def masks(self, images: Tensor, domain: Domain) -> Tensor | None:
        """Return attention masks (B, h, w), if there is attention."""
        return None

    def groups(self, rate: float, pretrained_rate: float) -> list[tuple[list[nn.Parameter], float]]:
        """Return groups of parameters and their learning rates; maps of a pretrained branch have a separate one."""
        named = list(self.named_parameters())
        pretrained = [parameter for name, parameter in named if ".trunk." in name]
        return [
            ([parameter for name, parameter in named if ".trunk." not in name], rate),
            (pretrained, pretrained_rate),
        ]

    def normalise_and_project(self, sizes: BranchSizes, embedding_dim: int, *, domain_norm: bool) -> None:
        """Add the layers between a branch's features and the embedding."""
        eps = PRETRAINED_EPS if sizes.projected else 1e-5
        self.norm = DomainNorm(sizes.n_features, eps=eps) if domain_norm else None
        self.project = Projection(sizes.n_features, embedding_dim) if sizes.projected else None

    def projected(self, features: Tensor, domain: Domain) -> Tensor:
        """Return a branch's features (B, F), standardised by their domain and projected, (B, D) float32."""
        standard = features.float() if self.norm is None else self.norm(features, domain)
        return standard if self.project is None else self.project(standard)

    def freeze(self, convolutions: int) -> None:
        """Freeze the weights and statistics of the first convolutions."""
        if convolutions:
            raise NotImplementedError


def squared_distances(rows: Tensor, columns: Tensor) -> Tensor:
    """Return squared Euclidean distances (M, N) of vectors (M, D) and (N, D)."""
    own = rows.square().sum(1, keepdim=True)
    return (own + columns.square().sum(1) - 2 * rows @ columns.T).clamp_min(0)


def ink(images: Tensor) -> Tensor:
    """Convert uint8 (B, S, S) or (B, S, S, 3) to float (B, 1, S, S) or (B, 3, S, S) in 0..1, 0 on white."""
    planes = images[:, None] if images.dim() == 3 else images.permute(0, 3, 1, 2)
    return 1 - planes.float() / 255


class Frozen:
    """Layers that neither learn nor update statistics; call `apply` after every switch to training mode."""

    def __init__(self, layers: list[nn.Module]) -> None:
        self._layers = layers
        for layer in layers:
            layer.requires_grad_(False)

    def apply(self) -> None:
        """Keep BatchNorm statistics fixed."""
        for layer in self._layers:
            layer.eval()
