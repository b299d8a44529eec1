"""Generated pairs: six categories whose means differ, seen through a different random map in each modality."""

from __future__ import annotations

import numpy as np

from ml.baselines.cross_modal.views import TwoViews


def two_views(n: int, seed: int, *, dim: int = 12, noise: float = 0.5, ridge: float = 0.01) -> TwoViews:
    """Return n sketches, two of each photo; photos differ within their category, too."""
    fixed = np.random.default_rng(5)
    means = 2 * fixed.standard_normal((6, 5))
    maps = fixed.standard_normal((2, 5, dim)) / 2
    rng = np.random.default_rng(seed)
    photo_labels = rng.integers(0, 6, n // 2)
    latent = means[photo_labels] + 0.7 * rng.standard_normal((n // 2, 5))
    drawn_from = np.repeat(np.arange(n // 2), 2)
    sketches = latent[drawn_from] @ maps[0] + noise * rng.standard_normal((n, dim)) + 1
    photos = latent @ maps[1] + noise * rng.standard_normal((n // 2, dim)) - 2
    return TwoViews(
        sketches.astype(np.float32),
        photos.astype(np.float32),
        photo_labels[drawn_from],
        photo_labels,
        drawn_from,
        ridge,
    )
