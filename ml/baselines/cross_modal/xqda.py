"""Cross-view quadratic discriminant analysis: a subspace and a metric from differences within and between categories.

Source: Liao, Hu, Zhu, Li, "Person Re-identification by Local Maximal Occurrence Representation and Metric Learning", CVPR
2015. With the covariances S_I and S_E of the differences x - y of sketches and photos of the same category and of others,

    S_E w = lambda S_I w          the subspace: the largest lambda, those above 1 only
    M = (W^T S_I W)^-1 - (W^T S_E W)^-1
    d(x, y) = (x - y)^T W M W^T (x - y)

The covariances follow from sums by category, without forming the differences. `ridge` is the paper's regulariser of S_I.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh

from ml.baselines.cross_modal.views import Doubles, Labels, Matcher, TwoViews
from ml.baselines.hashing.linear import Floats
from ml.errors import ConfigError


def fit_xqda(views: TwoViews, n_dimensions: int, seed: int) -> Matcher:
    """Fit subspace and metric. Raises ConfigError if sketches and photos have different features."""
    if views.sketches.shape[1] != views.photos.shape[1]:
        raise ConfigError("features", "XQDA subtracts photos from sketches, so both need the same features")
    within, between = difference_covariances(views)
    within[np.diag_indices_from(within)] += views.ridge * np.trace(within) / len(within) + 1e-12
    n = len(within)
    values, directions = eigh(between, within, subset_by_index=[max(0, n - n_dimensions), n - 1])
    kept = values > 1
    kept[-1] = True
    W = directions[:, kept]
    metric = np.linalg.inv(W.T @ within @ W) - np.linalg.inv(W.T @ between @ W)
    sketch_mean, photo_mean = views.sketches.mean(axis=0), views.photos.mean(axis=0)

    def distances(sketches: Floats, photos: Floats) -> Floats:
        queries, gallery = (sketches - sketch_mean) @ W, (photos - photo_mean) @ W
        return quadratic_distances(queries, gallery, metric)

    return distances


def difference_covariances(views: TwoViews) -> tuple[Doubles, Doubles]:
    """Return S_I and S_E (F, F) of differences of centred sketches and photos.

    With m and n the numbers of sketches and photos in an item's category in the other modality, the sum of
    (x - y)(x - y)^T over pairs of one category is  sum n x x^T + sum m y y^T - sum_c (s_c r_c^T + r_c s_c^T),  where s_c
    and r_c are the sums of category c. All pairs minus these are the pairs of different categories.
    """
    X, Y = views.centred()
    of_sketches, of_photos = views.class_sums()
    n_of = _members(views.photo_labels, views.sketch_labels)
    m_of = _members(views.sketch_labels, views.photo_labels)
    crossed = of_sketches.T @ of_photos
    same = (X.T * n_of) @ X + (Y.T * m_of) @ Y - crossed - crossed.T
    crossed = np.outer(X.sum(axis=0), Y.sum(axis=0))
    everything = len(Y) * (X.T @ X) + len(X) * (Y.T @ Y) - crossed - crossed.T
    n_same = n_of.sum()
    n_other = len(X) * len(Y) - n_same
    return same / max(n_same, 1), (everything - same) / max(n_other, 1)


def _members(labels: Labels, of: Labels) -> Doubles:
    """Return how many labels (N,) equal each of the others (M,)."""
    known, counts = np.unique(labels, return_counts=True)
    place = np.minimum(np.searchsorted(known, of), len(known) - 1)
    return np.where(known[place] == of, counts[place], 0).astype(np.float64)


def quadratic_distances(queries: Doubles, gallery: Doubles, metric: Doubles) -> Floats:
    """Return (q - g)^T M (q - g) for queries (Q, n) and gallery (G, n), float32 (Q, G)."""
    own = ((queries @ metric) * queries).sum(axis=1)[:, None]
    other = ((gallery @ metric) * gallery).sum(axis=1)
    return np.asarray(own + other - queries @ (metric + metric.T) @ gallery.T, dtype=np.float32)
