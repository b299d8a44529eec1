"""What a ranking system's network offers to training and scoring."""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn

from ml.models.domain_norm import Domain


class RankingModel(nn.Module):
    """Embeds images of two domains and measures squared Euclidean distances; a subclass may measure otherwise.

    Images are uint8 (B, S, S) dark on white, or (B, S, S, 3); embeddings float32 (B, D).
    """

    input_px: int
    feature_dim: int
    photo_kind: Literal["edge", "photo"] = "edge"

    def features(self, images: Tensor, domain: Domain) -> Tensor:
        """What a classifier reads in pretraining, (B, F)."""
        raise NotImplementedError

    def embed(self, images: Tensor, domain: Domain) -> Tensor:
        """Embeddings of images of one domain."""
        raise NotImplementedError

    def embed_pairs(self, sketches: Tensor, photos: Tensor) -> tuple[Tensor, Tensor]:
        """Embeddings of a training batch of both domains."""
        return self.embed(sketches, "sketch"), self.embed(photos, "photo")

    def distances(self, sketches: Tensor, photos: Tensor) -> Tensor:
        """(M, N) distances of embeddings (M, D) and (N, D)."""
        return squared_distances(sketches, photos)

    def penalty(self) -> Tensor | None:
        """A term to add to every loss, if there is one."""
        return None

    def masks(self, images: Tensor, domain: Domain) -> Tensor | None:
        """Attention (B, h, w), if there is one."""
        return None

    def groups(self, rate: float) -> list[tuple[list[nn.Parameter], float]]:
        """Parameters and their learning rates."""
        return [(list(self.parameters()), rate)]

    def freeze(self, convolutions: int) -> None:
        """Keep the first convolutions' weights and statistics from now on."""
        if convolutions:
            raise NotImplementedError


def squared_distances(rows: Tensor, columns: Tensor) -> Tensor:
    """Squared Euclidean distances (M, N) of vectors (M, D) and (N, D)."""
    own = rows.square().sum(1, keepdim=True)
    return (own + columns.square().sum(1) - 2 * rows @ columns.T).clamp_min(0)


def ink(images: Tensor) -> Tensor:
    """uint8 (B, S, S), dark on white, as float (B, 1, S, S) in 0..1, 1 where the line is."""
    return (1 - images.float() / 255)[:, None]


class Frozen:
    """Layers that neither learn nor track statistics; `apply` again after every switch to training mode."""

    def __init__(self, layers: list[nn.Module]) -> None:
        self._layers = layers
        for layer in layers:
            layer.requires_grad_(False)

    def apply(self) -> None:
        """Hold BatchNorm statistics still."""
        for layer in self._layers:
            layer.eval()
