"""Supervised discrete hashing: codes from which a linear classifier reads the labels (Shen, Shen, Liu, Shen, CVPR 2015).

    min over B, W, P  ||Y - B W||^2 + lambda ||W||^2 + nu ||B - phi(X) P||^2,   B in {-1, +1}

phi are Gaussian kernels at 1,000 anchors. W and P have closed forms; B is optimised bit by bit (discrete cyclic
coordinate descent).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from ml.baselines.hashing.linear import Encode, Floats

ANCHORS, ITERATIONS, BIT_SWEEPS = 1000, 5, 10
LAMBDA, NU = 1.0, 1e-5
RIDGE = 1e-6


def fit_sdh(features: Floats, labels: NDArray[np.integer], n_bits: int, seed: int) -> Encode:
    """Fit the hash function phi(x) P with the authors' settings; the kernel width is the mean distance to the anchors."""
    rng = np.random.default_rng(seed)
    anchors = features[rng.permutation(len(features))[:ANCHORS]].astype(np.float64)
    width = float(cdist(features[:2000], anchors).mean()) or 1.0

    def kernels(rows: Floats) -> NDArray[np.float64]:
        return np.asarray(np.exp(-cdist(rows, anchors, "sqeuclidean") / (2 * width**2)))

    phi = kernels(features)
    mean = phi.mean(axis=0)
    phi -= mean
    gram = phi.T @ phi
    gram += RIDGE * np.trace(gram) / len(gram) * np.eye(len(gram))
    Y = (labels[:, None] == np.unique(labels)).astype(np.float64)
    B = rng.choice([-1.0, 1.0], (len(features), n_bits))
    P = np.linalg.solve(gram, phi.T @ B)
    for _ in range(ITERATIONS):
        W = np.linalg.solve(B.T @ B + LAMBDA * np.eye(n_bits), B.T @ Y)  # (K, C)
        B = discrete_codes(B, Y @ W.T + NU * (phi @ P), W @ W.T)
        P = np.linalg.solve(gram, phi.T @ B)

    def encode(rows: Floats) -> Floats:
        return np.asarray((kernels(rows) - mean) @ P, dtype=np.float32)

    return encode


def discrete_codes(
    B: NDArray[np.float64], Q: NDArray[np.float64], WW: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return codes (N, K) that minimise ||B W||^2 - 2 tr(B^T Q), updated bit by bit until none changes.

    B: codes to start from (N, K) in -1, +1. Q: (N, K). WW: W W^T (K, K). With the other bits fixed, bit k of all items is
    sgn(q_k - sum over l != k of b_l (W W^T)_lk), -1 where that is 0.
    """
    B = B.copy()
    for _ in range(BIT_SWEEPS):
        before = B.copy()
        for k in range(B.shape[1]):
            others = B @ WW[:, k] - B[:, k] * WW[k, k]
            B[:, k] = np.where(Q[:, k] - others > 0, 1.0, -1.0)
        if np.array_equal(before, B):
            break
    return B
