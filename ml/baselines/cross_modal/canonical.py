"""Pairs of directions in which two modalities agree most, the step that CCA, CVH and SCM share."""

from __future__ import annotations

import numpy as np
from scipy.linalg import cholesky, solve_triangular
from scipy.sparse.linalg import svds

from ml.baselines.cross_modal.views import Doubles

NONE = 1e-9  # of the largest agreement


class Whitening:
    """A coordinate change after which the covariances of both modalities are the identity.

    Cxx (F, F), Cyy (G, G): covariances, positive definite.
    """

    def __init__(self, Cxx: Doubles, Cyy: Doubles) -> None:
        self._x, self._y = cholesky(Cxx), cholesky(Cyy)  # upper: C = R^T R

    def whitened(self, Cxy: Doubles) -> Doubles:
        """Return R_x^-T Cxy R_y^-1 of a matrix (F, G)."""
        left = solve_triangular(self._x, Cxy, trans="T")
        return np.asarray(solve_triangular(self._y, left.T, trans="T").T)

    def whitened_vectors(self, x: Doubles, y: Doubles) -> tuple[Doubles, Doubles]:
        """Return R_x^-T x and R_y^-T y of vectors (F,) and (G,), whose outer product is that of x and y, whitened."""
        return (
            np.asarray(solve_triangular(self._x, x, trans="T")),
            np.asarray(solve_triangular(self._y, y, trans="T")),
        )

    def directions(self, left: Doubles, right: Doubles) -> tuple[Doubles, Doubles]:
        """Return W (F, n) and V (G, n) of whitened directions: W^T Cxx W = left^T left, likewise V."""
        return (
            np.asarray(solve_triangular(self._x, left)),
            np.asarray(solve_triangular(self._y, right)),
        )


def canonical_directions(
    Cxx: Doubles, Cyy: Doubles, Cxy: Doubles, n: int
) -> tuple[Doubles, Doubles, Doubles]:
    """Return W (F, n), V (G, n) and values (n,) that maximise tr(W^T Cxy V) with W^T Cxx W = V^T Cyy V = I.

    They solve  Cxy Cyy^-1 Cyx w = value^2 Cxx w, largest first. Where fewer directions agree at all, the rest are 0.
    """
    whitening = Whitening(Cxx, Cyy)
    left, values, right = np.linalg.svd(whitening.whitened(Cxy), full_matrices=False)
    kept = min(n, int((values > NONE * max(values[0], 1e-300)).sum()))
    W, V = np.zeros((len(Cxx), n)), np.zeros((len(Cyy), n))
    W[:, :kept], V[:, :kept] = whitening.directions(left[:, :kept], right[:kept].T)
    found = np.zeros(n)
    found[:kept] = values[:kept]
    return W, V, found


def leading_pair(matrix: Doubles, rng: np.random.Generator) -> tuple[Doubles, Doubles]:
    """Return the unit vectors (F,) and (G,) of the largest singular value; the first has a positive sum.

    rng: draws the start of the iteration.
    """
    if min(matrix.shape) < 3:  # too small to iterate
        left, _, right = np.linalg.svd(matrix, full_matrices=False)
    else:
        start = rng.standard_normal(min(matrix.shape))
        left, _, right = svds(matrix, k=1, v0=start, tol=1e-10)
    sign = 1.0 if left[:, 0].sum() >= 0 else -1.0
    return sign * left[:, 0], sign * right[0]
