"""Choose the photos for a sketch's triplets: the nearest by attributes and deep feature.

Source: *Sketch Me That Shoe*, section 3.2, step 2. Uses NumPy alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

UNKNOWN = 0.5
"""An attribute without votes: equally far from yes and no, so that it does not affect the order of candidates."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the squared distance in attributes and in the deep feature."""

    attributes: float = 1.0
    feature: float = 1.0

    def __post_init__(self) -> None:
        if min(self.attributes, self.feature) < 0 or self.attributes + self.feature <= 0:
            raise ValueError("weights: both must be at least 0, and one above 0")


@dataclass(frozen=True, slots=True)
class Descriptors:
    """Attributes (N, A), from 0 for no to 1 for yes, and deep feature (N, D) of sketches or photos."""

    attributes: NDArray[np.float32]
    feature: NDArray[np.float32]


def distances(sketches: Descriptors, photos: Descriptors, weights: Weights) -> NDArray[np.float64]:
    """Return the weighted Euclidean distance over attributes and deep feature together, (Q, G)."""
    squared = weights.attributes * _squared(sketches.attributes, photos.attributes)
    squared += weights.feature * _squared(sketches.feature, photos.feature)
    return np.asarray(np.sqrt(np.maximum(squared, 0)))


def nearest(
    distance: NDArray[np.float64],
    *,
    n: int = 10,
    true_photo: NDArray[np.integer] | None = None,
) -> NDArray[np.int64]:
    """Return the `n` nearest photos of each sketch, nearest first, (Q, min(n, G)); ties by lower row.

    distance: (Q, G). true_photo: (Q,) rows that replace the farthest if they are not among the nearest; -1 for none.
    """
    order = np.argsort(distance, axis=1, kind="stable")[:, :n]
    if true_photo is not None:
        missing = (true_photo >= 0) & ~(order == true_photo[:, None]).any(axis=1)
        order[missing, -1] = true_photo[missing]
    return order


def _squared(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return squared Euclidean distances, (Q, G)."""
    left, right = first.astype(np.float64), second.astype(np.float64)
    return np.asarray((left**2).sum(1)[:, None] + (right**2).sum(1) - 2 * left @ right.T)
