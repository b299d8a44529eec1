"""Quantisation loss of relaxed hash codes (Liu et al., SketchMate, Eq. 3; GDH, Eq. 5): codes should sit at +-1."""

from torch import Tensor


def quantisation_loss(relaxed: Tensor) -> Tensor:
    """Mean squared distance of relaxed codes (B, K) in [-1, 1] to their signs. Returns a scalar."""
    return (relaxed.abs() - 1.0).square().mean()
