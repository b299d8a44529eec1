"""CCA-ITQ: canonical components of features and labels, rotated towards binary codes (Gong et al., TPAMI 2013)."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from ml.baselines.hashing.linear import Encode, Floats, linear
from ml.models.itq import itq_rotation

REGULARISATION = 1e-4  # of the mean variance


def fit_cca_itq(features: Floats, labels: NDArray[np.integer], n_bits: int, seed: int) -> Encode:
    """Fit the leading canonical directions of X with the label vectors, each weighted by its correlation as in the paper.

    With label vectors the problem is  S_between w = rho^2 S_total w, solved in one step; scikit-learn's iterative CCA
    finds one component at a time. There are at most (classes - 1) correlated directions; all further bits are constant.
    Shapes as in `ml.baselines.hashing.hashers`.
    """
    mean = features.mean(axis=0, dtype=np.float64)
    centred = features - mean
    total = centred.T @ centred / len(features)
    total += REGULARISATION * np.trace(total) / len(total) * np.eye(len(total))
    classes, number = np.unique(labels, return_inverse=True)
    sums = np.zeros((len(classes), features.shape[1]))
    np.add.at(sums, number, centred)
    means = sums / np.sqrt(np.bincount(number))[:, None]
    squared, directions = eigh(means.T @ means / len(features), total)
    n = min(n_bits, len(classes) - 1, len(total))
    weights = np.zeros((len(total), n_bits))
    weights[:, :n] = directions[:, ::-1][:, :n] * np.sqrt(np.clip(squared[::-1][:n], 0, 1))
    return linear(mean, weights @ itq_rotation(centred @ weights, seed))
