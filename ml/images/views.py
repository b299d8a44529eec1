"""A photo as the encoder's gallery inputs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ml.images.crop import box_of
from ml.images.edges import LINE_WIDTH, drawn, edge_pixels
from ml.images.transforms import frame
from ml.sketch.raster import RasterSpec


def gallery_images(
    photo: NDArray[np.uint8], views: Sequence[str], spec: RasterSpec
) -> list[NDArray[np.uint8]]:
    """Frame a photo, uint8 (H, W, 3), around its object as each of `views`: "photo" (S, S, 3), "edge" (S, S), uint8.

    The box is that of `object_box` and the edges are those of `edge_map`; the lines, the expensive part, are computed
    once.
    """
    lines = edge_pixels(photo)
    box = box_of(lines)
    width_px = max(1.5, LINE_WIDTH * max(photo.shape))
    return [frame(photo if view == "photo" else drawn(lines, width_px), box, spec) for view in views]
