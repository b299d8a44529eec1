"""The lines of a view: the rim of the piece, depth jumps within it, and the visible edges of its mesh.

Rim and contours come from the depth image, so they are complete however untidy the mesh is; creases, borders and
colour borders come from the mesh, where they are not occluded. `trace.py` turns them into strokes.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from .camera import Camera

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_JUMP = 0.012
"""Depth step that makes a contour, in sizes of the piece."""
_BEHIND = 0.006
"""How far an edge may lie behind the seen surface and still be drawn, in sizes of the piece."""
_CLOSINGS = (5, 11, 17, 25)
"""Widths in pixels up to which gaps in the rim are closed, in turn while it stays lacy."""
_LACE = 14.0
"""A rim longer than this many picture sides is lace."""
_HOLE = 0.003
"""Holes of lace smaller than this share of the picture are filled."""
_CROWD_SIDE = 0.05
"""Side of the neighbourhood that is judged for crowding, as a fraction of the picture."""
_CROWD = 0.24
"""Share of line pixels above which the inner lines of a neighbourhood are left out."""
_APART = 7
"""Pixels within which two lines are the same line seen twice."""


def solid_mask(depth: Floats) -> Bools:
    """Return the mask of the piece as one would outline it, (S, S).

    Gaps narrower than a pencil's point are closed; a lacy rim (foliage, spokes, mesh) is closed further,
    and its small holes are filled.
    """
    solid = np.isfinite(depth).astype(np.uint8)
    reach = _CLOSINGS[-1]
    padded = np.pad(solid, reach)
    closed = padded
    for side in _CLOSINGS:
        closed = _morph(padded, cv2.MORPH_CLOSE, side)
        if side > _CLOSINGS[0]:
            closed = _morph(closed, cv2.MORPH_OPEN, _CLOSINGS[0])
        if int(rim(closed > 0).sum()) <= _LACE * len(solid):
            break
    if side > _CLOSINGS[0]:
        closed = _without_small_holes(closed)
    return np.asarray(closed[reach:-reach, reach:-reach] > 0)


def _without_small_holes(solid: NDArray[np.uint8]) -> NDArray[np.uint8]:
    _, labels, facts, _ = cv2.connectedComponentsWithStats(1 - solid, connectivity=4)
    small = facts[:, cv2.CC_STAT_AREA] < _HOLE * solid.size
    return np.asarray(solid | small[labels], dtype=np.uint8)


def rim(solid: Bools) -> Bools:
    """Return the outermost pixels of the mask (S, S)."""
    inner = cv2.erode(
        solid.astype(np.uint8), np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    return np.asarray(solid & (inner == 0))


def contour_mask(depth: Floats, size: float) -> Bools:
    """Return the near side of every depth jump, (S, S). `size` is the piece's diagonal, metres.

    The inverse depth of a plane is linear in the image, so its second difference is zero on planes however steep.
    """
    finite = np.isfinite(depth)
    nearest = depth[finite].min() if finite.any() else 1.0
    inverse = np.where(finite, 1.0 / np.where(finite, depth, 1.0), 0.0)
    # A step of depth at the piece's distance, expressed in inverse depth.
    threshold = _JUMP * size / nearest**2
    padded = np.pad(inverse, 1)
    centre = padded[1:-1, 1:-1]
    across = 2 * centre - padded[1:-1, :-2] - padded[1:-1, 2:]
    along = 2 * centre - padded[:-2, 1:-1] - padded[2:, 1:-1]
    return np.asarray(finite & (np.maximum(across, along) > threshold))


def crease_mask(
    points: Floats, edges: NDArray[np.int64], camera: Camera, depth: Floats, size: float
) -> Bools:
    """Return pixels (S, S) of the edges (E, 2) that the camera sees."""
    pixels = len(depth)
    mask = np.zeros((pixels, pixels), dtype=bool)
    if not len(edges):
        return mask
    seen = camera.project(points)
    start, end = seen[edges[:, 0]], seen[edges[:, 1]]
    steps = np.maximum(np.ceil(np.abs(end - start)[:, :2].max(axis=1) * pixels * 1.5).astype(np.int64), 1)
    which = np.repeat(np.arange(len(edges)), steps + 1)
    first = np.repeat(np.cumsum(steps + 1) - (steps + 1), steps + 1)
    along = ((np.arange(len(which)) - first) / steps[which])[:, None]
    column, row = ((start[which] * (1 - along) + end[which] * along)[:, :2] * pixels).astype(np.int64).T
    # Inverse depth is linear along a projected edge.
    inverse = (1 / start[which, 2]) * (1 - along[:, 0]) + (1 / end[which, 2]) * along[:, 0]
    inside = (column >= 0) & (column < pixels) & (row >= 0) & (row < pixels)
    column, row, distance = column[inside], row[inside], 1 / inverse[inside]
    # A seen edge lies on the border of its own faces: the farthest surface around decides whether it is
    # covered.
    finite = np.where(np.isfinite(depth), depth, 0.0).astype(np.float32)
    surface = cv2.dilate(finite, np.ones((3, 3), np.uint8))
    visible = distance < surface[row, column] + _BEHIND * size
    mask[row[visible], column[visible]] = True
    return mask


def inner_mask(solid: Bools, contours: Bools, creases: Bools) -> Bools:
    """Return lines within the rim, (S, S), without duplicates and crowded ones.

    A crease beside a contour, and either beside the rim, is the same line seen twice. Crowded lines
    are removed.
    """
    beside = cv2.dilate(rim(solid).astype(np.uint8), _disc(_APART)) > 0
    contours = contours & ~beside
    creases = creases & ~beside & (cv2.dilate(contours.astype(np.uint8), _disc(_APART)) == 0)
    lines = contours | creases
    side = max(int(len(solid) * _CROWD_SIDE), 3)
    crowd = cv2.blur(lines.astype(np.float32), (side, side))
    # Two lines a few pixels apart (the gap between doors) become one thick line before they are thinned.
    thick = cv2.dilate((lines & (crowd < _CROWD)).astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.asarray((_morph(np.asarray(thick, np.uint8), cv2.MORPH_CLOSE, _CLOSINGS[0]) > 0) & solid)


def _morph(mask: NDArray[np.uint8], operation: int, width: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.morphologyEx(mask, operation, _disc(width)), dtype=np.uint8)


def _disc(width: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width)), dtype=np.uint8)
