"""Tell a line drawing from a photo of a product."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.sketch.ink import Ink, find_ink
from ml.sketch.thinning import thin

_DARKEST_GROUND = 90.0  # grey levels
_GREATEST_COLOUR = 0.35  # saturation of the ground
_INK = (0.0005, 0.25)  # share of the picture
_EDGE = 5.0  # grey levels per pixel; the edge of a shadow on paper is softer
_LONGEST_EDGES = 1.0  # total length of the ground's edges, in longer sides of the picture
_EDGE_WIDTH_PX = 5.0  # of an edge in the blurred ground
_OTHER_COLOUR, _MOST_OTHER = 0.06, 0.02  # difference in chromaticity, and share of the ground that may differ
_WIDEST = 0.022  # half the width of a line, of the longer side
_THICK_PX = 3.5  # half the width of a line, from which on it may be a rod
_EVEN_WHEN_THIN, _EVEN_WHEN_THICK, _ONE_SHADE = (
    0.4,
    0.6,
    0.8,
)  # depth of the faintest part, relative to the deepest
_FAINTEST = 0.15  # depth of the ink relative to the ground
_MOST_UNEQUAL = 0.35  # difference between the two sides of a line, relative to its depth


def looks_like_sketch(rgb: NDArray[np.uint8]) -> bool:
    """Return whether a picture, uint8 (H, W, 3), is a line drawing rather than a photo of a thing.

    Without its lines, a drawing is an empty ground: of one colour, without edges. Its lines are of even width and depth,
    and the ground is the same on both of their sides. A product on white lacks at least one of these: a seat is an area
    of another colour, and the outline of a white chair separates two shades.
    """
    ink = find_ink(rgb)
    return _is_empty(ink) and _INK[0] < ink.mask.mean() < _INK[1] and _is_drawn(ink)


def _is_empty(ink: Ink) -> bool:
    """Return whether the ground is a light, hardly coloured, evenly coloured area without edges."""
    highest = ink.rgb.max(axis=2).astype(np.float32)
    saturation = (highest - ink.rgb.min(axis=2)) / np.maximum(highest, 1.0)
    if np.median(highest) < _DARKEST_GROUND or np.median(saturation) > _GREATEST_COLOUR:
        return False
    ground = cv2.GaussianBlur(ink.ground, (0, 0), 2).astype(np.float32)
    steps = np.hypot(*(cv2.Sobel(ground, cv2.CV_32F, *order) / 8 for order in ((1, 0), (0, 1)))).max(axis=2)
    if np.count_nonzero(steps > _EDGE) > _LONGEST_EDGES * _EDGE_WIDTH_PX * max(steps.shape):
        return False
    chromaticity = ground / (ground.mean(axis=2, keepdims=True) + 1)
    other = np.abs(chromaticity - np.median(chromaticity, axis=(0, 1))).max(axis=2) > _OTHER_COLOUR
    return bool(other.mean() <= _MOST_OTHER)


def _is_drawn(ink: Ink) -> bool:
    """Return whether the ink is lines of even width and depth with the same ground on both sides."""
    skeleton = thin(ink.mask)
    if not skeleton.any():
        return False
    distance = cv2.distanceTransform(ink.mask.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    half_width = np.asarray(distance[skeleton], dtype=np.float32)
    median, wide, widest = np.percentile(half_width, [50, 90, 99])
    shallow, usual, deep = np.percentile(ink.depth[skeleton], [10, 50, 90])
    # Markers and brushes of programs draw lines as thick as an object's rods, but in one shade.
    is_thick, evenness = median >= _THICK_PX, shallow / max(deep, 1e-6)
    most_varied = 1.6 if not is_thick else 2.2 if usual >= _ONE_SHADE * deep else 1.25
    if wide > _WIDEST * max(skeleton.shape) or wide > most_varied * median + 1 or widest > 4 * median + 2:
        return False
    if evenness < (_EVEN_WHEN_THICK if is_thick else _EVEN_WHEN_THIN):
        return False
    return bool(usual >= _FAINTEST and _difference_of_sides(ink, skeleton, half_width) <= _MOST_UNEQUAL)


def _difference_of_sides(ink: Ink, skeleton: NDArray[np.bool_], half_width: NDArray[np.float32]) -> float:
    """Return how far the two sides of the lines differ, relative to the lines' contrast: the third quartile."""
    normal = _normals(ink.mask)[skeleton]  # (n, 2)
    place = np.argwhere(skeleton)[:, ::-1]
    colours = cv2.GaussianBlur(ink.rgb, (0, 0), 1).astype(np.float32)
    limit = np.array(skeleton.shape[::-1]) - 1
    sides, free = [], np.ones(len(place), dtype=bool)
    for sign in (-1, 1):
        x, y = np.clip((place + sign * (half_width[:, None] + 3) * normal).round().astype(int), 0, limit).T
        sides.append(colours[y, x])
        free &= ~ink.mask[y, x]
    if not free.any():
        return 0.0
    first, second = sides
    contrast = np.abs((first + second) / 2 - colours[skeleton]).max(axis=1)
    return float(np.percentile((np.abs(first - second).max(axis=1) / np.maximum(contrast, 8.0))[free], 75))


def _normals(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return unit vectors (x, y) across the lines of a mask, float32 (H, W, 2), by the structure tensor."""
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 2)
    x, y = (cv2.Sobel(soft, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    xx, yy, xy = (cv2.GaussianBlur(product, (0, 0), 3) for product in (x * x, y * y, x * y))
    angle = 0.5 * np.arctan2(2 * xy, xx - yy)
    return np.stack([np.cos(angle), np.sin(angle)], axis=2)
