"""Partial least squares regression from sketches to photos, compared with photos by cosine.

Source: Wold's PLS2 from scikit-learn; GDH cites Liu, Ma, Han, Chen, Zheng, "Regularized partial least squares for
multi-label learning", 2018. The predicted photo has as many dimensions as photos have features (GDH, Table 3).
"""

from __future__ import annotations

import numpy as np
from sklearn.cross_decomposition import PLSRegression

from ml.baselines.cross_modal.views import Encoders, Matcher, TwoViews, cosine_matcher
from ml.baselines.hashing.linear import Floats


def fit_plsr(views: TwoViews, n_dimensions: int, seed: int) -> Matcher:
    """Fit the regression with n latent components on pairs of sketch and photo."""
    X, Y = views.pairs()
    n_components = min(n_dimensions, X.shape[1], Y.shape[1], len(X) - 1)
    regression = PLSRegression(n_components, scale=False).fit(X, Y)
    sketch_mean, photo_mean = views.sketches.mean(axis=0), views.photos[views.drawn_from].mean(axis=0)

    def predicted(sketches: Floats) -> Floats:
        return np.asarray(regression.predict(sketches - sketch_mean), dtype=np.float32)

    return cosine_matcher(Encoders(predicted, lambda photos: np.asarray(photos - photo_mean)))
