"""Contrastive loss of pairs (Chopra, Hadsell, LeCun 2005), the pairwise alternative of "Sketch Me That Shoe", Table 2."""

import torch
import torch.nn.functional as F
from torch import Tensor


def contrastive_loss(distances: Tensor, same: Tensor, *, margin: float) -> Tensor:
    """Return the loss that pulls matching pairs together and pushes others beyond the margin, with equal weights.

    distances: (M, N) squared distances D. same: bool (M, N), the matching pairs; both kinds must occur. margin: in the
    unit of `distances`. The loss, a scalar, is half the mean of D over matching pairs plus half the mean of
    max(0, margin - D) over the others. The hinge is on the squared distance, which has a gradient at D = 0.
    """
    apart = F.relu(margin - distances[~same])
    return 0.5 * (distances[same].mean() + torch.mean(apart))
