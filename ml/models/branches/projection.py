"""A linear layer that starts at the principal axes of its input, so that it keeps the input's similarities."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Projection(nn.Linear):
    """Features (B, F) to (B, D)."""

    @torch.no_grad()
    def initialise(self, standardised: Tensor) -> None:
        """Set the first weights to the principal axes of standardised features (N, F), the others to zero."""
        centred = standardised.float() - standardised.float().mean(0)
        n_axes = min(self.out_features, *centred.shape)
        _, _, axes = torch.linalg.svd(centred, full_matrices=False)
        self.weight.zero_()
        self.weight[:n_axes].copy_(axes[:n_axes])
        if self.bias is not None:
            self.bias.zero_()
