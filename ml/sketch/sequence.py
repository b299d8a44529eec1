"""Drawings as point sequences for a stroke branch, without torch, for training and serving.

A drawing is first made compact, as in Google's simplified QuickDraw files and for sketch-rnn (Ha and Eck, 2017): its ink
box is moved to the origin, its longer side is scaled to 255, each stroke is simplified by the Ramer-Douglas-Peucker
algorithm with a tolerance of 2, and coordinates are rounded to integers.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.sketch.formats.stroke3 import to_stroke3
from ml.sketch.strokes import Sketch, sketch_from_xy

SIDE = 255  # of the box that a drawing is scaled to
TOLERANCE = 2.0
STEP_DIM = 4  # dx, dy, pen down, pen lifted after this point


def compact(sketch: Sketch) -> NDArray[np.uint8]:
    """Scale and simplify a sketch, uint8 (n, 3): x and y in 0..255, and 1 on the last point of each stroke."""
    x0, y0, x1, y1 = sketch.ink_box()
    scale = SIDE / max(x1 - x0, y1 - y0, 1e-6)
    rows = []
    for stroke in sketch.strokes:
        xy = (stroke[:, :2] - np.array([x0, y0], np.float32)) * np.float32(scale)
        line = cv2.approxPolyDP(np.ascontiguousarray(xy[:, None]), TOLERANCE, False)[:, 0]
        points = np.zeros((len(line), 3), np.uint8)
        points[:, :2] = np.clip(np.round(line), 0, SIDE)
        points[-1, 2] = 1
        rows.append(points)
    return np.concatenate(rows)


def from_compact(points: NDArray[np.uint8]) -> Sketch:
    """Return the strokes of a compact drawing on a 256 x 256 canvas."""
    ends = np.flatnonzero(points[:, 2])[:-1] + 1
    return sketch_from_xy(np.split(points[:, :2], ends), SIDE + 1, SIDE + 1)


def sequence(sketch: Sketch, max_points: int) -> NDArray[np.float32]:
    """Return (dx, dy, pen down, pen lifted) of the first points of a compact drawing, float32 (n, 4).

    The first offset is zero.
    """
    three = to_stroke3(sketch)[:max_points]
    three[0, :2] = 0
    return np.concatenate([three[:, :2], 1 - three[:, 2:], three[:, 2:]], axis=1)
