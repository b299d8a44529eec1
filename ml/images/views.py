"""A photo as the encoder's gallery inputs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ml.images.crop import box_of
from ml.images.edges import drawn, edge_pixels, line_width
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
    width_px = line_width(photo)
    return [frame(photo if view == "photo" else drawn(lines, width_px), box, spec) for view in views]


def prepared_images(
    photo: NDArray[np.uint8],
    edges: NDArray[np.uint8],
    box: tuple[float, float, float, float],
    views: Sequence[str],
    spec: RasterSpec,
) -> list[NDArray[np.uint8]]:
    """Return the views of `gallery_images` from edges and box that are known already, without looking for edges again.

    photo: uint8 (H, W, 3), which may be reduced. edges: uint8 (h, w), dark on white. box: x0, y0, x1, y1 in fractions.
    """
    return [_framed(photo if view == "photo" else edges, box, spec) for view in views]


def _framed(
    image: NDArray[np.uint8], box: tuple[float, float, float, float], spec: RasterSpec
) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    x0, y0, x1, y1 = box
    return frame(image, (x0 * width, y0 * height, x1 * width, y1 * height), spec)
