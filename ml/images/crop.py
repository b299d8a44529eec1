"""Locate the product in its photo by edge strength (*Sketch Me That Shoe*, section 5.1)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.images.edges import edge_pixels
from ml.sketch.raster import Box


def object_box(rgb: NDArray[np.uint8]) -> Box:
    """Return (x0, y0, x1, y1) in pixels around the edges of a photo, uint8 (H, W, 3); the whole photo if it has none.

    Pixel i covers [i, i + 1], so the box runs through the centres of the outermost edge pixels.
    """
    return box_of(edge_pixels(rgb))


def box_of(lines: NDArray[np.bool_]) -> Box:
    """Return the box through the centres of the outermost true pixels of `lines` (H, W); the whole image without any."""
    columns, rows = np.flatnonzero(lines.any(axis=0)), np.flatnonzero(lines.any(axis=1))
    if not len(columns):
        return 0.0, 0.0, float(lines.shape[1]), float(lines.shape[0])
    return columns[0] + 0.5, rows[0] + 0.5, columns[-1] + 0.5, rows[-1] + 0.5
