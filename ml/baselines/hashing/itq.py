"""PCAH and PCA-ITQ: signs of principal components, plain and rotated."""

import numpy as np
from numpy.typing import NDArray

from ml.baselines.hashing.linear import Encode, Floats, linear, principal_axes
from ml.models.itq import itq_rotation


def fit_pcah(features: Floats, labels: NDArray[np.integer], n_bits: int, seed: int) -> Encode:
    """Fit one bit per principal component (Wang, Zhang, Jing, Ma, "AnnoSearch", CVPR 2006)."""
    return linear(features.mean(axis=0), principal_axes(features, n_bits)[0])


def fit_pca_itq(features: Floats, labels: NDArray[np.integer], n_bits: int, seed: int) -> Encode:
    """Fit principal components rotated towards binary codes (Gong, Lazebnik, Gordo, Perronnin, TPAMI 2013)."""
    mean, axes = features.mean(axis=0), principal_axes(features, n_bits)[0]
    return linear(mean, axes @ itq_rotation((features - mean) @ axes, seed))
