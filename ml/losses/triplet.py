"""Triplet margin loss ("Sketch Me That Shoe", Eq. 2)."""

import torch.nn.functional as F
from torch import Tensor


def triplet_loss(positive: Tensor, negative: Tensor, *, margin: float, violating: bool = False) -> Tensor:
    """Return the mean over triplets of max(0, margin + D(s, p+) - D(s, p-)), a scalar, 0 if there are none.

    positive, negative: (T,) distances of each anchor to its positive and its negative. violating: divide by the number of
    triplets above 0 instead of T, so that the gradient keeps its size when most triplets are satisfied.
    """
    hinge = F.relu(margin + positive - negative)
    n = int((hinge > 0).sum()) if violating else len(hinge)
    return hinge.sum() / max(1, n)
