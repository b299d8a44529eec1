"""The Fréchet distance of two sets of features, as if each were normally distributed (Heusel et al. 2017, for FID)."""

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.floating]
_Matrix = NDArray[np.float64]


def frechet_distance(one: Features, other: Features) -> float:
    """Return |m - n|^2 + tr(S + T - 2 (S T)^(1/2)), with the means and covariances of features (N, F) and (M, F).

    Few features overestimate it: compare distances of equal N and M only.
    """
    first, second = one.astype(np.float64), other.astype(np.float64)
    means = np.square(first.mean(axis=0) - second.mean(axis=0)).sum()
    s, t = np.cov(first.T), np.cov(second.T)
    root = _root(s)
    mixed = np.sqrt(np.linalg.eigvalsh(root @ t @ root).clip(min=0)).sum()
    return max(0.0, float(means + np.trace(s) + np.trace(t) - 2 * mixed))


def _root(matrix: _Matrix) -> _Matrix:
    """Return the root of a symmetric positive semi-definite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    root: _Matrix = (vectors * np.sqrt(values.clip(min=0))) @ vectors.T
    return root
