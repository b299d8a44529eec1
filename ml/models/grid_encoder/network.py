"""The encoder of system `sketchfind-pairs`: a grid of middle features, whitened per domain.

EfficientNet-Lite0 up to block 10, its map averaged to a 4x4 grid: position distinguishes two products of one category,
context does not. Each feature is standardised by its mean and deviation over one domain (sketch, edge map, photo) of one
category, scaled by a learned weight and projected; the projection is normalised to unit length.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ml.models.branches.projection import Projection
from ml.models.efficientnet_lite import EfficientNetLite0
from ml.models.grid_encoder.config import GridEncoderConfig
from ml.models.sketch_encoder import DOMAINS

MIN_STD = 1e-2


class GridEncoder(nn.Module):
    """Images of any domain of any of `categories` to embeddings.

    Input: images (B, 3, S, S) float32 grey levels 0..255; group (B,) int64 as `group` numbers it.
    Output: (B, D) float32, unit length.
    """

    feature_mean: Tensor
    feature_std: Tensor

    def __init__(self, config: GridEncoderConfig, categories: Sequence[str]) -> None:
        super().__init__()
        self.config = config
        self.categories = tuple(categories)
        self.trunk = EfficientNetLite0(config.last_block)
        self.n_features = self.trunk.channels_out * config.grid**2
        self.scale = nn.Parameter(torch.ones(self.n_features))
        self.embed = Projection(self.n_features, config.embedding_dim)
        n_groups = (len(self.categories) + 1) * len(DOMAINS)
        self.register_buffer("feature_mean", torch.zeros(n_groups, self.n_features))
        self.register_buffer("feature_std", torch.ones(n_groups, self.n_features))

    def group(self, category: str, domain: str) -> int:
        """Return the row of statistics of a category's domain; all unknown categories share the last three rows."""
        known = category in self.categories
        number = self.categories.index(category) if known else len(self.categories)
        return number * len(DOMAINS) + DOMAINS.index(domain)

    def features(self, images: Tensor) -> Tensor:
        """Return trunk features on the grid, not standardised, (B, C grid^2)."""
        cells = self.trunk(images)  # (B, C, M, M)
        return F.adaptive_avg_pool2d(cells, self.config.grid).flatten(1)

    def standardised(self, features: Tensor, group: Tensor) -> Tensor:
        """Return features (B, F) standardised by the mean and deviation of their group (B,)."""
        return (features - self.feature_mean[group]) / self.feature_std[group]

    def head(self, standardised: Tensor) -> Tensor:
        """Return the embedding (B, D), of unit length, of standardised features (B, F)."""
        return F.normalize(self.embed(standardised * self.scale), dim=1)

    def forward(self, images: Tensor, group: Tensor) -> Tensor:
        return self.head(self.standardised(self.features(images).float(), group))

    @torch.no_grad()
    def track_statistics(self, features: Tensor, group: Tensor, momentum: float) -> None:
        """Move each group's mean and deviation towards those of a batch of features (B, F)."""
        for row in set(group.tolist()):
            rows = features[group == row].float()
            if len(rows) < 8:
                continue
            std, mean = torch.std_mean(rows, dim=0)
            self.feature_mean[row].lerp_(mean, momentum)
            self.feature_std[row].lerp_(std.clamp_min(MIN_STD), momentum)

    @torch.no_grad()
    def pool_unknown(self) -> None:
        """Set the statistics of unknown categories to the mean of the known ones."""
        n = len(DOMAINS)
        for statistic in (self.feature_mean, self.feature_std):
            statistic[-n:] = statistic[:-n].reshape(-1, n, self.n_features).mean(0)

    @torch.no_grad()
    def initialise_embedding(self, standardised: Tensor) -> None:
        """Initialise the projection with the principal axes of standardised features (N, F)."""
        self.embed.initialise(standardised)
