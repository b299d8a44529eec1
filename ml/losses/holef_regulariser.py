"""What keeps HOLEF's weights near the Euclidean distance (Song et al., ICCV 2017)."""

import torch
from torch import Tensor


def holef_regulariser(weight: Tensor) -> Tensor:
    """||W - I||_1 + ||W - I||_F of a square matrix (D, D): entry-wise sum of magnitudes, and Frobenius norm; a scalar."""
    off = weight - torch.eye(len(weight), device=weight.device, dtype=weight.dtype)
    # At W = I the norm has no gradient; the sub-gradient 0 lets training leave it.
    frobenius: Tensor = torch.linalg.vector_norm(off)
    return off.abs().sum() + frobenius
