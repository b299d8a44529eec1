"""Spectral hashing: sine waves along the principal axes, the slowest first (Weiss, Torralba, Fergus, NIPS 2008)."""

import numpy as np
from numpy.typing import NDArray

from ml.baselines.hashing.linear import Encode, Floats, principal_axes


def fit_spectral(features: Floats, labels: NDArray[np.integer], n_bits: int, seed: int) -> Encode:
    """Fit the K smallest analytical eigenfunctions of a uniform distribution on the box of the principal components.

    On an axis with range [a, b] the m-th function is sin(pi / 2 + m pi (x - a) / (b - a)), with an eigenvalue that grows
    as (m / (b - a))^2.
    """
    mean = features.mean(axis=0)
    axes = principal_axes(features, min(n_bits, features.shape[1]))[0]
    projected = (features - mean) @ axes
    low, high = projected.min(axis=0), projected.max(axis=0)
    span = np.maximum(high - low, 1e-9)
    modes = np.arange(1, n_bits + 1)[:, None]
    order = np.argsort((modes / span).ravel(), kind="stable")[:n_bits]
    mode, axis = 1 + order // len(span), order % len(span)

    def encode(rows: Floats) -> Floats:
        position = ((rows - mean) @ axes - low) / span
        return np.asarray(np.sin(np.pi / 2 + np.pi * mode * position[:, axis]), dtype=np.float32)

    return encode
