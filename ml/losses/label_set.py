"""Cross-entropy against a set of right labels: a drawn "chair" may be a chair or an armchair in the shop."""

import torch
from torch import Tensor


def label_set_cross_entropy(logits: Tensor, allowed: Tensor) -> Tensor:
    """Return the mean of -log of the total probability of the right labels, a scalar.

    logits: float (B, C). allowed: bool (B, C), at least one true per row. With one label per row this is the ordinary
    cross-entropy.
    """
    right = torch.logsumexp(logits.masked_fill(~allowed, float("-inf")), dim=1)
    return (torch.logsumexp(logits, dim=1) - right).mean()
