"""Semantic factorisation of codes by closed-form steps (Liu et al., *Deep Sketch Hashing*, CVPR 2017; GDH, ECCV 2018).

    min over B, D of  ||B - Y D||^2 + ||D||^2 + alpha ||H - B||^2,   B in {-1, +1}        (GDH, Eqs. 4 and 5)

Y (N, C) describes each item's class, by label vectors or by word vectors; H (N, K) are the network's outputs. Several
domains stack their rows.
"""

import torch
from torch import Tensor


def basis_step(codes: Tensor, classes: Tensor) -> Tensor:
    """D = (Y^T Y + I)^-1 Y^T B, (C, K) (GDH, Eq. 9). codes: B (N, K). classes: Y (N, C)."""
    identity = torch.eye(classes.shape[1], dtype=classes.dtype, device=classes.device)
    basis: Tensor = torch.linalg.solve(classes.T @ classes + identity, classes.T @ codes)
    return basis


def code_step(classes: Tensor, basis: Tensor, outputs: Tensor, *, alpha: float) -> Tensor:
    """B = sgn(Y D + alpha H), (N, K) in {-1, +1}, sgn(0) = -1 as in packed codes (GDH, Eqs. 12 and 13)."""
    return torch.where(classes @ basis + alpha * outputs > 0, 1.0, -1.0)


def code_regression_loss(outputs: Tensor, codes: Tensor) -> Tensor:
    """Mean over items of ||H - B||^2, a scalar: what the network learns while B is held (GDH, Eq. 5)."""
    return (outputs - codes).square().sum(1).mean()
