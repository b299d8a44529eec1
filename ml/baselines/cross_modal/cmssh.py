"""Cross-modality similarity-sensitive hashing: bits boosted on similar and dissimilar pairs.

Source: Bronstein, Bronstein, Michel, Paragios, "Data Fusion through Cross-modality Metric Learning using
Similarity-Sensitive Hashing", CVPR 2010. Bit i is sgn(p^T x + a) of one modality and sgn(q^T y + b) of the other. On
pairs k with labels s_k = +-1 and weights w_k it should maximise

    r = sum_k w_k s_k sgn(p^T x_k + a) sgn(q^T y_k + b)

Without the signs, p and q are the leading singular vectors of C = sum_k w_k s_k x_k y_k^T; a and b then maximise r
itself, one at a time. Pairs on which the bit errs gain weight: w_k <- w_k exp(-s_k h_k g_k), normalised.

Pairs are drawn at random, as many of the same category as of others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from ml.baselines.cross_modal.canonical import leading_pair
from ml.baselines.cross_modal.views import Doubles, Encoders, Labels, TwoViews, signs
from ml.baselines.hashing.linear import Encode, Floats

PAIRS = 20_000  # of each kind, if there are any
OFFSET_STEPS = 3
Rows = NDArray[np.intp]


def fit_cmssh(views: TwoViews, n_bits: int, seed: int) -> Encoders:
    """Fit one pair of planes after the other."""
    rng = np.random.default_rng(seed)
    X, Y = views.centred()
    i, j, s = sampled_pairs(views.sketch_labels, views.photo_labels, rng)
    w = np.full(len(s), 1 / len(s))
    planes, offsets = (np.zeros((X.shape[1], n_bits)), np.zeros((Y.shape[1], n_bits))), np.zeros((2, n_bits))
    for bit in range(n_bits):
        p, q = leading_pair(weighted_products(X, Y, i, j, w * s), rng)
        u, v = (X @ p)[i], (Y @ q)[j]
        a, b = 0.0, 0.0
        for _ in range(OFFSET_STEPS):
            a = best_offset(u, w * s * signs(v + b))
            b = best_offset(v, w * s * signs(u + a))
        w = w * np.exp(-s * signs(u + a) * signs(v + b))
        w /= w.sum()
        planes[0][:, bit], planes[1][:, bit], offsets[:, bit] = p, q, (a, b)
    return Encoders(
        _planes(views.sketches.mean(axis=0), planes[0], offsets[0]),
        _planes(views.photos.mean(axis=0), planes[1], offsets[1]),
    )


def sampled_pairs(
    sketch_labels: Labels, photo_labels: Labels, rng: np.random.Generator
) -> tuple[Rows, Rows, Doubles]:
    """Return rows of sketches and photos (K,), and +1 where their categories agree, or else -1, half of each.

    Pairs may repeat. Without a pair of one kind, all are of the other.
    """
    order = np.argsort(photo_labels, kind="stable")
    first, last = (np.searchsorted(photo_labels[order], sketch_labels, side) for side in ("left", "right"))
    matched = np.flatnonzero(last > first)
    i = rng.choice(matched, PAIRS) if len(matched) else matched
    j = order[rng.integers(first[i], last[i])]
    drawn = rng.integers(0, len(sketch_labels), 4 * PAIRS), rng.integers(0, len(photo_labels), 4 * PAIRS)
    differ = np.flatnonzero(sketch_labels[drawn[0]] != photo_labels[drawn[1]])[:PAIRS]
    rows = np.concatenate([i, drawn[0][differ]]), np.concatenate([j, drawn[1][differ]])
    return *rows, np.repeat([1.0, -1.0], [len(i), len(differ)])


def weighted_products(X: Doubles, Y: Doubles, i: Rows, j: Rows, weights: Doubles) -> Doubles:
    """Return sum_k weights_k x_i(k) y_j(k)^T, (F, G)."""
    return np.asarray(X.T @ (coo_array((weights, (i, j)), (len(X), len(Y))).tocsr() @ Y))


def best_offset(projected: Doubles, wanted: Doubles) -> float:
    """Return the offset a that maximises sum_k wanted_k sgn(projected_k + a); 0 counts as -1. Both are (K,)."""
    order = np.argsort(projected, kind="stable")
    values = projected[order]
    below = np.concatenate([[0.0], np.cumsum(wanted[order])])  # sum of wanted of the first n, which get -1
    gains = wanted.sum() - 2 * below
    gains[1:-1][values[1:] == values[:-1]] = -np.inf  # equal projections stay together
    n = int(gains.argmax())
    if n in (0, len(values)):
        return float(-values[0] + 1) if n == 0 else float(-values[-1] - 1)
    return float(-(values[n - 1] + values[n]) / 2)


def _planes(mean: Floats, planes: Doubles, offsets: Doubles) -> Encode:
    directions, shift = planes.astype(np.float32), offsets.astype(np.float32)

    def encode(features: Floats) -> Floats:
        return np.asarray((features - mean) @ directions + shift, dtype=np.float32)

    return encode
