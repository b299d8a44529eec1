"""Centre losses on relaxed codes: SketchMate's with fixed centres (CVPR 2018, Eq. 4) and the original (ECCV 2016)."""

from collections.abc import Iterable

import torch
from torch import Tensor


def sketch_centre_loss(relaxed: Tensor, labels: Tensor, centres: Tensor) -> Tensor:
    """Return the mean over sketches of ||f_n - c_{y_n}||^2, a scalar.

    relaxed: f (B, K). labels: (B,) int64. centres: (L, K), constant.
    """
    return (relaxed - centres.detach()[labels]).square().sum(1).mean()


def class_centres(batches: Iterable[tuple[Tensor, Tensor]], n_categories: int) -> Tensor:
    """Return the mean of f of each class, (L, K); the mean of all for a class without sketches.

    batches: f (B, K) and labels, int64 (B,). Raises ValueError if there are no sketches.
    """
    sums: Tensor | None = None
    counts = torch.zeros(n_categories, 1)
    for relaxed, labels in batches:
        sums = relaxed.new_zeros(n_categories, relaxed.shape[1]) if sums is None else sums
        sums.index_add_(0, labels, relaxed)
        counts += torch.bincount(labels, minlength=n_categories)[:, None]
    if sums is None:
        raise ValueError("no sketches to compute centres from")
    return torch.where(counts > 0, sums / counts.clamp_min(1), sums.sum(0) / counts.sum())


@torch.no_grad()
def follow_centres(centres: Tensor, relaxed: Tensor, labels: Tensor, *, rate: float = 0.5) -> None:
    """Move each centre (L, K) in place towards a batch's members, as in the original centre loss.

    c_j -= rate * sum_{y_n = j} (c_j - f_n) / (1 + number of members)   (Wen et al., ECCV 2016, Eq. 4)
    """
    towards = torch.zeros_like(centres).index_add_(0, labels, centres[labels] - relaxed.to(centres.dtype))
    counts = torch.bincount(labels, minlength=len(centres))[:, None]
    centres -= rate * towards / (1 + counts)
