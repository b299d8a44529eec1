"""Photos and edge maps in the rasteriser's frame, so that a sketch and its photo are aligned."""

from __future__ import annotations

from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.sketch.raster import Box, RasterSpec, framing

_MAX_OVERSAMPLING = 8


def frame(image: NDArray[np.uint8], box: Box, spec: RasterSpec) -> NDArray[np.uint8]:
    """Crop an image, uint8 (H, W[, 3]), to `box` (pixels) and centre it on white in uint8 (size, size[, 3]).

    Margin and squareness are the rasteriser's. Shrinking averages pixels.
    """
    scale_x, scale_y, shift_x, shift_y = framing(box, spec)
    factor = min(_MAX_OVERSAMPLING, max(1, ceil(1 / min(scale_x, scale_y))))
    # OpenCV counts from pixel centres, the framing from pixel borders: they differ by half a pixel.
    matrix = np.array(
        [
            [scale_x * factor, 0.0, (shift_x + scale_x / 2) * factor - 0.5],
            [0.0, scale_y * factor, (shift_y + scale_y / 2) * factor - 0.5],
        ]
    )
    side = spec.size * factor
    white = (255,) * 3
    placed = cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_LINEAR, borderValue=white)
    if factor > 1:
        placed = cv2.resize(placed, (spec.size, spec.size), interpolation=cv2.INTER_AREA)
    return np.asarray(placed, dtype=np.uint8)
