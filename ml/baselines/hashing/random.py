"""Hashers that learn only the mean: LSH, and SKLSH for a Gaussian kernel."""

import numpy as np
from numpy.typing import NDArray
from sklearn.kernel_approximation import RBFSampler

from ml.baselines.hashing.linear import Encode, Floats, linear


def fit_lsh(features: Floats, labels: NDArray[np.integer], n_bits: int, seed: int) -> Encode:
    """Draw random hyperplanes through the mean (Charikar, STOC 2002; Andoni and Indyk, FOCS 2006)."""
    planes = np.random.default_rng(seed).standard_normal((features.shape[1], n_bits))
    return linear(features.mean(axis=0), planes)


def fit_sklsh(features: Floats, labels: NDArray[np.integer], n_bits: int, seed: int) -> Encode:
    """Draw locality-sensitive codes from shift-invariant kernels (Raginsky and Lazebnik, NIPS 2009).

    Bit k is sgn(cos(w_k x + b_k) + t_k), with w_k from the kernel's spectrum (scikit-learn's `RBFSampler`) and t_k
    uniform in [-1, 1]. The kernel width is the mean distance of 2,000 training pairs.
    """
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, len(features), (2, 2000))
    width = float(np.linalg.norm(features[first] - features[second], axis=1).mean()) or 1.0
    sampler = RBFSampler(gamma=1 / (2 * width**2), n_components=n_bits, random_state=seed).fit(features)
    threshold = rng.uniform(-1, 1, n_bits)
    amplitude = np.sqrt(2 / n_bits)  # of the sampler's cosines

    def encode(rows: Floats) -> Floats:
        return np.asarray(sampler.transform(rows) / amplitude + threshold, dtype=np.float32)

    return encode
