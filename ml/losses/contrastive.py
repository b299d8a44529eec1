"""Contrastive loss of pairs (Chopra, Hadsell, LeCun 2005), the pairwise alternative of "Sketch Me That Shoe", Table 2."""

import torch
import torch.nn.functional as F
from torch import Tensor


def contrastive_loss(distances: Tensor, same: Tensor, *, margin: float) -> Tensor:
    """Pulls matching pairs together and pushes others beyond the margin; both kinds weigh the same.

    distances: (M, N) squared distances. same: (M, N) bool, the matching pairs; both kinds must occur. margin: in the
    unit of `distances`. Returns half the mean of D over matching pairs plus half the mean of max(0, margin - D) over the
    others. The hinge on the squared distance keeps a gradient at D = 0, where that of the distance is undefined.
    """
    apart = F.relu(margin - distances[~same])
    return 0.5 * (distances[same].mean() + torch.mean(apart))
