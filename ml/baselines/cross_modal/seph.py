"""Semantics-preserving hashing: codes whose distances reproduce the affinities of labels, learned by each modality.

Source: Lin, Ding, Hu, Wang, "Semantics-Preserving Hashing for Cross-View Retrieval", CVPR 2015.

1. Codes H of the training pairs. P_ij are the affinities of labels (same category: 1, or else 0), divided by their sum;
   Q_ij is proportional to 1 / (1 + ||h_i - h_j||^2 / 4), where the squared distance of codes is four Hamming distances.

       min over H  sum_ij P_ij log(P_ij / Q_ij) + alpha / (n K) || |H| - 1 ||^2

2. Hash functions: for each bit and modality, kernel logistic regression of its sign, with a Gaussian kernel at 500
   samples.

A photo of the gallery has no sketch, so its code is its own modality's, not the paper's combination of both.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from ml.baselines.cross_modal.kernels import GaussianKernels
from ml.baselines.cross_modal.views import Doubles, Encoders, Labels, TwoViews
from ml.baselines.hashing.linear import Encode, Floats

ALPHA = 0.01
REGULARISATION = 0.01  # of w^T K w, against a sum of losses
MOST_PAIRS = 5000  # each step compares all pairs of them
ITERATIONS = 200


def fit_seph(views: TwoViews, n_bits: int, seed: int) -> Encoders:
    """Fit codes of training pairs, then the hash functions of both modalities."""
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.permutation(len(views.sketches))[:MOST_PAIRS])
    H = semantic_codes(affinities(views.sketch_labels[rows]), n_bits, rng)
    bits = H > 0
    return Encoders(
        kernel_logistic(views.sketches[rows], bits, seed),
        kernel_logistic(views.photos[views.drawn_from[rows]], bits, seed),
    )


def affinities(labels: Labels) -> Doubles:
    """Return P (n, n): equal shares of all pairs of one category, 0 elsewhere and on the diagonal."""
    P = (labels[:, None] == labels).astype(np.float64)
    np.fill_diagonal(P, 0)
    return np.asarray(P / max(P.sum(), 1))


def semantic_codes(P: Doubles, n_bits: int, rng: np.random.Generator) -> Doubles:
    """Return H (n, K) that minimises `divergence`; random where no two items are alike, since all codes are as good."""
    start = rng.standard_normal((len(P), n_bits))
    if not P.any():
        return start
    found = minimize(
        lambda h: divergence(h.reshape(start.shape), P),
        0.1 * start.ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": ITERATIONS},
    )
    return np.asarray(found.x.reshape(start.shape))


def divergence(H: Doubles, P: Doubles) -> tuple[float, Doubles]:
    """Return the objective up to the constant sum P log P, and its gradient (n K,)."""
    lengths = np.square(H).sum(axis=1)
    near = 1 / (1 + np.maximum(lengths[:, None] + lengths - 2 * H @ H.T, 0) / 4)
    np.fill_diagonal(near, 0)
    total = near.sum()
    kept = P > 0
    value = float(np.log(total) * P.sum() - (P[kept] * np.log(near[kept])).sum())
    pull = (P - P.sum() * near / total) * near
    gradient = pull.sum(axis=1)[:, None] * H - pull @ H
    gap = np.abs(H) - 1
    value += ALPHA * float(np.square(gap).mean())
    gradient = gradient + 2 * ALPHA * gap * np.sign(H) / H.size
    return value, gradient.ravel()


def kernel_logistic(features: Floats, bits: NDArray[np.bool_], seed: int) -> Encode:
    """Return the log odds of each bit, learned from features (n, F) and bits (n, K).

    In the features of `GaussianKernels` the paper's penalty w^T K w is ||w||^2.
    """
    kernels = GaussianKernels(features, seed)
    phi = kernels(features)
    weights = np.zeros((phi.shape[1], bits.shape[1]))
    constants = np.zeros(bits.shape[1])
    for k in range(bits.shape[1]):
        if bits[:, k].all() or not bits[:, k].any():
            constants[k] = 1.0 if bits[0, k] else -1.0
            continue
        regression = LogisticRegression(
            C=1 / (2 * REGULARISATION), fit_intercept=False, solver="newton-cholesky", max_iter=100
        )
        weights[:, k] = regression.fit(phi, bits[:, k]).coef_[0]
    return kernels.encode(weights, constants)
