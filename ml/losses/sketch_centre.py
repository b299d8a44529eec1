"""Centre losses on relaxed codes: SketchMate's with fixed centres (CVPR 2018, Eq. 4) and the common one (ECCV 2016)."""

from collections.abc import Iterable

import torch
from torch import Tensor


def sketch_centre_loss(relaxed: Tensor, labels: Tensor, centres: Tensor) -> Tensor:
    """Mean over sketches of ||f_n - c_{y_n}||^2, a scalar.

    relaxed: f (B, K). labels: (B,) int64. centres: (L, K), constant.
    """
    return (relaxed - centres.detach()[labels]).square().sum(1).mean()


def class_centres(batches: Iterable[tuple[Tensor, Tensor]], n_categories: int) -> Tensor:
    """The mean of f of each class, (L, K); of a class without sketches the mean of all.

    batches: f (B, K) and labels (B,) of any number of sketches, part by part. Raises ValueError where there are none.
    """
    sums: Tensor | None = None
    counts = torch.zeros(n_categories, 1)
    for relaxed, labels in batches:
        sums = relaxed.new_zeros(n_categories, relaxed.shape[1]) if sums is None else sums
        sums.index_add_(0, labels, relaxed)
        counts += torch.bincount(labels, minlength=n_categories)[:, None]
    if sums is None:
        raise ValueError("no sketches to take centres of")
    return torch.where(counts > 0, sums / counts.clamp_min(1), sums.sum(0) / counts.sum())


@torch.no_grad()
def follow_centres(centres: Tensor, relaxed: Tensor, labels: Tensor, *, rate: float = 0.5) -> None:
    """Move each centre (L, K) in place towards a batch's members, as the common centre loss does.

    c_j -= rate * sum_{y_n = j} (c_j - f_n) / (1 + number of members)   (Wen et al., ECCV 2016, Eq. 4)
    """
    towards = torch.zeros_like(centres).index_add_(0, labels, centres[labels] - relaxed.to(centres.dtype))
    counts = torch.bincount(labels, minlength=len(centres))[:, None]
    centres -= rate * towards / (1 + counts)
