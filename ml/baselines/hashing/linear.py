"""Hash functions of the form sgn((x - mean) W), the last step of most shallow hashers."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Encode = Callable[[Floats], Floats]


def linear(mean: NDArray[np.floating], weights: NDArray[np.floating]) -> Encode:
    """Return the map from features (N, F) to logits, float32 (N, K): (x - mean) W, with mean (F,) and W (F, K)."""
    centre, projection = np.asarray(mean, np.float32), np.asarray(weights, np.float32)

    def encode(features: Floats) -> Floats:
        return np.asarray((features - centre) @ projection, dtype=np.float32)

    return encode


def principal_axes(features: Floats, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the n leading axes of centred features as columns (F, n), and their variances (n,), largest first.

    Features with fewer than n dimensions leave the remaining axes zero; their bits are constant.
    """
    covariance = np.atleast_2d(np.cov(features, rowvar=False, dtype=np.float64))
    variances, axes = np.linalg.eigh(covariance)
    order = np.argsort(variances)[::-1][:n]
    kept = np.zeros((len(covariance), n))
    kept[:, : len(order)] = axes[:, order]
    found = np.zeros(n)
    found[: len(order)] = variances[order]
    return kept, found
