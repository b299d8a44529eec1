"""Image entropy of a raster: in SketchMate, a sketch with an extreme entropy within its class is noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def image_entropy(image: NDArray[np.uint8]) -> float:
    """Return the Shannon entropy of an image's grey-level histogram (any shape) as a share of 8 bits, 0..1."""
    counts = np.bincount(image.ravel(), minlength=256)
    share = counts[counts > 0] / image.size
    return float(abs(np.sum(share * np.log2(share)))) / 8


def noise_free(entropies: Sequence[float] | NDArray[np.float64], middle: float = 0.9) -> NDArray[np.bool_]:
    """Return which sketches of one class are in the `middle` share of its entropies, ends included, bool (n,).

    Source: Xu et al., *SketchMate*, CVPR 2018, "Noise removal with image entropy".
    """
    values = np.asarray(entropies, dtype=np.float64)
    low, high = np.quantile(values, [(1 - middle) / 2, (1 + middle) / 2])
    return np.asarray((values >= low) & (values <= high))
