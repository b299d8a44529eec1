"""The encoder of system `sketchfind`: one network for sketches, edge maps and photos.

EfficientNet-Lite0 trunk; a 4x4 grid of block-10 features, because the position of a product's parts matters, and the
mean of block-15 features, because categories need context; features standardised per domain; a linear projection of two
parts, each centred per domain and L2-normalised: what training learned, and the principal axes of the grid, which suit
catalogues that it has never seen; a linear hash head on both.
"""

from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ml.models.efficientnet_lite import EfficientNetLite0

DOMAINS: Final = ("sketch", "edge", "photo")
MIDDLE_BLOCK: Final = 10


@dataclass(frozen=True)
class SketchEncoderConfig:
    """Sizes of the encoder. The `grid` cells per side overlap if they do not divide the block-10 map (size / 16).

    layout_dim: how many of the embedding's components, the last ones, are principal axes of the grid. layout_weight:
    their weight in the cosine.
    """

    image_size_px: int = 128
    grid: int = 4
    embedding_dim: int = 256
    code_length: int = 64
    layout_dim: int = 0
    layout_weight: float = 0.7

    @property
    def n_grid_features(self) -> int:
        """The number of features of the grid."""
        return 112 * self.grid**2


class SketchEncoder(nn.Module):
    """Images of any of the three domains to embeddings and hash logits.

    Input: images (B, 3, S, S) float32 grey levels 0..255; domain (B,) int64 index into `DOMAINS`.
    Output: embedding (B, D) float32, unit length; hash_logits (B, K) float32, a bit is its sign (0 counts as 0);
    projection (B, D) float32, the embedding before it is centred on a catalogue and normalised.
    """

    feature_mean: Tensor
    feature_std: Tensor
    centres: Tensor  # (3, D), mean projections of each domain on the training split
    catalogue_centres: Tensor  # (3, D), zero here: an input of the exported network

    def __init__(self, config: SketchEncoderConfig) -> None:
        super().__init__()
        self.config = config
        self.trunk = EfficientNetLite0(last_block=15)
        self.n_features = config.n_grid_features + 320
        self.embed = nn.Linear(self.n_features, config.embedding_dim)
        self.hash = nn.Linear(config.embedding_dim, config.code_length)
        self.register_buffer("feature_mean", torch.zeros(len(DOMAINS), self.n_features))
        self.register_buffer("feature_std", torch.ones(len(DOMAINS), self.n_features))
        for name in ("centres", "catalogue_centres"):
            self.register_buffer(name, torch.zeros(len(DOMAINS), config.embedding_dim))

    def features(self, images: Tensor) -> Tensor:
        """Return pooled trunk features, not standardised, (B, 112 grid^2 + 320)."""
        middle, top = self.trunk.forward_middle_and_top(
            images, MIDDLE_BLOCK
        )  # (B, 112, S/16, S/16), (B, 320, S/32, S/32)
        side, cells = int(middle.shape[-1]), self.config.grid
        stride = side // cells
        grid = F.avg_pool2d(middle, side - (cells - 1) * stride, stride).flatten(1)  # (B, 112 * grid^2)
        return torch.cat([grid, top.mean((2, 3))], dim=1)

    def standardised(self, features: Tensor, domain: Tensor) -> Tensor:
        """Return features (B, F) standardised by the mean and deviation of their domain (B,)."""
        return (features - self.feature_mean[domain]) / self.feature_std[domain]

    def heads(self, standardised: Tensor, domain: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the embedding (B, D), of unit length, hash logits (B, K) and projection (B, D) of standardised features.

        standardised: (B, F). domain: (B,).
        """
        projection = self.embed(standardised) - self.centres[domain]
        embedding = self._normalised(projection - self.catalogue_centres[domain])
        return embedding, self.hash(embedding), projection

    def _normalised(self, centred: Tensor) -> Tensor:
        n_learned = self.config.embedding_dim - self.config.layout_dim
        if n_learned == self.config.embedding_dim:
            return F.normalize(centred, dim=1)
        learned, layout = (
            F.normalize(centred[:, :n_learned], dim=1),
            F.normalize(centred[:, n_learned:], dim=1),
        )
        weight = self.config.layout_weight
        return torch.cat([(1 - weight) ** 0.5 * learned, weight**0.5 * layout], dim=1)

    def forward(self, images: Tensor, domain: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.heads(self.standardised(self.features(images), domain), domain)

    @torch.no_grad()
    def track_statistics(self, features: Tensor, domain: Tensor, momentum: float) -> None:
        """Move each domain's mean and deviation towards those of this batch of features (B, F)."""
        for index in range(len(DOMAINS)):
            rows = features[domain == index].float()
            if len(rows) < 8:
                continue
            std, mean = torch.std_mean(rows, dim=0)
            self.feature_mean[index].lerp_(mean, momentum)
            self.feature_std[index].lerp_(std.clamp_min(1e-2), momentum)

    @torch.no_grad()
    def initialise_embedding(self, standardised: Tensor) -> None:
        """Initialise the embedding with the principal axes of standardised features (N, F), N > D."""
        centred = standardised.float() - standardised.float().mean(0)
        _, _, axes = torch.pca_lowrank(centred, q=self.config.embedding_dim, center=False)
        self.embed.weight.copy_(axes.T)
        self.embed.bias.zero_()
        nn.init.orthogonal_(self.hash.weight)
        nn.init.zeros_(self.hash.bias)
