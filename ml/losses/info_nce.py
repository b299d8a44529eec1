"""Symmetric in-batch contrastive loss (van den Oord et al. 2018; the symmetric form of Radford et al. 2021)."""

import torch
import torch.nn.functional as F
from torch import Tensor


def info_nce(
    queries: Tensor, gallery: Tensor, *, temperature: float, excluded: Tensor | None = None
) -> Tensor:
    """Return the mean of both directions' cross-entropies, a scalar.

    The true match of each query is the gallery row with the same number; all other rows are negatives. queries, gallery:
    float (B, D), unit length. excluded: bool (B, B), pairs off the diagonal that are not negatives (another view of the
    same product).
    """
    logits = queries @ gallery.T / temperature  # (B, B)
    if excluded is not None:
        logits = logits.masked_fill(excluded, float("-inf"))
    targets = torch.arange(len(queries), device=queries.device)
    return 0.5 * (F.cross_entropy(logits, targets) + F.cross_entropy(logits.T, targets))
