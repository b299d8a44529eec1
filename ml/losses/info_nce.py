"""Symmetric in-batch contrastive loss (van den Oord et al. 2018; the symmetric form of Radford et al. 2021)."""

import torch
import torch.nn.functional as F
from torch import Tensor


def info_nce(
    queries: Tensor, gallery: Tensor, *, temperature: float, excluded: Tensor | None = None
) -> Tensor:
    """Each query's true match is the gallery row of the same number; every other row is a negative.

    queries, gallery: (B, D) float, unit length. excluded: (B, B) bool, pairs off the diagonal that are no negatives
    (another view of the same product). Returns a scalar, the mean of both directions' cross-entropies.
    """
    logits = queries @ gallery.T / temperature  # (B, B)
    if excluded is not None:
        logits = logits.masked_fill(excluded, float("-inf"))
    targets = torch.arange(len(queries), device=queries.device)
    return 0.5 * (F.cross_entropy(logits, targets) + F.cross_entropy(logits.T, targets))
