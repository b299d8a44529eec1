"""The photos that a sketch's triplets are made of: its nearest by attributes and deep feature.

Source: *Sketch Me That Shoe*, section 3.2, step 2. Pure: NumPy alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

UNKNOWN = 0.5
"""An attribute that nobody judged: as far from yes as from no, so that it moves no candidate before another."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What the squared distance in attributes and in the deep feature count."""

    attributes: float = 1.0
    feature: float = 1.0

    def __post_init__(self) -> None:
        if min(self.attributes, self.feature) < 0 or self.attributes + self.feature <= 0:
            raise ValueError("weights: both at least 0, and one above")


@dataclass(frozen=True, slots=True)
class Described:
    """Sketches or photos as numbers: attributes (N, A), 0, 1 or UNKNOWN; feature (N, D)."""

    attributes: NDArray[np.float32]
    feature: NDArray[np.float32]


def distances(sketches: Described, photos: Described, weights: Weights) -> NDArray[np.float64]:
    """Euclidean distance of attribute vector and deep feature together, (Q, G)."""
    squared = weights.attributes * _squared(sketches.attributes, photos.attributes)
    squared += weights.feature * _squared(sketches.feature, photos.feature)
    return np.asarray(np.sqrt(np.maximum(squared, 0)))


def nearest(
    distance: NDArray[np.float64],
    *,
    n: int = 10,
    true_photo: NDArray[np.integer] | None = None,
) -> NDArray[np.int64]:
    """The `n` nearest photos of each sketch, nearest first, (Q, min(n, G)); ties by lower row.

    distance: (Q, G). true_photo: (Q,) rows that are forced in, in place of the farthest, where they are not among the
    nearest anyway; -1 where there is none.
    """
    order = np.argsort(distance, axis=1, kind="stable")[:, :n]
    if true_photo is not None:
        missing = (true_photo >= 0) & ~(order == true_photo[:, None]).any(axis=1)
        order[missing, -1] = true_photo[missing]
    return order


def _squared(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float64]:
    """Squared Euclidean distances, (Q, G)."""
    left, right = first.astype(np.float64), second.astype(np.float64)
    return np.asarray((left**2).sum(1)[:, None] + (right**2).sum(1) - 2 * left @ right.T)
