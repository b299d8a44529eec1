"""The regulariser that keeps HOLEF near the Euclidean distance (Song et al., ICCV 2017)."""

import torch
from torch import Tensor


def holef_regulariser(weight: Tensor) -> Tensor:
    """Return ||W - I||_1 + ||W - I||_F of a matrix (D, D), a scalar: sum of magnitudes plus Frobenius norm."""
    off = weight - torch.eye(len(weight), device=weight.device, dtype=weight.dtype)
    # At W = I the norm has no gradient; torch's subgradient of 0 lets training leave that point.
    frobenius: Tensor = torch.linalg.vector_norm(off)
    return off.abs().sum() + frobenius
