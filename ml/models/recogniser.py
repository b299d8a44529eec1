"""The network of system `recogniser`: images of sketches to logits of names.

EfficientNet-Lite0 trunk, mean over positions, one hidden layer.
"""

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from ml.models.efficientnet_lite import EfficientNetLite0


@dataclass(frozen=True)
class RecogniserSizes:
    """Sizes of the network."""

    n_names: int
    hidden: int = 1024


class RecogniserNetwork(nn.Module):
    """Images (B, 1, S, S), float32 grey levels 0..255, to logits (B, names), float32."""

    def __init__(self, sizes: RecogniserSizes, dropout: float = 0.0) -> None:
        super().__init__()
        self.sizes = sizes
        self.trunk = EfficientNetLite0(last_block=15)
        self.hidden = nn.Linear(self.trunk.channels_out, sizes.hidden)
        self.dropout = nn.Dropout(dropout)
        self.names = nn.Linear(sizes.hidden, sizes.n_names)

    def forward(self, images: Tensor) -> Tensor:
        maps = self.trunk(images.expand(-1, 3, -1, -1))  # (B, 320, S/32, S/32)
        hidden = F.relu6(self.hidden(maps.mean((2, 3))))
        logits: Tensor = self.names(self.dropout(hidden))
        return logits
