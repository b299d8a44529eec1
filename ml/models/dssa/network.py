"""Deep spatial-semantic attention: one branch of Table 1 of the supplement (Song et al., ICCV 2017).

The maps of Sketch-a-Net, or of a pretrained branch, are re-weighted by an attention mask with a shortcut, f + f * mask.
The attended maps pass through FC6 and FC7 and, with coarse-fine fusion (CFF), also by global pooling directly into the
embedding.

Where the sources differ, the mask is a softmax over the 49 places as in the published code; sigmoid is optional. Both
256-D halves are L2-normalised before they are joined (code), which also makes the sum (code) and the average over places
(table) equivalent. `coarse_weight`, 1 in the paper, is the length of the coarse half relative to the fine half.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ml.models.branches.config import FROZEN_BLOCKS
from ml.models.branches.network import Branch
from ml.models.dssa.config import DssaConfig, MaskNorm
from ml.models.sketch_a_net import SketchANetConfig

DEFAULT = DssaConfig()


class SpatialAttention(nn.Module):
    """1x1 convolutions to one score per place, normalised over places: maps (B, C, h, w) to a mask (B, 1, h, w)."""

    def __init__(self, channels: int, mask_norm: MaskNorm, hidden_layers: int = 1) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for _ in range(hidden_layers):
            layers += [nn.Conv2d(channels, channels, 1), nn.ReLU(inplace=True)]
        self.score = nn.Sequential(*layers, nn.Conv2d(channels, 1, 1))
        self.mask_norm = mask_norm

    def forward(self, maps: Tensor) -> Tensor:
        score = self.score(maps).float()  # (B, 1, h, w)
        if self.mask_norm == "sigmoid":
            return torch.sigmoid(score)
        return torch.softmax(score.flatten(2), dim=2).view_as(score)


def fused(halves: tuple[Tensor, ...], coarse_weight: float) -> Tensor:
    """Join the fine half (B, D), scaled to length 1, and the optional coarse half (B, 256), scaled to `coarse_weight`."""
    lengths = (1.0, coarse_weight)
    return torch.cat(
        [F.normalize(half.float(), dim=1) * length for half, length in zip(halves, lengths, strict=False)],
        dim=1,
    )


class Dssa(Branch):
    """Ink (B, 1, 225, 225) in 0..1 to embeddings (B, D), or (B, D + 256) with CFF; other sizes with `branch=lite0`."""

    def __init__(self, config: DssaConfig = DEFAULT, *, frozen_blocks: int = FROZEN_BLOCKS) -> None:
        network = SketchANetConfig(config.embedding_dim, config.batch_norm)
        super().__init__(config.branch, network, lite0_px=config.lite0_px, frozen_blocks=frozen_blocks)
        self.config = config
        self.attention = SpatialAttention(self.sizes.n_maps, config.mask_norm) if config.attention else None

    @property
    def output_dim(self) -> int:
        """Length of the embedding."""
        return self.config.embedding_dim + self.sizes.n_maps * self.config.coarse_fine

    def halves(self, ink: Tensor) -> tuple[Tensor, ...]:
        """Return the head's features (B, F) and, with CFF, the pooled attended maps (B, C), not normalised."""
        attended = self.maps(ink)  # (B, C, h, w)
        if self.attention is not None:
            attended = attended + attended * self.attention(attended).to(attended.dtype)
        fine: Tensor = self.head(attended)
        return (fine, attended.float().mean((2, 3))) if self.config.coarse_fine else (fine,)

    def forward(self, ink: Tensor) -> Tensor:
        return fused(self.halves(ink), self.config.coarse_weight)

    def mask(self, ink: Tensor) -> Tensor | None:
        """Return the attention mask, (B, h, w); None without attention."""
        if self.attention is None:
            return None
        mask: Tensor = self.attention(self.maps(ink))[:, 0]
        return mask
