"""Quantisation loss of relaxed hash codes (SketchMate, Eq. 3; GDH, Eq. 5), which pulls them towards +-1."""

from torch import Tensor


def quantisation_loss(relaxed: Tensor) -> Tensor:
    """Return the mean squared distance of relaxed codes (B, K) in [-1, 1] to their signs, a scalar."""
    return (relaxed.abs() - 1.0).square().mean()
