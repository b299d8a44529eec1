"""The Fréchet distance of two sets of features, as if each were normally distributed (Heusel et al. 2017, for FID)."""

import torch
from torch import Tensor


def frechet_distance(one: Tensor, other: Tensor) -> float:
    """Return |m - n|^2 + tr(S + T - 2 (S T)^(1/2)), with the means and covariances of features (N, F) and (M, F).

    Few features overestimate it: compare distances of equal N and M only.
    """
    first, second = one.double(), other.double()
    means = (first.mean(0) - second.mean(0)).square().sum()
    s, t = torch.cov(first.T), torch.cov(second.T)
    root = _root(s)
    mixed = torch.linalg.eigvalsh(root @ t @ root).clamp_min(0).sqrt().sum()
    return max(0.0, float(means + s.trace() + t.trace() - 2 * mixed))


def _root(matrix: Tensor) -> Tensor:
    """Return the root of a symmetric positive semi-definite matrix."""
    values, vectors = torch.linalg.eigh(matrix)
    return (vectors * values.clamp_min(0).sqrt()) @ vectors.T
