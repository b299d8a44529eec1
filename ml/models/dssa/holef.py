"""HOLEF, the learned second-order distance of "Deep Spatial-Semantic Attention" (Song et al., ICCV 2017).

    D_W(s, p) = sum_ij W_ij (s_i - p_j)^2

W (D, D) starts at the identity, where D_W is the squared Euclidean distance. The main paper was not available: this is
the form that later work cites. Expanded, with r and c the row and column sums of W,

    D_W(s, p) = r . s^2 + c . p^2 - 2 s . (W p)

so a gallery photo reduces to the vector W p and the number c . p^2, which an inner-product index stores as one row.
"""

import torch
from torch import Tensor, nn


class Holef(nn.Module):
    """Distances between sketch embeddings (M, D) and photo embeddings (N, D), float (M, N); may be negative."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.eye(dim))

    def forward(self, sketches: Tensor, photos: Tensor) -> Tensor:
        own = sketches.square() @ self.weight.sum(1)  # (M,)
        vectors, bias = self.gallery(photos)
        return own[:, None] + bias[None, :] - 2 * sketches @ vectors.T

    def direct(self, sketches: Tensor, photos: Tensor) -> Tensor:
        """Compute the definition term by term, (M, N), with an intermediate (M, N, D, D): for small checks."""
        differences = sketches[:, None, :, None] - photos[None, :, None, :]
        return (self.weight * differences.square()).sum((2, 3))

    def gallery(self, photos: Tensor) -> tuple[Tensor, Tensor]:
        """Return what an index stores of photos (N, D): vectors W p (N, D) and biases c . p^2 (N,).

        A query s ranks the gallery by bias - 2 s . vector, because r . s^2 is the same for every photo.
        """
        return photos @ self.weight.T, photos.square() @ self.weight.sum(0)
