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
    """A photo (H, W, 3) framed around its object as each of `views` ("photo", "edge"), (S, S, 3), (S, S).

    The box is `object_box`'s and the edges are `edge_map`'s; their lines, which cost most, are found once.
    """
    lines = edge_pixels(photo)
    box = box_of(lines)
    width_px = max(1.5, LINE_WIDTH * max(photo.shape))
    return [frame(photo if view == "photo" else drawn(lines, width_px), box, spec) for view in views]
