"""Canonical correlation analysis: directions in which sketches and their photos correlate most, compared by cosine.

Source: Hotelling, "Relations between Two Sets of Variates", Biometrika 28, 1936; GDH cites Vía, Santamaría, Pérez,
EUSIPCO 2005. scikit-learn's iterative CCA finds one component at a time and has no regulariser, without which any
direction correlates perfectly if pairs are no more than features.
"""

from __future__ import annotations

from ml.baselines.cross_modal.canonical import canonical_directions
from ml.baselines.cross_modal.views import Matcher, TwoViews, cosine_matcher, covariance, projections


def fit_cca(views: TwoViews, n_dimensions: int, seed: int) -> Matcher:
    """Fit the n leading canonical directions on pairs of sketch and photo."""
    X, Y = views.pairs()
    W, V, _ = canonical_directions(
        covariance(X, views.ridge), covariance(Y, views.ridge), X.T @ Y / len(X), n_dimensions
    )
    photos = views.photos[views.drawn_from]
    return cosine_matcher(projections(views.sketches.mean(axis=0), W, photos.mean(axis=0), V))
