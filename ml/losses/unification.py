"""GDH's unification constraint L_c (ECCV 2018, section 3.3): a photo and its migrated sketch share one code."""

from torch import Tensor


def unification_loss(photo: Tensor, sketch: Tensor) -> Tensor:
    """Return the mean over pairs of ||H(I) - H(G_I(S))||^2, a scalar. photo, sketch: paired outputs (B, K)."""
    return (photo - sketch).square().sum(1).mean()
