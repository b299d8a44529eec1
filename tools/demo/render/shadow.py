"""The soft contact shadow: the parts of the piece near the floor, seen from above, blurred and placed under it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from .camera import Camera

_MAP = 256
"""Pixels of the square floor map."""
_REACH = 1.6
"""Side of the floor map in sizes of the piece's larger floor side."""
# (part of the piece's size up to which it counts, blur in the same unit, darkness)
_LAYERS = ((0.03, 0.010, 0.34), (0.15, 0.035, 0.22), (2.0, 0.10, 0.20))


def floor_shadow(
    points: NDArray[np.float64], triangles: NDArray[np.int64], camera: Camera, pixels: int
) -> NDArray[np.float32]:
    """Return the light that reaches the floor, 1 = all of it, as seen by the camera: (pixels, pixels)."""
    low, high = points.min(axis=0), points.max(axis=0)
    size = float((high - low).max())
    side = _REACH * size
    centre = (low + high)[[0, 2]] / 2
    plan = (points[:, [0, 2]] - centre) / side + 0.5
    height = (points[triangles, 1].min(axis=1) - low[1]) / size
    light = np.ones((_MAP, _MAP), dtype=np.float32)
    for reach, blur, darkness in _LAYERS:
        below = triangles[height <= reach]
        covered = np.zeros((_MAP, _MAP), dtype=np.uint8)
        if len(below):
            polygons = np.round(plan[below] * _MAP * 16).astype(np.int32)
            for polygon in polygons:
                cv2.fillConvexPoly(covered, polygon, 255, cv2.LINE_8, 4)
                # A leg seen exactly from above may have no area: its rim still touches the floor.
            cv2.polylines(covered, list(polygons), True, 255, 1, cv2.LINE_8, 4)
        soft = cv2.GaussianBlur(covered.astype(np.float32) / 255, (0, 0), blur * size / side * _MAP)
        light *= 1 - darkness * soft
    corners = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]) * side + centre
    floor = np.insert(corners, 1, low[1], axis=1)
    seen = camera.project(floor)[:, :2] * pixels
    source = np.array([(0, 0), (_MAP, 0), (_MAP, _MAP), (0, _MAP)], dtype=np.float32)
    homography = cv2.getPerspectiveTransform(source, seen.astype(np.float32))
    warped = cv2.warpPerspective(light, homography, (pixels, pixels), flags=cv2.INTER_LINEAR, borderValue=1.0)
    return np.asarray(warped, dtype=np.float32)
