"""Cross-view hashing: spectral hashing of objects that are seen in two modalities.

Source: Kumar, Udupa, "Learning Hash Functions for Cross-View Similarity Search", IJCAI 2011. Relaxed, Hamming distances
within and between modalities, weighted by the similarity W of objects, are smallest for the solution of a generalised
eigenproblem. With W = I, where an object is similar to itself alone, it becomes

    X^T Y v = rho X^T X w,   Y^T X w = rho Y^T Y v

whose largest rho give the bits sgn(X w) and sgn(Y v).
"""

from __future__ import annotations

from ml.baselines.cross_modal.canonical import canonical_directions
from ml.baselines.cross_modal.views import Encoders, TwoViews, covariance, projections


def fit_cvh(views: TwoViews, n_bits: int, seed: int) -> Encoders:
    """Fit the directions of the largest rho on pairs of sketch and photo."""
    X, Y = views.pairs()
    W, V, _ = canonical_directions(
        covariance(X, views.ridge), covariance(Y, views.ridge), X.T @ Y / len(X), n_bits
    )
    photos = views.photos[views.drawn_from]
    return projections(views.sketches.mean(axis=0), W, photos.mean(axis=0), V)
