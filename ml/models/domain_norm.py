"""BatchNorm of an embedding, apart for sketches and photos.

The two domains' features differ in mean and spread even in one shared network; without this a Siamese network first has
to learn that difference away. No scale or shift is learnt: the L2 normalisation after it would undo the one, the other
would bring the difference back. Not in the papers; their profile leaves it out.
"""

from typing import Literal

import torch
from torch import Tensor, nn

Domain = Literal["sketch", "photo"]


class DomainNorm(nn.Module):
    """Features (B, D) float of one domain, standardised by that domain's statistics."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.norms = nn.ModuleDict(
            {domain: nn.BatchNorm1d(dim, affine=False) for domain in ("sketch", "photo")}
        )

    def forward(self, features: Tensor, domain: Domain) -> Tensor:
        norm = self.norms[domain]
        assert isinstance(norm, nn.BatchNorm1d)
        if torch.onnx.is_in_onnx_export():  # it takes no BatchNorm of features whose number it lost sight of
            assert norm.running_mean is not None
            assert norm.running_var is not None
            return (features.float() - norm.running_mean) * torch.rsqrt(norm.running_var + norm.eps)
        standardised: Tensor = norm(features.float())
        return standardised
