"""BatchNorm of an embedding, apart for sketches and photos.

The two domains' features differ in mean and spread even in one shared network; without this a Siamese network first has
to learn that difference away. No scale or shift is learnt: the L2 normalisation after it would undo the one, the other
would bring the difference back. Not in the papers; their profile leaves it out.
"""

from typing import Literal

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
        standardised: Tensor = self.norms[domain](features.float())
        return standardised
