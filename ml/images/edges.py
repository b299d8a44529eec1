"""Edge maps of photos: dark anti-aliased lines on white, like a clean line drawing of the product.

Colour gradients at a fine scale, non-maximum suppression and hysteresis (Canny, 1986); a line is kept if it is long
enough and a coarse scale confirms it. This removes soft shadows, whose gradient is low at the fine scale, and fabric
texture, which is invisible at the coarse scale.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

LINE_WIDTH = 1 / 80  # of the photo's longer side: about the rasteriser's line once the object is framed
_FINE, _COARSE = 1 / 320, 1 / 128  # Gaussian sigmas, of the photo's longer side
_SHORTEST = 1 / 24  # of the longer side; shorter lines are specks
# Value of a gradient of one grey level per pixel: sixteenths of a level, times the sum of Sobel's weights.
_UNIT = 16 * 8


def edge_map(rgb: NDArray[np.uint8], *, line_width_px: float | None = None) -> NDArray[np.uint8]:
    """Return the edges of a photo, uint8 (H, W, 3), as uint8 (H, W): 0 on the lines, 255 elsewhere."""
    return drawn(edge_pixels(rgb), line_width_px or line_width(rgb))


def line_width(rgb: NDArray[np.uint8]) -> float:
    """Return the width in pixels at which the edges of a photo, uint8 (H, W, 3), are drawn."""
    return max(1.5, LINE_WIDTH * float(max(rgb.shape)))


def drawn(lines: NDArray[np.bool_], width_px: float) -> NDArray[np.uint8]:
    """Draw one-pixel lines, bool (H, W), as dark anti-aliased lines of the given width on white, uint8 (H, W)."""
    if not lines.any():
        return np.full(lines.shape, 255, dtype=np.uint8)
    distance = cv2.distanceTransform((~lines).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    # Smooths the steps of the pixel chain.
    distance = cv2.GaussianBlur(distance, (0, 0), max(0.6, width_px / 6))
    grey = np.clip(distance - (width_px / 2 - 0.5), 0, 1) * 255
    return np.asarray(grey.round(), dtype=np.uint8)


def edge_pixels(rgb: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return the one-pixel lines of a photo, uint8 (H, W, 3), as bool (H, W)."""
    height, width = rgb.shape[:2]
    side = max(height, width)
    image = cv2.bilateralFilter(np.ascontiguousarray(rgb), 5, 24, 3)
    fine_x, fine_y = _gradients(image, max(0.8, _FINE * side))
    # The threshold adapts to the photo's contrast: a white chair on white needs a lower one than a black chair.
    low = float(np.clip(0.10 * np.percentile(_strength(fine_x[::2, ::2], fine_y[::2, ::2]), 97), 2.0, 14.0))
    lines = cv2.Canny(fine_x, fine_y, low * _UNIT, 2.2 * low * _UNIT, L2gradient=True) > 0
    half = cv2.resize(image, ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_AREA)
    # Halved, because one pixel of `half` spans two of `image`.
    coarse = _strength(*_gradients(half, max(0.8, _COARSE * side / 2))) / 2
    confirmed = (
        cv2.resize((coarse > 0.35 * low).view(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
    )
    return _long_confirmed(lines, confirmed, int(_SHORTEST * side))


def _gradients(image: NDArray[Any], sigma: float) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """Return gradients along x and y in 1 / _UNIT grey levels per pixel, each int16 (H, W, 3)."""
    smooth = cv2.GaussianBlur(
        np.left_shift(image, 4, dtype=np.int16), (0, 0), sigma, borderType=cv2.BORDER_REPLICATE
    )
    return (
        np.asarray(cv2.Sobel(smooth, cv2.CV_16S, 1, 0, borderType=cv2.BORDER_REPLICATE), dtype=np.int16),
        np.asarray(cv2.Sobel(smooth, cv2.CV_16S, 0, 1, borderType=cv2.BORDER_REPLICATE), dtype=np.int16),
    )


def _strength(x: NDArray[np.int16], y: NDArray[np.int16]) -> NDArray[np.float32]:
    """Return the gradient of the strongest channel in grey levels per pixel, float32 (H, W)."""
    length = cv2.magnitude(x.astype(np.float32), y.astype(np.float32)) / _UNIT
    return np.asarray(length.max(axis=2), dtype=np.float32)


def _long_confirmed(
    lines: NDArray[np.bool_], confirmed: NDArray[np.bool_], shortest_px: int
) -> NDArray[np.bool_]:
    """Keep connected lines that are at least `shortest_px` long and at least half `confirmed`."""
    n, labels, stats, _ = cv2.connectedComponentsWithStats(lines.view(np.uint8), connectivity=8)
    area = stats[:, cv2.CC_STAT_AREA]
    support = np.bincount(labels[lines & confirmed], minlength=n)
    keep = (area >= shortest_px) & (2 * support >= area)
    keep[0] = False
    return np.asarray(keep[labels])
