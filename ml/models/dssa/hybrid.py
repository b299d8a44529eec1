"""The hybrid Siamese-heterogeneous network for datasets of many categories: Table 2 of DSSA's supplement.

Convolutions and attention are separate for sketches and photos, fully connected layers are shared. Beside the embedding
for HOLEF it returns FC8 for a classification loss. AlexNet-like, with ReLU after every layer except FC8.

Misprints in the table and how they are resolved: conv1 is printed with padding 0, but its 57x57 output requires 4;
conv5 is printed with 384 maps, but pool5 has 256. As printed, FC6 reads pool5, not the attended maps. The mask is
normalised as in the main network.
"""

from typing import Final

from torch import Tensor, nn

from ml.models.domain_norm import Domain
from ml.models.dssa.config import HybridConfig, MaskNorm
from ml.models.dssa.network import SpatialAttention, fused
from ml.models.sketch_a_net import MAPS, conv_layer

HYBRID_INPUT_PX: Final = 227


class HybridBranch(nn.Module):
    """Layers 1-12 of one domain: images (B, 3, 227, 227) to maps (B, 256, 6, 6) and their attended maps."""

    def __init__(self, batch_norm: bool, mask_norm: MaskNorm) -> None:
        super().__init__()
        bias = not batch_norm
        self.maps = nn.Sequential(
            conv_layer(nn.Conv2d(3, 96, 11, 4, padding=4, bias=bias), batch_norm),  # (B, 96, 57, 57)
            nn.MaxPool2d(3, 2),  # (B, 96, 28, 28)
            conv_layer(nn.Conv2d(96, 256, 5, padding=2, bias=bias), batch_norm),  # (B, 256, 28, 28)
            nn.MaxPool2d(3, 2),  # (B, 256, 13, 13)
            conv_layer(nn.Conv2d(256, 384, 3, padding=1, bias=bias), batch_norm),  # (B, 384, 13, 13)
            conv_layer(nn.Conv2d(384, 384, 3, padding=1, bias=bias), batch_norm),  # (B, 384, 13, 13)
            conv_layer(nn.Conv2d(384, MAPS, 3, padding=1, bias=bias), batch_norm),  # (B, 256, 13, 13)
            nn.MaxPool2d(3, 2),  # (B, 256, 6, 6)
        )
        self.attention = SpatialAttention(MAPS, mask_norm, hidden_layers=2)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        maps = self.maps(images)
        return maps, maps + maps * self.attention(maps).to(maps.dtype)


class Hybrid(nn.Module):
    """Images (B, 3, 227, 227) float in 0..1 of one domain to embeddings (B, D or D + 256) and class logits (B, C)."""

    def __init__(self, config: HybridConfig) -> None:
        super().__init__()
        self.config = config
        branches = {
            domain: HybridBranch(config.batch_norm, config.mask_norm) for domain in ("sketch", "photo")
        }
        self.branches = nn.ModuleDict(branches)
        self.head = nn.Sequential(
            nn.Linear(MAPS * 6 * 6, config.hidden_dim),
            nn.ReLU(inplace=True),
            nn.Linear(config.hidden_dim, config.hidden_dim),
            nn.ReLU(inplace=True),
            nn.Linear(config.hidden_dim, config.embedding_dim),
        )
        self.classifier = nn.Linear(config.embedding_dim, config.n_categories)

    @property
    def output_dim(self) -> int:
        """Length of the embedding."""
        return self.config.embedding_dim + MAPS * self.config.coarse_fine

    def forward(self, images: Tensor, domain: Domain) -> tuple[Tensor, Tensor]:
        maps, attended = self.branches[domain](images)
        fc8 = self.head(maps.flatten(1)).float()  # (B, D)
        logits: Tensor = self.classifier(fc8)
        halves = (fc8, attended.float().mean((2, 3))) if self.config.coarse_fine else (fc8,)
        return fused(halves, self.config.coarse_weight), logits

    def mask(self, images: Tensor, domain: Domain) -> Tensor:
        """Return the attention mask, (B, 6, 6)."""
        branch = self.branches[domain]
        assert isinstance(branch, HybridBranch)
        mask: Tensor = branch.attention(branch.maps(images))[:, 0]
        return mask
