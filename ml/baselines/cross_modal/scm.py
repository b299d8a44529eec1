"""Semantic correlation maximisation: codes whose products reproduce the similarity of labels.

Source: Zhang, Li, "Large-Scale Supervised Multimodal Hashing with Semantic Correlation Maximization", AAAI 2014:

    min over W, V  ||sgn(X W) sgn(Y V)^T - K S||^2

with S_ij = 1 if sketch i and photo j have the same category, or else -1. S itself is never formed: X^T S Y follows from
the sums of each category.
"""

from __future__ import annotations

import numpy as np

from ml.baselines.cross_modal.canonical import Whitening, canonical_directions, leading_pair
from ml.baselines.cross_modal.views import Doubles, Encoders, TwoViews, covariance, projections, signs


def fit_scm_orth(views: TwoViews, n_bits: int, seed: int) -> Encoders:
    """Fit SCM-Orth: without signs, and with uncorrelated bits, the best W and V are canonical directions of X^T S Y.

    There are at most (categories - 1) of them; all further bits are constant.
    """
    X, Y = views.centred()
    W, V, _ = canonical_directions(
        covariance(X, views.ridge), covariance(Y, views.ridge), similarity_products(views), n_bits
    )
    return projections(views.sketches.mean(axis=0), W, views.photos.mean(axis=0), V)


def fit_scm_seq(views: TwoViews, n_bits: int, seed: int) -> Encoders:
    """Fit SCM-Seq: bit after bit, on the part of K S that the earlier bits leave, R = K S - sum sgn(X w) sgn(Y v)^T."""
    rng = np.random.default_rng(seed)
    X, Y = views.centred()
    whitening = Whitening(covariance(X, views.ridge), covariance(Y, views.ridge))
    left = n_bits * whitening.whitened(similarity_products(views))
    W, V = np.zeros((X.shape[1], n_bits)), np.zeros((Y.shape[1], n_bits))
    for bit in range(n_bits):
        p, q = leading_pair(left, rng)
        w, v = whitening.directions(p[:, None], q[:, None])
        W[:, bit], V[:, bit] = w[:, 0], v[:, 0]
        done = whitening.whitened_vectors(X.T @ signs(X @ W[:, bit]), Y.T @ signs(Y @ V[:, bit]))
        left -= np.outer(*done)
    return projections(views.sketches.mean(axis=0), W, views.photos.mean(axis=0), V)


def similarity_products(views: TwoViews) -> Doubles:
    """Return X^T S Y, (F, G), of centred features: twice the products of category sums, as S = 2 [same category] - 1."""
    of_sketches, of_photos = views.class_sums()
    return np.asarray(
        2 * of_sketches.T @ of_photos - np.outer(of_sketches.sum(axis=0), of_photos.sum(axis=0))
    )
