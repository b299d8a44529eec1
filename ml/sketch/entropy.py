"""Image entropy of a raster: SketchMate calls a sketch noisy when its entropy is extreme within its class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def image_entropy(image: NDArray[np.uint8]) -> float:
    """Shannon entropy of the grey-level histogram of an image of any shape, in bits, 0 (one level) to 8."""
    counts = np.bincount(image.ravel(), minlength=256)
    share = counts[counts > 0] / image.size
    return float(abs(np.sum(share * np.log2(share))))


def noise_free(entropies: Sequence[float] | NDArray[np.float64], middle: float = 0.9) -> NDArray[np.bool_]:
    """Which sketches of one class lie in the `middle` share of its entropies, both ends included, (n,).

    Source: Xu et al., *SketchMate*, CVPR 2018, section 3.3.
    """
    values = np.asarray(entropies, dtype=np.float64)
    low, high = np.quantile(values, [(1 - middle) / 2, (1 + middle) / 2])
    return np.asarray((values >= low) & (values <= high))
