"""BatchNorm of an embedding with separate statistics for sketches and photos.

Features of the two domains differ in mean and spread even in a shared network; without this, a Siamese network first has
to learn to remove that difference. No scale or shift is learned: L2 normalisation would undo the scale, and a shift would
restore the difference. Not in the papers, so their profiles do not use it.
"""

from typing import Literal

import torch
from torch import Tensor, nn

Domain = Literal["sketch", "photo"]


class DomainNorm(nn.Module):
    """Features (B, D) float of one domain, standardised by that domain's statistics."""

    def __init__(self, dim: int, *, eps: float = 1e-5) -> None:
        super().__init__()
        self.norms = nn.ModuleDict(
            {domain: nn.BatchNorm1d(dim, eps=eps, affine=False) for domain in ("sketch", "photo")}
        )

    @torch.no_grad()
    def fit(self, features: Tensor, domain: Domain) -> Tensor:
        """Set a domain's statistics to those of features (N, D). Returns the standardised features."""
        norm = self.norms[domain]
        assert isinstance(norm, nn.BatchNorm1d)
        assert norm.running_mean is not None
        assert norm.running_var is not None
        variance, mean = torch.var_mean(features.float(), dim=0)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        return (features.float() - mean) * torch.rsqrt(variance + norm.eps)

    def forward(self, features: Tensor, domain: Domain) -> Tensor:
        norm = self.norms[domain]
        assert isinstance(norm, nn.BatchNorm1d)
        if torch.onnx.is_in_onnx_export():  # the exporter rejects BatchNorm of an unknown number of features
            assert norm.running_mean is not None
            assert norm.running_var is not None
            return (features.float() - norm.running_mean) * torch.rsqrt(norm.running_var + norm.eps)
        standardised: Tensor = norm(features.float())
        return standardised
