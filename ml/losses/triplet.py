"""Triplet margin loss ("Sketch Me That Shoe", Eq. 2)."""

import torch.nn.functional as F
from torch import Tensor


def triplet_loss(positive: Tensor, negative: Tensor, *, margin: float, violating: bool = False) -> Tensor:
    """Mean over triplets of max(0, margin + D(s, p+) - D(s, p-)).

    positive, negative: (T,) distances of each anchor to its positive and its negative. violating: divide by the number of
    triplets above 0 instead of T, so that the gradient keeps its size when most triplets are learnt. Returns a scalar, 0
    where there is nothing to average.
    """
    hinge = F.relu(margin + positive - negative)
    n = int((hinge > 0).sum()) if violating else len(hinge)
    return hinge.sum() / max(1, n)
