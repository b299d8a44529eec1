"""Cross-view feature learning: a linear map from sketches to photos that treats related features alike.

Source: Xie, Peng, Xiao, "Cross-View Feature Learning for Scalable Social Image Analysis", AAAI 2014, which maps tags to
visual features:

    min over W  ||Y - X W||^2 + lambda ||W||^2 + gamma tr(W L W^T)

L is the Laplacian of the affinity of visual features (here the positive part of the cosine of two features over photos,
divided by the mean degree); it draws together the weights of features that occur together. W has a closed form in the
eigenvectors of X^T X and L. Predicted photos are compared with photos by cosine.
"""

from __future__ import annotations

import numpy as np

from ml.baselines.cross_modal.views import Doubles, Matcher, TwoViews, cosine_matcher, projections

SMOOTHNESS = 1.0  # gamma / lambda


def fit_cvfl(views: TwoViews, n_dimensions: int, seed: int) -> Matcher:
    """Fit the map on pairs of sketch and photo; the dimensions are those of photos."""
    X, Y = views.pairs()
    ridge = views.ridge * float(np.square(X).sum()) / X.shape[1]
    W = smooth_map(X, Y, feature_laplacian(Y), ridge, SMOOTHNESS * ridge)
    photos = views.photos[views.drawn_from]
    return cosine_matcher(
        projections(views.sketches.mean(axis=0), W, photos.mean(axis=0), np.eye(Y.shape[1]))
    )


def feature_laplacian(Y: Doubles) -> Doubles:
    """Return the Laplacian (G, G) of the affinity of features (n, G)."""
    lengths = np.maximum(np.linalg.norm(Y, axis=0), 1e-12)
    affinity = np.maximum((Y.T @ Y) / np.outer(lengths, lengths), 0)
    np.fill_diagonal(affinity, 0)
    degrees = affinity.sum(axis=1)
    return np.asarray((np.diag(degrees) - affinity) / max(float(degrees.mean()), 1e-12))


def smooth_map(X: Doubles, Y: Doubles, laplacian: Doubles, ridge: float, smoothness: float) -> Doubles:
    """Return the W (F, G) with (X^T X + ridge I) W + smoothness W L = X^T Y."""
    of_x, left = np.linalg.eigh(X.T @ X)
    of_l, right = np.linalg.eigh(laplacian)
    rotated = left.T @ (X.T @ Y) @ right
    system = of_x[:, None] + ridge + smoothness * np.maximum(of_l, 0)
    return np.asarray(left @ (rotated / np.maximum(system, 1e-12)) @ right.T)
