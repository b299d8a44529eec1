"""The interface of a ranking system's network to training and scoring."""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn

from ml.models.domain_norm import Domain


class RankingModel(nn.Module):
    """A network that embeds images of two domains, with the squared Euclidean distance unless overridden.

    Images are uint8 (B, S, S), dark on white, or (B, S, S, 3); embeddings are float32 (B, D).
    """

    input_px: int
    feature_dim: int
    photo_kind: Literal["edge", "photo"] = "edge"

    def features(self, images: Tensor, domain: Domain) -> Tensor:
        """Return the input of the classifier in pretraining, (B, F)."""
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

    def groups(self, rate: float) -> list[tuple[list[nn.Parameter], float]]:
        """Return groups of parameters and their learning rates."""
        return [(list(self.parameters()), rate)]

    def freeze(self, convolutions: int) -> None:
        """Freeze the weights and statistics of the first convolutions."""
        if convolutions:
            raise NotImplementedError


def squared_distances(rows: Tensor, columns: Tensor) -> Tensor:
    """Return squared Euclidean distances (M, N) of vectors (M, D) and (N, D)."""
    own = rows.square().sum(1, keepdim=True)
    return (own + columns.square().sum(1) - 2 * rows @ columns.T).clamp_min(0)


def ink(images: Tensor) -> Tensor:
    """Convert uint8 (B, S, S), dark on white, to float (B, 1, S, S) in 0..1, 1 on the lines."""
    return (1 - images.float() / 255)[:, None]


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
