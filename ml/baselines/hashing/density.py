"""Density-sensitive hashing: planes between neighbouring clusters that split the data evenly (Jin, Li, Lin, Cai, 2014).

Source: "Density Sensitive Hashing", IEEE Transactions on Cybernetics 44(8), with its settings: alpha K clusters with
alpha = 1.5, k-means of 3 iterations, r = 3 neighbours.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from ml.baselines.hashing.linear import Encode, Floats

CLUSTERS_PER_BIT, NEIGHBOURS, ITERATIONS = 1.5, 3, 3


def fit_density(features: Floats, labels: NDArray[np.integer], n_bits: int, seed: int) -> Encode:
    """Fit the K planes of largest entropy among the median planes between clusters that are near neighbours.

    The entropy of a plane is that of the shares of data on its two sides. Bits without a plane are constant. Shapes as in
    `ml.baselines.hashing.hashers`.
    """
    n_clusters = min(len(features), max(2, round(CLUSTERS_PER_BIT * n_bits)))
    clusters = KMeans(n_clusters, max_iter=ITERATIONS, n_init=1, random_state=seed).fit(features)
    centres = clusters.cluster_centers_.astype(np.float64)
    apart = ((centres[:, None] - centres) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    nearest = np.zeros(apart.shape, dtype=bool)
    np.put_along_axis(nearest, np.argsort(apart, axis=1)[:, :NEIGHBOURS], True, axis=1)
    first, second = np.nonzero(np.triu(nearest | nearest.T))
    normals = centres[first] - centres[second]  # (P, F)
    offsets = ((centres[first] + centres[second]) / 2 * normals).sum(axis=1)
    share = (features @ normals.T > offsets).mean(axis=0)
    inside = np.clip(share, 1e-12, 1 - 1e-12)
    entropy = -inside * np.log2(inside) - (1 - inside) * np.log2(1 - inside)
    best = np.argsort(-entropy, kind="stable")[:n_bits]
    planes, thresholds = np.zeros((features.shape[1], n_bits), np.float32), np.zeros(n_bits, np.float32)
    planes[:, : len(best)], thresholds[: len(best)] = normals[best].T, offsets[best]

    def encode(rows: Floats) -> Floats:
        return np.asarray(rows @ planes - thresholds, dtype=np.float32)

    return encode
