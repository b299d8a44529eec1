"""Features of a Gaussian kernel at sampled training items, on which several methods place their hash functions."""

from __future__ import annotations

import numpy as np
from sklearn.kernel_approximation import Nystroem

from ml.baselines.cross_modal.views import Doubles
from ml.baselines.hashing.linear import Encode, Floats

SAMPLES = 500


class GaussianKernels:
    """Nystroem's features phi of one modality, (M, n), in which phi(x) . phi(y) approximates the kernel.

    The kernel's squared width is the mean squared distance of training items (N, F).
    """

    def __init__(self, features: Floats, seed: int) -> None:
        self._mean = features.mean(axis=0, dtype=np.float64)
        centred = features - self._mean
        squared_width = max(2 * float(np.square(centred).sum(axis=1).mean()), 1e-12)  # over all pairs
        self._kernel = Nystroem(
            gamma=1 / (2 * squared_width), n_components=min(SAMPLES, len(features)), random_state=seed
        ).fit(centred)

    def __call__(self, features: Floats) -> Doubles:
        """Return the features of items (M, F)."""
        return np.asarray(self._kernel.transform(features - self._mean))

    def encode(self, weights: Doubles, constants: Doubles | float = 0.0) -> Encode:
        """Return the map from features (M, F) to logits, float32 (M, K): phi(x) weights + constants."""

        def encode(features: Floats) -> Floats:
            return np.asarray(self(features) @ weights + constants, dtype=np.float32)

        return encode
