"""Semantic factorisation of codes by closed-form steps (Liu et al., *Deep Sketch Hashing*, CVPR 2017; GDH, ECCV 2018).

    min over B, D of  ||B - Y D||^2 + ||D||^2 + alpha ||H - B||^2,   B in {-1, +1}        (GDH, Eqs. 4 and 5)

Y (N, C) describes each item's class by label vectors or word vectors; H (N, K) are the network's outputs. The rows of
several domains are stacked.
"""

import torch
from torch import Tensor


def basis_step(codes: Tensor, classes: Tensor) -> Tensor:
    """Return D = (Y^T Y + I)^-1 Y^T B, (C, K) (GDH, Eq. 9). codes: B (N, K). classes: Y (N, C)."""
    identity = torch.eye(classes.shape[1], dtype=classes.dtype, device=classes.device)
    basis: Tensor = torch.linalg.solve(classes.T @ classes + identity, classes.T @ codes)
    return basis


def code_step(classes: Tensor, basis: Tensor, outputs: Tensor, *, alpha: float) -> Tensor:
    """Return B = sgn(Y D + alpha H), (N, K) in {-1, +1}, with sgn(0) = -1 as in packed codes (GDH, Eqs. 12 and 13).

    classes: Y (N, C). basis: D (C, K). outputs: H (N, K).
    """
    return torch.where(classes @ basis + alpha * outputs > 0, 1.0, -1.0)


def code_regression_loss(outputs: Tensor, codes: Tensor) -> Tensor:
    """Return the mean over items of ||H - B||^2, a scalar, the network's loss for fixed B (GDH, Eq. 5).

    outputs: H (N, K). codes: B (N, K).
    """
    return (outputs - codes).square().sum(1).mean()
