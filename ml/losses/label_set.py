"""Cross-entropy against a set of right labels: a drawn "chair" may be a chair or an armchair of the shop."""

import torch
from torch import Tensor


def label_set_cross_entropy(logits: Tensor, allowed: Tensor) -> Tensor:
    """Mean of -log of the probability that falls on any right label.

    logits: (B, C) float. allowed: (B, C) bool, at least one true a row. Returns a scalar. With one label a row this is
    the ordinary cross-entropy.
    """
    right = torch.logsumexp(logits.masked_fill(~allowed, float("-inf")), dim=1)
    return (torch.logsumexp(logits, dim=1) - right).mean()
